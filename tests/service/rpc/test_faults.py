"""Errors as gRPC statuses."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from service.errors import NotReady, ServiceError, TooLarge, codes
from service.rpc.faults import STATUS, refuse


class Context:
    """Stands where gRPC's context stands, and notes how a call is ended."""

    async def abort(self, *ending: Any) -> None:
        self.ending = ending
        raise grpc.aio.AbortError


async def ended(error: ServiceError) -> Any:
    """How a call ends with an error."""
    context: Any = Context()
    with pytest.raises(grpc.aio.AbortError):
        await refuse(context, error)
    return context.ending


async def test_an_error_is_status_sentence_and_code_word() -> None:
    """The sentence is the details; the code word and HTTP's own headers are the metadata behind it."""
    assert await ended(NotReady("Wait.")) == (
        grpc.StatusCode.UNAVAILABLE,
        "Wait.",
        (("code", "not_ready"), ("retry-after", "1")),
    )


async def test_a_dialect_s_own_status_holds() -> None:
    """Too many rows are the client's mistake, too many bytes are a resource's end."""
    assert (await ended(TooLarge("Less.", status=400)))[0] is grpc.StatusCode.INVALID_ARGUMENT
    assert (await ended(TooLarge("Less.")))[0] is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_has_no_status_is_internal() -> None:
    """A failed engine and a defect are INTERNAL; no status of the tree means success."""
    assert (await ended(ServiceError("Broken.")))[0] is grpc.StatusCode.INTERNAL
    over_http_only = {405, 415, 431, 500}
    assert set(codes().values()) - STATUS.keys() == over_http_only
    assert grpc.StatusCode.OK not in STATUS.values()
