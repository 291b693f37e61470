"""The scheduler: counts rows, batches what waits, and runs one batch at a time, or as many as the engine takes.

An idle engine runs at once, so a lone request never waits: a small batch in the loop's own thread, at the end of the
loop's turn, together with all that has come in this turn; a larger one in the engine's thread. While the engine is
busy, requests gather; the next batch takes them in turn. A request with more rows than a batch has room for is cut:
when its slice is done, the next goes behind all that has come meanwhile, so that a large request and small ones take
turns.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from queue import SimpleQueue
from time import perf_counter

import numpy as np

from service.deadlines import DeadlineWheel
from service.errors import DeadlineExceeded, InferenceFailed, Overloaded, ServiceError
from service.execution import Executor, Outcomes
from service.metrics import BatchMetrics
from service.request import InferRequest
from service.statistics import Spent, Statistics
from service.work import DROPPED, Slice, Then, Work

__all__ = ["LATE", "SMOOTHING", "Scheduler", "Work"]

log = logging.getLogger(__name__)

SMOOTHING = 0.1
"""Weight of the newest batch in the running mean of batch times."""
LATE = "Expected an answer before the request's deadline. It was not there in time."


class Scheduler:
    """The queue in front of one engine. All methods belong to the event loop's thread.

    Args:
        executor: Runs the batches, in as many threads of this scheduler as it takes batches at a time.
        wheel: Serves the deadlines.
        max_queue_rows: Most rows waiting.
        metrics: Where batches are counted.
        name: Name of the engine's threads.
        statistics: Where everything is counted.
    """

    def __init__(
        self,
        executor: Executor,
        wheel: DeadlineWheel,
        max_queue_rows: int,
        metrics: BatchMetrics,
        name: str = "",
        statistics: Statistics | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._executor = executor
        self._wheel = wheel
        self._max_queue_rows = max_queue_rows
        self._metrics = metrics
        self._statistics = statistics or Statistics()
        self._queue: OrderedDict[Work, None] = OrderedDict()
        self._queued_rows = 0
        self._cut: Work | None = None
        self._batch_s = 0.0
        self._running: dict[int, float] = {}
        self._number = 0
        self._turn_ends = False
        self._batches: SimpleQueue[tuple[int, list[Slice]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"engine-{name}-{number}", daemon=True)
            for number in range(executor.in_flight)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def queued_rows(self) -> int:
        """Rows that wait for a batch."""
        return self._queued_rows

    @property
    def running(self) -> bool:
        """Whether an engine's thread lives; they end after ``close``, once their batches have come back."""
        return any(thread.is_alive() for thread in self._threads)

    def busy_s(self) -> float:
        """Seconds since the oldest running batch was started; 0 when idle."""
        return self._loop.time() - next(iter(self._running.values())) if self._running else 0.0

    def submit(self, request: InferRequest, then: Then | None = None) -> Work:
        """Queue a request; await the returned work's ``future`` for its outputs, or give a callback.

        Args:
            request: What to compute.
            then: Called with the work as soon as it has an outcome: in this turn, if its deadline is over already.

        Raises:
            Overloaded: The queue is full, or the wait would exceed the request's deadline.
        """
        if self._queued_rows + request.rows > max(self._max_queue_rows, request.rows if not self._queue else 0):
            raise Overloaded(f"Expected at most {self._max_queue_rows} waiting rows. The queue is full; try again.")
        busy = len(self._running) == len(self._threads)
        if busy and self._loop.time() + self._estimated_wait_s() > request.deadline:
            raise Overloaded("The wait would exceed the request's deadline; try again.")
        work = Work(request, self._loop, perf_counter(), then)
        work.slot = self._wheel.add(request.deadline, work, lambda: self.drop(work, DeadlineExceeded(LATE)))
        self._queue[work] = None
        self._queued_rows += request.rows
        if not self._turn_ends:
            self._run_soon()
        return work

    def drop(self, work: Work, error: ServiceError | None = None) -> None:
        """End a work early: its rows leave the queue; rows in a running batch are computed for nobody."""
        self._leave(work)
        work.settle(DROPPED if error is None else error)

    def close(self) -> None:
        """End the engine's threads after the running batches. What waits is refused."""
        for work in list(self._queue):
            self.drop(work, Overloaded("The model is being unloaded; try again."))
        for _ in self._threads:
            self._batches.put(None)

    def _estimated_wait_s(self) -> float:
        """Time until a request queued now would be started, from the mean batch time."""
        rest_s = max(0.0, self._batch_s - self.busy_s())
        return rest_s + self._batch_s * (self._queued_rows // self._executor.max_rows) / len(self._threads)

    def _leave(self, work: Work) -> None:
        self._wheel.discard(work.slot, work)
        if work in self._queue:
            del self._queue[work]
            self._queued_rows -= work.waiting_rows

    def _run_soon(self) -> None:
        """Have what waits run at the end of this turn of the loop, or in an engine's thread."""
        if self._queued_rows <= self._executor.plan.inline_rows and not self._running:
            self._turn_ends = True
            self._loop.call_soon(self._turn)
        else:
            self._start()

    def _turn(self) -> None:
        """At the end of a turn of the loop: what has come in it is run here, if that is quickly done."""
        self._turn_ends = False
        if self._queued_rows > self._executor.plan.inline_rows:
            self._start()
        elif batch := self._take():
            started = perf_counter()
            outcomes = self._executor.execute(batch)
            elapsed_s = perf_counter() - started
            if self._queue:  # more than is worth running at a time
                self._run_soon()
            self._answer(batch, outcomes, elapsed_s)

    def _start(self) -> None:
        """Give the next batches to the engine's threads."""
        while len(self._running) < len(self._threads) and (batch := self._take()):
            self._number += 1
            self._running[self._number] = self._loop.time()
            self._batches.put((self._number, batch))

    def _take(self) -> list[Slice]:
        """The next batch out of the queue; empty if nothing waits."""
        batch: list[Slice] = []
        space = self._executor.plan.take[min(self._queued_rows, self._executor.max_rows)]
        # the loop's own clock, which deadlines follow, may tick in milliseconds only: too coarse for waits
        now, taken_at = self._loop.time(), perf_counter()
        if self._cut is not None and self._cut in self._queue:  # behind what has come while its last slice ran
            self._queue.move_to_end(self._cut)
            self._cut.queued_at = taken_at
        self._cut = None
        while space and self._queue:
            work = next(iter(self._queue))
            if work.request.deadline <= now:
                self.drop(work, DeadlineExceeded(LATE))
                continue
            start = work.taken
            stop = min(work.request.rows, start + space)
            work.queue_s += taken_at - work.queued_at
            if not start:
                self._metrics.queue_s.observe(work.queue_s)
            batch.append(Slice(work, start, stop))
            work.taken = stop
            space -= stop - start
            self._queued_rows -= stop - start
            if work.waiting_rows:
                self._cut = work
            else:
                del self._queue[work]
        return batch

    def _work(self) -> None:
        """An engine's thread."""
        while (taken := self._batches.get()) is not None:
            number, batch = taken
            started = perf_counter()
            outcomes = self._executor.execute(batch)
            elapsed_s = perf_counter() - started
            try:
                self._loop.call_soon_threadsafe(self._finished, number, batch, outcomes, elapsed_s)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    def _finished(self, number: int, batch: list[Slice], outcomes: Outcomes, elapsed_s: float) -> None:
        del self._running[number]
        self._start()  # the engine works on while this batch is answered
        self._answer(batch, outcomes, elapsed_s)

    def _answer(self, batch: list[Slice], outcomes: Outcomes, elapsed_s: float) -> None:
        """Tell everybody what came out of a batch."""
        self._batch_s += (elapsed_s - self._batch_s) * (SMOOTHING if self._batch_s else 1)
        spent = self._statistics.executed(outcomes.runs)
        for part, outcome in zip(batch, outcomes, strict=True):
            if part.work.done:
                continue
            if isinstance(outcome, ServiceError):
                self.drop(part.work, outcome)
            else:
                self._answer_one(part, outcome, spent)
        self._metrics.batch(sum(part.stop - part.start for part in batch), elapsed_s)

    def _answer_one(self, part: Slice, outcome: dict[str, np.ndarray], spent: Spent) -> None:
        work = part.work
        try:
            outputs = work.answer(part, outcome, spent)
        except Exception:  # such as no memory for a large answer: the neighbours get theirs all the same
            log.exception("an answer could not be put together")
            self.drop(work, InferenceFailed("The model's answer to this request could not be put together."))
            return
        if outputs is not None:
            self._leave(work)
            self._statistics.computed(work.request.rows, work.queue_s, work.spent)
            work.settle(outputs)
