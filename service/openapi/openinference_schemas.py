"""JSON schemas of the pages under ``/v2``."""

from __future__ import annotations

from service.openapi.subject import Schema
from service.openapi.tfserving_schemas import TEXT, closed
from service.signature import DTYPES

TRUTH: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "string", "pattern": "^[0-9]+$"}
STATES = ("READY", "UNAVAILABLE", "LOADING", "UNLOADING", "UNKNOWN")


def components() -> dict[str, Schema]:
    """By component name."""
    return {
        "V2Server": closed({"name": TEXT, "version": TEXT, "extensions": _list(TEXT)}),
        "V2Live": closed({"live": TRUTH}),
        "V2Ready": closed({"ready": TRUTH, "live": TRUTH}),
        "V2Models": closed({"models": _list(TEXT)}),
        "V2ModelReady": closed({"name": TEXT, "ready": TRUTH}),
        "V2Model": _model(),
        "V2Config": _config(),
        "V2Statistics": _statistics(),
        "V2Index": _list(closed({"name": TEXT, "state": _one_of(STATES), "reason": TEXT}, {"version": NUMBER})),
        "V2IndexRequest": {"type": "object", "properties": {"ready": TRUTH}},
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(words: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(words)}


def _model() -> Schema:
    tensor = closed(
        {"name": TEXT, "datatype": _one_of((*DTYPES, "BYTES")), "shape": _list({"type": "integer", "minimum": -1})}
    )
    return closed(
        {"name": TEXT, "versions": _list(NUMBER), "platform": TEXT, "inputs": _list(tensor), "outputs": _list(tensor)},
        {"parameters": {"type": "object", "description": "Engine, device, ranges of the inputs, equal batch sizes."}},
    )


def _config() -> Schema:
    tensor = {
        "type": "object",
        "properties": {"name": TEXT, "data_type": {"type": "string", "pattern": "^TYPE_"}, "dims": _list(COUNT)},
        "required": ["name", "data_type", "dims"],
    }
    return {
        "type": "object",
        "description": "As Triton describes a model; `dims` leave the batch axis out.",
        "properties": {
            "name": TEXT,
            "platform": TEXT,
            "backend": TEXT,
            "max_batch_size": {**COUNT, "description": "Most rows in one request."},
            "input": _list(tensor),
            "output": _list(tensor),
        },
        "required": ["name", "platform", "max_batch_size", "input", "output"],
    }


def _statistics() -> Schema:
    total = closed({"count": COUNT, "ns": COUNT})
    parts = ("compute_input", "compute_infer", "compute_output")
    kinds = ("success", "fail", "queue", *parts, "cache_hit", "cache_miss")
    batch = closed({"batch_size": COUNT, **dict.fromkeys(parts, total)})
    model = closed(
        {
            "name": TEXT,
            "version": NUMBER,
            "last_inference": {**COUNT, "description": "Milliseconds since 1970; 0: never."},
            "inference_count": {**COUNT, "description": "Rows."},
            "execution_count": {**COUNT, "description": "Batches."},
            "inference_stats": closed(dict.fromkeys(kinds, total)),
            "batch_stats": _list(batch),
        },
        {"response_stats": {"type": "object"}, "memory_usage": _list({"type": "object"})},
    )
    return closed({"model_stats": _list(model)})
