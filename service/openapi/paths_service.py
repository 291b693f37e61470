"""The service's own pages: health, metrics, what is served, and what describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from service.model import StateName
from service.openapi.operation import answer, media, operation
from service.openapi.subject import JSON, Paths, Schema, ref
from service.openapi.tfserving_schemas import TEXT, closed

TAG = "Service"
PAGE = (405, 431, 500)
HTML = "text/html"
PROMETHEUS = "text/plain"
SQUEEZED = {"Content-Encoding": "ContentEncoding"}
TRUTH: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def paths() -> Paths:
    """The paths."""
    live = answer("Alive.", ref("schemas", "Live"))
    known = answer("By name.", ref("schemas", "Models"), SQUEEZED)
    metrics = answer("Prometheus' text format.", {PROMETHEUS: media(TEXT)}, SQUEEZED)
    page = {HTML: media(TEXT)}
    root = {JSON: media(closed({"status": {"type": "string", "const": "alive"}})), **page}
    whole = {"type": "object"}
    return {
        "/livez": _get("livez", "Whether the process answers", live, 503),
        "/healthz": _get("healthz", "The same as /livez", live, 503),
        "/readyz": _get("readyz", "Whether requests are welcome", answer("Welcome.", ref("schemas", "Ready")), 503),
        "/models": _get("models", "Every version and its state", known),
        "/metrics": _get("metrics", "Metrics", metrics),
        "/monitoring/prometheus/metrics": _get("tfserving_metrics", "The same as /metrics", metrics),
        "/openapi.json": _get("openapi", "This document", answer("OpenAPI 3.1.", whole, SQUEEZED)),
        "/docs": _get("docs", "This document as a page", answer("A page.", page)),
        "/": _get("root", "Liveness, or BentoML's page for `Accept: text/html`", answer("Alive.", root)),
        "/docs.json": _get("bentoml_docs", "BentoML's description of the typed APIs", answer("OpenAPI.", whole)),
        "/schema.json": _get("bentoml_schema", "BentoML's schema for its client", answer("The schema.", whole)),
    }


def components() -> dict[str, Schema]:
    """The schemas that these paths refer to."""
    names = {"type": "array", "items": TEXT}
    return {
        "Live": closed({"live": {"type": "boolean", "const": True}}),
        "Ready": closed({"ready": {"type": "boolean", "const": True}, "models": names, "refused": names}),
        "Models": closed({"models": {"type": "array", "items": _version()}, "complaints": names}),
    }


def _get(identity: str, summary: str, good: Mapping[str, Any], *more: int) -> dict[str, Any]:
    return {"get": operation(TAG, identity, summary, {"200": good}, (*PAGE, *more))}


def _version() -> Schema:
    compared = {"type": "object", "additionalProperties": COUNT, "description": "Rows by outcome of the comparison."}
    return closed(
        {
            "name": TEXT,
            "version": {"type": "integer", "minimum": 1},
            "labels": {"type": "array", "items": TEXT},
            "state": {"type": "string", "enum": list(get_args(StateName))},
            "reason": {**TEXT, "description": "Why it waits or was refused; empty if all is well."},
            "default": {**TRUTH, "description": "Whether it answers requests that name no version."},
        },
        {
            "engine": TEXT,
            "device": {"type": "string", "enum": ["CPU", "GPU"]},
            "rows": {**COUNT, "description": "Answered so far."},
            "canary_percent": {"type": "number", "minimum": 0, "maximum": 100},
            "shadow": compared,
        },
    )
