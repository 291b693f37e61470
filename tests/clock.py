"""A loop whose time is moved by the test: for what depends on deadlines, without waiting for any."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from tests.toy_engines import PATIENCE_S


class VirtualLoop(asyncio.AbstractEventLoop):
    """Timers run in `advance`, what another thread hands over runs in `take_one`; nothing runs by itself."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[tuple[float, int, Callable[[], Any]]] = []
        self._order = itertools.count()
        self._handed: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self.faults: list[dict[str, Any]] = []

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        callback(*args)

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        heapq.heappush(self._timers, (self._now + delay, next(self._order), lambda: callback(*args)))

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        self._handed.put(lambda: callback(*args))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.faults.append(context)

    @property
    def timers(self) -> int:
        """Timers that are set."""
        return len(self._timers)

    @property
    def handed(self) -> bool:
        """Whether another thread has handed something over."""
        return not self._handed.empty()

    def take_one(self) -> None:
        """Run what another thread has handed over, or hands over now."""
        self._handed.get(timeout=PATIENCE_S)()

    def advance(self, seconds: float) -> None:
        """Let time pass, and every timer run when it is due."""
        until = self._now + seconds
        while self._timers and self._timers[0][0] <= until:
            when, _, callback = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            callback()
        self._now = until

    def stall(self, seconds: float) -> None:
        """Let time pass while the loop is busy with something else; timers run in the next `advance`."""
        self._now += seconds
