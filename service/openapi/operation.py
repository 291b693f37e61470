"""One operation, and the parameters and headers that operations share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.configuration import LABEL
from service.openapi.faults import faults
from service.openapi.subject import JSON, Schema, ref

HEADERS: dict[str, Any] = {
    "RequestId": {"description": "The request's own, or one made here.", "schema": {"type": "string"}},
    "ModelVersion": {"description": "The version that answered.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "ContentEncoding": {
        "description": "How a body of a kilobyte or more is compressed, where `Accept-Encoding` allows it.",
        "schema": {"type": "string", "enum": ["gzip", "deflate"]},
    },
    "RetryAfter": {"description": "Seconds until it is worth trying again.", "schema": {"type": "string"}},
    "Allow": {"description": "The methods that the path takes.", "schema": {"type": "string"}},
    "Authenticate": {"description": "How the key is sent.", "schema": {"type": "string", "const": "Bearer"}},
    "AcceptEncoding": {"description": "The content encodings that are read.", "schema": {"type": "string"}},
    "InferenceHeaderContentLength": {
        "description": "Bytes of JSON before the raw tensors.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}


def parameters(request_timeout_ms: int) -> dict[str, Any]:
    """The parameter components."""
    return {
        "RequestId": _header(
            "X-Request-Id",
            {"type": "string"},
            "Comes back with the answer, if it is 1-128 letters, digits and `._:/+=-`; any other is replaced.",
        ),
        "TimeoutMs": _header(
            "X-Request-Timeout-Ms",
            {"type": "integer", "minimum": 1},
            f"Deadline in milliseconds; shortens the service's own of {request_timeout_ms}, never lengthens it.",
        ),
        "ContentEncoding": _header(
            "Content-Encoding",
            {"type": "string", "enum": ["gzip", "deflate"]},
            "How the body is compressed, if it is.",
        ),
        "InferenceHeaderContentLength": _header(
            "Inference-Header-Content-Length",
            LENGTH,
            "Bytes of the JSON in front of raw tensors; 0: the whole body is the one input. Only with raw tensors.",
        ),
    }


LENGTH: Schema = {"type": "integer", "minimum": 0}
IDENTITY = ref("parameters", "RequestId")
CALLED = [IDENTITY, ref("parameters", "TimeoutMs"), ref("parameters", "ContentEncoding")]
"""Parameters of every operation with a body."""


def _header(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": description}


def in_path(name: str, schema: Schema, description: str, example: Any = None) -> dict[str, Any]:
    """A parameter of a templated path."""
    shown = {} if example is None else {"example": example}
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description, **shown}


def model_parameter(names: Sequence[str], example: str) -> dict[str, Any]:
    """The name of a model that is loaded."""
    return in_path("model", {"type": "string", "enum": list(names)}, "A model.", example)


def version_parameter(example: int) -> dict[str, Any]:
    """The number of a version."""
    return in_path("version", {"type": "integer", "format": "int64", "minimum": 1}, "A version that is ready.", example)


def label_parameter() -> dict[str, Any]:
    """A label."""
    return in_path(
        "label", {"type": "string", "pattern": LABEL}, "A label, such as `stable`, of a version that is ready."
    )


def media(schema: Schema, examples: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One media type of a body; examples are plain values by name."""
    shown = {name: {"value": value} for name, value in (examples or {}).items()}
    return {"schema": schema, **({"examples": shown} if shown else {})}


def answer(
    description: str, content: Mapping[str, Any] | Schema | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One response.

    Args:
        description: What it means.
        content: Bodies by media type; a schema alone is that of a JSON body.
        headers: Further headers, as the components that describe them.
    """
    bodies = content if content is None or any("/" in name for name in content) else {JSON: media(dict(content))}
    named = {"X-Request-Id": "RequestId", **(headers or {})}
    return {
        "description": description,
        "headers": {name: ref("headers", component) for name, component in named.items()},
        **({"content": dict(bodies)} if bodies else {}),
    }


def operation(
    tag: str,
    identity: str,
    summary: str,
    answers: Mapping[str, Any],
    statuses: Iterable[int],
    *,
    description: str = "",
    given: Sequence[Any] = (IDENTITY,),
    body: Mapping[str, Any] | None = None,
    required: bool = True,
) -> dict[str, Any]:
    """One method of one path.

    Args:
        tag: Its group.
        identity: Its ``operationId``.
        summary: One line.
        answers: Responses by status.
        statuses: Statuses of its error answers; those in ``answers`` win.
        description: What the summary leaves out.
        given: Parameters.
        body: Request bodies by media type; None: it takes none.
        required: Whether there must be a body.
    """
    whole: dict[str, Any] = {"tags": [tag], "operationId": identity, "summary": summary}
    if description:
        whole["description"] = description
    whole["parameters"] = list(given)
    if body is not None:
        whole["requestBody"] = {"required": required, "content": dict(body)}
    return {**whole, "responses": {**answers, **{s: f for s, f in faults(statuses).items() if s not in answers}}}
