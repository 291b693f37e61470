"""JSON schemas of the pages under ``/v1``."""

from __future__ import annotations

from typing import get_args

from service.model import StateName
from service.openapi.subject import Schema

TEXT: Schema = {"type": "string"}


def components() -> dict[str, Schema]:
    """By component name."""
    return {
        "V1Models": closed({"models": {"type": "array", "items": TEXT}}),
        "V1Status": closed(
            {
                "name": TEXT,
                "ready": {"type": "boolean", "description": "Whether requests are answered, as KServe reads it."},
                "model_version_status": {"type": "array", "items": _state(), "minItems": 1},
            }
        ),
        "V1Metadata": closed(
            {
                "model_spec": closed({"name": TEXT, "signature_name": TEXT, "version": TEXT}),
                "metadata": closed({"signature_def": closed({"signature_def": _signatures()})}),
            }
        ),
    }


def closed(properties: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object of these keys and no others.

    Args:
        properties: Keys that are always there.
        optional: Keys that may be.
    """
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def _state() -> Schema:
    status = closed(
        {
            "error_code": {"type": "string", "enum": ["OK", "FAILED_PRECONDITION"]},
            "error_message": {"type": "string", "description": "Why the version waits or was refused."},
        }
    )
    state = {"type": "string", "enum": list(get_args(StateName))}
    return closed({"version": {"type": "string", "pattern": "^[0-9]+$"}, "state": state, "status": status})


def _signatures() -> Schema:
    dimension = closed({"size": {"type": "string", "pattern": "^(-1|[0-9]+)$"}, "name": TEXT})
    shape = closed({"dim": {"type": "array", "items": dimension}, "unknown_rank": {"type": "boolean"}})
    tensor = closed({"dtype": {"type": "string", "pattern": "^DT_"}, "tensor_shape": shape, "name": TEXT})
    tensors = {"type": "object", "additionalProperties": tensor, "minProperties": 1}
    definition = closed({"inputs": tensors, "outputs": tensors, "method_name": TEXT, "defaults": {"type": "object"}})
    return closed({"serving_default": definition})
