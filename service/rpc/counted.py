"""One call in flight, and what is counted of it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from types import TracebackType
from typing import Self

from service.errors import InternalError, ServiceError
from service.runtime import Runtime

DIALECT = "grpc"
CANCELLED = "cancelled"


class Counted:
    """A block around one call: in flight while it lasts, then counted by the code word with which it ended.

    Args:
        runtime: Whose counters.

    Attributes:
        model: The name that the request asks for, once it is known.
    """

    __slots__ = ("_runtime", "_started", "model")

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.model = ""

    def __enter__(self) -> Self:
        self._started = perf_counter()
        self._runtime.inflight += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        code = "ok"
        if isinstance(error, ServiceError):
            code = error.code
        elif error is not None:
            code = CANCELLED if isinstance(error, asyncio.CancelledError) else InternalError.code
        self._runtime.inflight -= 1
        # only names that are served become a label, so that no client can make series
        model = self.model if self._runtime.repository.serves(self.model) else ""
        self._runtime.metrics.request(DIALECT, model, code, perf_counter() - self._started)
