"""One call of inference between its bytes: from body to request, from outputs to answer; the same on every path."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from service.errors import MalformedRequest
from service.protocols import openinference, tfserving, tfserving_examples
from service.request import Answer, InferRequest, InferResult
from service.routing import Route
from service.runtime import Runtime
from service.version import Version

PROTOCOLS: dict[str, Any] = {
    "predict": tfserving,
    "classify": tfserving_examples.CLASSIFY,
    "regress": tfserving_examples.REGRESS,
    "infer": openinference,
}
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


def request_id(headers: Mapping[bytes, bytes]) -> bytes:
    """The client's ``X-Request-Id`` where it is one, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    return b"%016x" % random.getrandbits(64)  # tells calls apart; no secret


def deadline(runtime: Runtime, headers: Mapping[bytes, bytes]) -> float:
    """Loop time at which the answer is late, shortened by ``X-Request-Timeout-Ms``.

    Raises:
        MalformedRequest: That is no number of milliseconds.
    """
    given = headers.get(b"x-request-timeout-ms")
    if given is None:
        return runtime.deadline()
    milliseconds = int(given.lstrip(b"0")[:9] or b"0") if given.isdigit() else 0
    if not milliseconds:
        raise MalformedRequest("Expected X-Request-Timeout-Ms as a whole number of milliseconds from 1.")
    return runtime.deadline(milliseconds)


def decode(
    runtime: Runtime, found: Route, version: Version, body: bytes, headers: Mapping[bytes, bytes], until: float
) -> InferRequest:
    """Read a body in the words of its dialect.

    Args:
        runtime: The service.
        found: The route, whose action computes.
        version: Who is asked.
        body: The whole body, inflated.
        headers: By name in lower case.
        until: Loop time at which the answer is late; the body may shorten it.

    Raises:
        ServiceError: In the words of the dialect.
    """
    request: InferRequest = PROTOCOLS[found.action].decode(body, version.interface, headers)
    request.deadline = until
    if request.timeout_s is not None:
        request.deadline = min(until, runtime.deadline(request.timeout_s * 1000))
    return request


def encode(found: Route, version: Version, request: InferRequest, outputs: dict[str, np.ndarray]) -> Answer:
    """Write an answer in the words of its dialect, and say in its headers which version it comes from."""
    result = InferResult(found.model, version.number, outputs)
    answer: Answer = PROTOCOLS[found.action].encode(request, result, version.interface)
    answer.headers = (*answer.headers, (b"x-model-version", version.written))
    return answer
