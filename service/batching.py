"""The scheduler: counts rows, batches what waits, and runs one batch at a time, or as many as the engine takes.

An idle engine runs at once, so a lone request never waits: a small batch in the loop's own thread, at the end of the
loop's turn, together with all that has come in this turn; a larger one in the engine's thread. While the engine is
busy, requests gather; the next batch takes them in turn. A request with more rows than a batch has room for is cut:
when its slice is done, the next goes behind all that has come meanwhile, so that a large request and small ones take
turns. Where a full batch of large requests waits, it is handed over before the engine is done with the last, and the
engine goes on without a pause.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from time import perf_counter

import numpy as np

from service.deadlines import DeadlineWheel
from service.engine_threads import EngineThreads
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
LARGE_ROWS = 8
"""Rows a request, on average, from which they count as large. Small ones take the interpreter for longer than the
engine: for reading, joining and answering them. So there is little to win beside the engine, or by a batch ahead."""
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
        self._turn_ends = False
        self._threads = EngineThreads(executor, name, self._finished)

    @property
    def queued_rows(self) -> int:
        """Rows that wait for a batch."""
        return self._queued_rows + self._threads.waiting_rows

    @property
    def running(self) -> bool:
        """Whether an engine's thread lives; they end after ``close``, once their batches have come back."""
        return self._threads.alive

    def busy_s(self) -> float:
        """Seconds since the oldest running batch was started; 0 when idle."""
        return self._threads.busy_s()

    def submit(self, request: InferRequest, then: Then | None = None) -> Work:
        """Queue a request; await the returned work's ``future`` for its outputs, or give a callback.

        Args:
            request: What to compute.
            then: Called with the work as soon as it has an outcome: in this turn, if its deadline is over already.

        Raises:
            Overloaded: The queue is full, or the wait would exceed the request's deadline.
        """
        waiting_rows = self.queued_rows
        if waiting_rows and waiting_rows + request.rows > self._max_queue_rows:
            raise Overloaded(f"Expected at most {self._max_queue_rows} waiting rows. The queue is full; try again.")
        if self._threads.free <= 0 and self._loop.time() + self._estimated_wait_s() > request.deadline:
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
        self._threads.close()

    def _estimated_wait_s(self) -> float:
        """Time until a request queued now would be started, from the mean batch time."""
        rest_s = max(0.0, self._batch_s - self.busy_s())
        batches = self._queued_rows // self._executor.max_rows - self._threads.free
        return rest_s + self._batch_s * batches / self._executor.in_flight

    def _leave(self, work: Work) -> None:
        self._wheel.discard(work.slot, work)
        if work in self._queue:
            del self._queue[work]
            self._queued_rows -= work.waiting_rows

    def _run_soon(self) -> None:
        """Have what waits run at the end of this turn of the loop, or in an engine's thread."""
        if self._is_short() and self._threads.idle:
            self._turn_ends = True
            self._loop.call_soon(self._turn)
        else:
            self._start()

    def _is_short(self) -> bool:
        """Whether what waits is run sooner than handed to a thread and back."""
        plan, small = self._executor.plan, self._queued_rows < LARGE_ROWS * len(self._queue)
        return self._queued_rows <= (plan.inline_small_rows if small else plan.inline_rows)

    def _turn(self) -> None:
        """At the end of a turn of the loop: what has come in it is run here, if that is quickly done."""
        self._turn_ends = False
        if not self._is_short():
            self._start()
        elif batch := self._take():
            started = perf_counter()
            outcomes = self._executor.execute(batch)
            elapsed_s = perf_counter() - started
            if self._queue:  # more than is worth running at a time
                self._run_soon()
            self._answer(batch, outcomes, 0.0, elapsed_s)

    def _start(self) -> None:
        """Give the next batches to the engine's threads."""
        while self._takes_more() and (batch := self._take()):
            self._threads.run(batch)

    def _takes_more(self) -> bool:
        """Whether a thread is free, or no batch waits for one and it is worth handing one over ahead."""
        free = self._threads.free
        if free > 0:
            return True
        if free < 0:
            return False
        cut = self._cut if self._cut in self._queue else None
        # a large request must not be ahead of what comes while its own slice runs
        rows = self._queued_rows - (cut.waiting_rows if cut else 0)
        return rows >= max(self._executor.max_rows, LARGE_ROWS * len(self._queue))

    def _take(self) -> list[Slice]:
        """The next batch out of the queue; empty if nothing waits."""
        batch: list[Slice] = []
        space = self._executor.plan.take[min(self._queued_rows, self._executor.max_rows)]
        # the loop's own clock, which deadlines follow, may tick in milliseconds only: too coarse for waits
        now, taken_at = self._loop.time(), perf_counter()
        if self._cut is not None and self._cut in self._queue:  # behind what has come while its last slice ran
            self._queue.move_to_end(self._cut)
        self._cut = None
        while space and self._queue:
            work = next(iter(self._queue))
            if work.request.deadline <= now:
                self.drop(work, DeadlineExceeded(LATE))
                continue
            start = work.taken
            stop = min(work.request.rows, start + space)
            if work.answered == work.taken:  # while a slice of its own is under way it does not wait
                work.queue_s += taken_at - work.queued_at
            batch.append(Slice(work, start, stop))
            work.taken = stop
            space -= stop - start
            self._queued_rows -= stop - start
            if work.waiting_rows:
                self._cut = work
            else:
                del self._queue[work]
        return batch

    def _finished(self, batch: list[Slice], outcomes: Outcomes, waited_s: float, ran_s: float) -> None:
        self._start()  # the engine works on while this batch is answered
        if batch:
            self._answer(batch, outcomes, waited_s, ran_s)

    def _answer(self, batch: list[Slice], outcomes: Outcomes, waited_s: float, ran_s: float) -> None:
        """Tell everybody what came out of a batch."""
        self._batch_s += (ran_s - self._batch_s) * (SMOOTHING if self._batch_s else 1)
        spent = self._statistics.executed(outcomes.runs)
        for part, outcome in zip(batch, outcomes, strict=True):
            part.work.queue_s += waited_s
            if not part.start:
                self._metrics.queue_s.observe(part.work.queue_s)
            if part.work.done:
                continue
            if isinstance(outcome, ServiceError):
                self.drop(part.work, outcome)
            else:
                self._answer_one(part, outcome, spent)
        self._metrics.batch(sum(part.stop - part.start for part in batch), ran_s)

    def _answer_one(self, part: Slice, outcome: dict[str, np.ndarray], spent: Spent) -> None:
        work = part.work
        try:
            outputs = work.answer(part, outcome, spent)
        except Exception:  # such as no memory for a large answer: the neighbours get theirs all the same
            log.exception("an answer could not be put together")
            self.drop(work, InferenceFailed("The model's answer to this request could not be put together."))
            return
        if outputs is None:
            work.queued_at = perf_counter()
        else:
            self._leave(work)
            self._statistics.computed(work.request.rows, work.queue_s, work.spent)
            work.settle(outputs)
