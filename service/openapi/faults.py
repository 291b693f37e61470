"""The error answers: one schema, and one response a status, drawn from the error tree."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from service.errors import ServiceError, codes
from service.openapi.subject import JSON, Schema, ref

ERROR = "Error"
HEADERS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": "Authenticate"},
    405: {"Allow": "Allow"},
    415: {"Accept-Encoding": "AcceptEncoding"},
    501: {"Accept-Encoding": "AcceptEncoding"},
    503: {"Retry-After": "RetryAfter"},
}
"""What an error answer carries besides, by status: header, and the component that describes it."""


def error() -> Schema:
    """The body of every error answer."""
    return {
        "type": "object",
        "properties": {
            "error": {"type": "string", "description": "What was expected, what came, and where."},
            "code": {"type": "string", "enum": sorted(codes()), "description": "One word that does not change."},
        },
        "required": ["error", "code"],
        "additionalProperties": False,
    }


def responses() -> dict[str, Any]:
    """One response component for every status of the error tree."""
    leaves: dict[int, list[type[ServiceError]]] = defaultdict(list)
    for leaf in _leaves(ServiceError):
        leaves[leaf.status].append(leaf)
    return {_name(status): _response(status, found) for status, found in sorted(leaves.items())}


def faults(statuses: Iterable[int]) -> dict[str, Any]:
    """The error answers of an operation."""
    return {str(status): ref("responses", _name(status)) for status in sorted(set(statuses))}


def _name(status: int) -> str:
    return f"Error{status}"


def _leaves(kind: type[ServiceError], parent: str = "") -> Iterator[type[ServiceError]]:
    """Every kind of fault that has a code word of its own."""
    children = kind.__subclasses__()
    if not children or kind.code not in (parent, ServiceError.code):
        yield kind
    for child in children:
        yield from _leaves(child, kind.code)


def _response(status: int, leaves: list[type[ServiceError]]) -> dict[str, Any]:
    told = [f"* `{leaf.code}`: {inspect.cleandoc(leaf.__doc__ or '').splitlines()[0]}" for leaf in leaves]
    headers = {"X-Request-Id": "RequestId", **HEADERS.get(status, {})}
    return {
        "description": "\n".join(told),
        "headers": {header: ref("headers", component) for header, component in headers.items()},
        "content": {JSON: {"schema": ref("schemas", ERROR)}},
    }
