"""The threads that run batches: one batch a thread at a time, in the order in which they were given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from time import perf_counter

from service.execution import Executor, Outcomes
from service.work import Slice

Finished = Callable[[list[Slice], Outcomes, float, float], None]
"""Takes a batch, without what ended before it ran, what came out of it, and the seconds that it waited for a thread and
that it ran."""


class EngineThreads:
    """As many threads as the engine takes batches at a time. All methods belong to the event loop's thread.

    Args:
        executor: Runs the batches.
        name: Name of the threads.
        finished: Called in the loop's thread after each batch.
    """

    def __init__(self, executor: Executor, name: str, finished: Finished) -> None:
        self._loop = asyncio.get_running_loop()
        self._executor = executor
        self._finished = finished
        self._since: dict[int, float] = {}
        self._waiting: list[tuple[int, int]] = []
        self._number = 0
        self._batches: SimpleQueue[tuple[int, list[Slice], float] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"engine-{name}-{number}", daemon=True)
            for number in range(executor.in_flight)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def free(self) -> int:
        """Threads that have nothing to do; below zero, as many batches wait for one."""
        return len(self._threads) - len(self._since) - len(self._waiting)

    @property
    def waiting_rows(self) -> int:
        """Rows of the batches that wait for a thread."""
        return sum(rows for _, rows in self._waiting)

    @property
    def idle(self) -> bool:
        """Whether nothing runs."""
        return not self._since

    @property
    def alive(self) -> bool:
        """Whether a thread lives; they end after ``close``, once their batches have come back."""
        return any(thread.is_alive() for thread in self._threads)

    def busy_s(self) -> float:
        """Seconds since the oldest running batch was started; 0 when idle."""
        return self._loop.time() - next(iter(self._since.values())) if self._since else 0.0

    def run(self, batch: list[Slice]) -> None:
        """Run a batch as soon as a thread is free."""
        self._number += 1
        if self.free > 0:
            self._since[self._number] = self._loop.time()
        else:
            self._waiting.append((self._number, sum(part.stop - part.start for part in batch)))
        self._batches.put((self._number, batch, perf_counter()))

    def close(self) -> None:
        """End the threads after the batches that they were given."""
        for _ in self._threads:
            self._batches.put(None)

    def _work(self) -> None:
        while self._run_one(self._batches.get()):
            pass

    def _run_one(self, taken: tuple[int, list[Slice], float] | None) -> bool:
        """Run a batch; false at the end. Nothing is held from one to the next: a request may be large."""
        if taken is None:
            return False
        number, batch, given = taken
        started = perf_counter()
        batch = [part for part in batch if not part.work.done]  # since it was given: too late, or nobody waits
        outcomes = self._executor.execute(batch) if batch else Outcomes()
        ended = perf_counter()
        try:
            self._loop.call_soon_threadsafe(self._ended, number, batch, outcomes, started - given, ended - started)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return False
        return True

    def _ended(self, number: int, batch: list[Slice], outcomes: Outcomes, waited_s: float, ran_s: float) -> None:
        del self._since[number]
        if self._waiting:  # it has begun where this one ended
            number, _ = self._waiting.pop(0)
            self._since[number] = self._loop.time()
        self._finished(batch, outcomes, waited_s, ran_s)
