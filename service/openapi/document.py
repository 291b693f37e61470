"""The whole document, in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service import __version__
from service.openapi import paths_openinference, paths_repository, paths_service, paths_tfserving, paths_typed
from service.openapi.faults import ERROR, error, responses
from service.openapi.operation import HEADERS, parameters
from service.openapi.subject import Subject
from service.settings import Settings

ABOUT = """\
Keras models over HTTP, in the dialects of TensorFlow Serving, KServe and Triton. Every call meets the same checks, the
same queue and the same engine, and gives the same bits.

* A model's own paths have its own schemas, and examples from its artifact. They are answered by the version that serves
  requests without a version. Any other version, and a label, is reached by the templated paths; a version of another
  signature has paths of its own as well.
* Every page that is read by GET answers HEAD too.
* `/v1` and `/v2` read a body of any media type as JSON, except CSV and JSON lines at `:predict`.
* Bodies of at most {max_body_bytes} bytes, inflated, and {max_request_rows} rows; CSV and JSON lines have no end.
"""
TAGS = {
    paths_tfserving.TAG: "Predict, classify and regress by rows, columns and records.",
    paths_openinference.TAG: "Tensors by name, as JSON or raw bytes, as Triton and KServe speak it.",
    paths_typed.TAG: "One record a call, for people and for BentoML's client.",
    paths_service.TAG: "Health, metrics and what is served.",
}


def document(subjects: Sequence[Subject], routes: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    """Describe the service.

    Args:
        subjects: The versions that have paths of their own.
        routes: Route of each typed API to the model that it asks.
        settings: Its limits, and whether models may be loaded and unloaded by a call.
    """
    changes = settings.repository_key is not None
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "keras-serve",
            "version": __version__,
            "description": ABOUT.format(**settings.model_dump(include={"max_body_bytes", "max_request_rows"})),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths_tfserving.paths(subjects)
        | paths_openinference.paths(subjects)
        | paths_repository.paths(changes)
        | paths_typed.paths(subjects, routes)
        | paths_service.paths(),
        "components": {
            "schemas": _schemas(subjects, routes, changes),
            "parameters": parameters(settings.request_timeout_ms),
            "headers": HEADERS,
            "responses": responses(),
            "securitySchemes": paths_repository.security(changes),
        },
    }


def _schemas(subjects: Sequence[Subject], routes: Mapping[str, str], changes: bool) -> dict[str, Any]:
    return {
        ERROR: error(),
        **paths_tfserving.components(subjects),
        **paths_openinference.components(subjects),
        **paths_repository.components(changes),
        **paths_typed.components(subjects, routes),
        **paths_service.components(),
    }
