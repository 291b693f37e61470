"""The paths under ``/v2/repository``: what is there; load and unload, where a key is set for them."""

from __future__ import annotations

from typing import Any

from service.openapi.operation import IDENTITY, answer, in_path, media, operation
from service.openapi.paths_openinference import TAG
from service.openapi.subject import JSON, Paths, Schema, ref
from service.openapi.tfserving_schemas import closed

INDEX = (400, 405, 408, 413, 415, 431, 500, 503)
CHANGE = (400, 401, 405, 408, 413, 415, 431, 500, 501, 503)
KEY = "repository_key"
ENCODED = ref("parameters", "ContentEncoding")


def paths(changes: bool) -> Paths:
    """The paths; those that change something only if ``changes``."""
    listed = answer("Every version that is known.", ref("schemas", "V2Index"))
    index = operation(
        TAG,
        "v2_index",
        "States of all versions",
        {"200": listed},
        INDEX,
        given=[IDENTITY, ENCODED],
        body={JSON: media(ref("schemas", "V2IndexRequest"), {"ready": {"ready": True}})},
        required=False,
    )
    found: Paths = {"/v2/repository/index": {"post": index}}
    if changes:
        base = "/v2/repository/models/{model}"
        found[f"{base}/load"] = {"post": _change("load", "Load a model, or look for its new versions", "LoadRequest")}
        found[f"{base}/unload"] = {"post": _change("unload", "Unload a model", "UnloadRequest")}
    return found


def components(changes: bool) -> dict[str, Schema]:
    """The schemas that these paths refer to."""
    if not changes:
        return {}
    dependents = {"type": "boolean", "description": "No model depends on another: it changes nothing."}
    config = {
        "type": "string",
        "contentMediaType": JSON,
        "description": "JSON as text; of it, `version_policy` is followed as Triton has it.",
    }
    return {
        "LoadRequest": _parameters({"config": config}),
        "UnloadRequest": _parameters({"unload_dependents": dependents}),
    }


def security(changes: bool) -> dict[str, Any]:
    """The security schemes that these paths need."""
    scheme = {"type": "http", "scheme": "bearer", "description": "The key of the calls that load and unload."}
    return {KEY: scheme} if changes else {}


def _parameters(properties: dict[str, Schema]) -> Schema:
    return closed({}, {"parameters": closed({}, properties)})


def _change(action: str, summary: str, body: str) -> dict[str, Any]:
    done = answer("Done; the body is empty.")
    name = in_path("model", {"type": "string", "pattern": "^[^/]+$"}, "A model, loaded or stored.")
    whole = operation(
        TAG,
        f"v2_repository_{action}",
        summary,
        {"200": done},
        CHANGE,
        given=[name, IDENTITY, ENCODED],
        body={JSON: media(ref("schemas", body))},
        required=False,
    )
    return {**whole, "security": [{KEY: []}]}
