"""One call in flight, and the code word it is counted by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from service.errors import NotFound, Overloaded
from service.rpc.counted import Counted
from tests.service.conftest import Served


def count(served: Served, code: str, model: str = "") -> float:
    """How many calls ended so."""
    served.runtime.metrics.hand_over()
    counter = served.runtime.metrics["keras_serve_requests_total"].labels("grpc", model, code)
    return float(counter._value.get())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, "ok"),
        (NotFound("No."), "not_found"),
        (asyncio.CancelledError(), "cancelled"),
        (ValueError("a defect"), "internal_error"),
    ],
)
async def test_a_call_is_counted_once_by_how_it_ended(served: Served, error: BaseException | None, code: str) -> None:
    """In flight while it lasts, then counted; the error passes through."""
    expected = pytest.raises(type(error)) if error is not None else nullcontext()
    with expected, Counted(served.runtime) as call:
        call.model = "toy"
        assert served.runtime.inflight == 1
        if error is not None:
            raise error
    assert served.runtime.inflight == 0
    assert count(served, code, "toy") == 1


async def test_no_client_can_make_series(served: Served) -> None:
    """A name that is not served is counted without it."""
    with Counted(served.runtime) as call:
        call.model = "stranger"
    assert count(served, "ok") == 1
    assert "stranger" not in served.runtime.metrics.exposition().decode()


async def test_the_limit_is_shared_with_http(make_served: Callable[..., Any]) -> None:
    """Whatever else is in flight counts; the first call over the limit is refused."""
    served: Served = await make_served(max_inflight_requests=2)
    served.runtime.inflight = 1
    with Counted(served.runtime):
        served.runtime.admit()
        with Counted(served.runtime), pytest.raises(Overloaded, match="at most 2 requests in flight"):
            served.runtime.admit()
    assert served.runtime.inflight == 1
