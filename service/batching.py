"""The scheduler: counts rows, batches what waits, and runs one batch at a time in the engine's thread.

An idle engine runs at once, so a lone request never waits. While it is busy, requests gather; the next batch takes
them in turn. A request with more rows than a batch has room for is cut: when its slice is done, the next goes
behind all that has come meanwhile, so that a large request and small ones take turns.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from queue import SimpleQueue
from time import perf_counter

from service.deadlines import DeadlineWheel
from service.errors import DeadlineExceeded, InferenceFailed, Overloaded, ServiceError
from service.execution import Executor, Outcomes
from service.metrics import BatchMetrics
from service.request import InferRequest
from service.statistics import Statistics
from service.work import Slice, Work

__all__ = ["LATE", "SMOOTHING", "Scheduler", "Work"]

log = logging.getLogger(__name__)

SMOOTHING = 0.1
"""Weight of the newest batch in the running mean of batch times."""


class Scheduler:
    """The queue in front of one engine. All methods belong to the event loop's thread.

    Args:
        executor: Runs the batches, in a thread that this scheduler owns.
        wheel: Serves the deadlines.
        max_queue_rows: Most rows waiting.
        metrics: Where batches are counted.
        name: Name of the engine's thread.
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
        self._busy_since: float | None = None
        self._batches: SimpleQueue[list[Slice] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"engine-{name}", daemon=True)
        self._thread.start()

    @property
    def queued_rows(self) -> int:
        """Rows that wait for a batch."""
        return self._queued_rows

    @property
    def running(self) -> bool:
        """Whether the engine's thread lives; it ends after ``close``, once its batch has come back."""
        return self._thread.is_alive()

    def busy_s(self) -> float:
        """Seconds since the running batch was started; 0 when idle."""
        return 0.0 if self._busy_since is None else self._loop.time() - self._busy_since

    def submit(self, request: InferRequest) -> Work:
        """Queue a request; await the returned work's ``future`` for its outputs.

        Raises:
            Overloaded: The queue is full, or the wait would exceed the request's deadline.
        """
        now = self._loop.time()
        if self._queued_rows + request.rows > max(self._max_queue_rows, request.rows if not self._queue else 0):
            raise Overloaded(f"Expected at most {self._max_queue_rows} waiting rows. The queue is full; try again.")
        if self._busy_since is not None and now + self._estimated_wait_s() > request.deadline:
            raise Overloaded("The wait would exceed the request's deadline; try again.")
        work = Work(request, self._loop.create_future(), perf_counter())
        work.slot = self._wheel.add(request.deadline, work, lambda: self.drop(work, DeadlineExceeded(LATE)))
        self._queue[work] = None
        self._queued_rows += request.rows
        if self._busy_since is None:
            self._start()
        return work

    def drop(self, work: Work, error: ServiceError | None = None) -> None:
        """End a work early: its rows leave the queue; rows in the running batch are computed for nobody."""
        if not work.future.done():  # a caller that is cancelled cancels the future it waits for
            if error is None:
                work.future.cancel()
            else:
                work.future.set_exception(error)
        self._leave(work)

    def close(self) -> None:
        """End the engine's thread after the running batch. What waits is refused."""
        for work in list(self._queue):
            self.drop(work, Overloaded("The model is being unloaded; try again."))
        self._batches.put(None)

    def _estimated_wait_s(self) -> float:
        """Time until a request queued now would be started, from the mean batch time."""
        rest_s = max(0.0, self._batch_s - self.busy_s())
        return rest_s + self._batch_s * (self._queued_rows // self._executor.max_rows)

    def _leave(self, work: Work) -> None:
        self._wheel.discard(work.slot, work)
        if work in self._queue:
            del self._queue[work]
            self._queued_rows -= work.waiting_rows

    def _start(self) -> None:
        """Give the next batch to the engine's thread."""
        batch, space = [], self._executor.max_rows
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
        if batch:
            self._busy_since = now
            self._batches.put(batch)

    def _work(self) -> None:
        """The engine's thread."""
        while (batch := self._batches.get()) is not None:
            started = perf_counter()
            outcomes = self._executor.execute(batch)
            elapsed_s = perf_counter() - started
            try:
                self._loop.call_soon_threadsafe(self._finished, batch, outcomes, elapsed_s)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    def _finished(self, batch: list[Slice], outcomes: Outcomes, elapsed_s: float) -> None:
        self._busy_since = None
        self._start()  # the engine works on while this batch is answered
        self._batch_s += (elapsed_s - self._batch_s) * (SMOOTHING if self._batch_s else 1)
        spent = self._statistics.executed(outcomes.runs)
        for part, outcome in zip(batch, outcomes, strict=True):
            work = part.work
            if work.future.done():
                continue
            if isinstance(outcome, ServiceError):
                self.drop(work, outcome)
                continue
            try:
                work.answer(part, outcome, spent)
            except Exception:  # such as no memory for a large answer: the neighbours get theirs all the same
                log.exception("an answer could not be put together")
                self.drop(work, InferenceFailed("The model's answer to this request could not be put together."))
                continue
            if work.future.done():
                self._leave(work)
                self._statistics.computed(work.request.rows, work.queue_s, work.spent)
        self._metrics.batch(sum(part.stop - part.start for part in batch), elapsed_s)


LATE = "Expected an answer before the request's deadline. It was not there in time."
