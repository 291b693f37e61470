"""The scheduler counts rows, requests and engine calls as they are, whatever becomes of the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import numpy as np
import pytest

from service import batching, engine_threads
from service.batching import Scheduler, Work
from service.deadlines import DeadlineWheel
from service.errors import InferenceFailed
from service.execution import Executor
from service.metrics import BatchMetrics, Metrics
from service.statistics import Statistics
from tests.clock import VirtualLoop
from tests.toy_engines import MARK, PATIENCE_S, SIGNATURE, Doubling, Gate, NotFinite, Poisoned, request, rows

BATCH_ROWS = 8


class Counted:
    """A scheduler before a gate, on a clock that only the test moves.

    Attributes:
        counts: What it has counted.
    """

    def __init__(self, engine: Doubling) -> None:
        self.loop = VirtualLoop()
        self.clocks = [mock.patch.object(m, "perf_counter", self.loop.time) for m in (batching, engine_threads)]
        for clock in self.clocks:
            clock.start()
        self.counts = Statistics()
        self.gate = Gate(Executor(engine, SIGNATURE, range(1, BATCH_ROWS + 1)))
        asyncio._set_running_loop(self.loop)
        try:
            metrics, wheel = BatchMetrics(Metrics(), "toy", "1"), DeadlineWheel(self.loop)
            self.scheduler = Scheduler(self.gate, wheel, 1000, metrics, "toy", self.counts)  # type: ignore[arg-type]
        finally:
            asyncio._set_running_loop(None)

    def submit(self, *firsts: float) -> Work:
        """Queue a request of these rows."""
        idle = self.scheduler._threads.idle
        work = self.scheduler.submit(request(rows(*firsts)))
        self._enter(idle)
        return work

    def finish(self, batches: int = 1) -> None:
        """Let batches be computed, one after the other."""
        for _ in range(batches):
            self.gate.let_one_pass()
            self.loop.take_one()
            self._enter(not self.scheduler._threads.idle)

    def _enter(self, begun: bool) -> None:
        """Let a batch that has begun come to the gate before the clock moves."""
        if begun:
            assert self.gate.entered.acquire(timeout=PATIENCE_S)

    def join(self) -> None:
        """See the engine's threads end."""
        for thread in self.scheduler._threads._threads:
            thread.join(PATIENCE_S)

    @property
    def tally(self) -> tuple[int, int, int]:
        """Rows computed, requests computed, engine calls."""
        return self.counts.inference_count, self.counts.computed_count, self.counts.execution_count


@pytest.fixture
def counted() -> Iterator[Callable[..., Counted]]:
    """Schedulers whose counts are looked at; their threads end with the test."""
    made: list[Counted] = []

    def make(engine: Doubling | None = None) -> Counted:
        made.append(Counted(engine or Doubling()))
        return made[-1]

    yield make
    for one in made:
        one.gate.open()
        one.scheduler.close()
        one.join()
        for clock in one.clocks:
            clock.stop()


Make = Callable[..., Counted]


def test_rows_requests_and_batches_are_told_apart(counted: Make) -> None:
    """Requests that ride together are one engine call, as many requests and all their rows."""
    one = counted()
    one.submit(1)
    for length in (1, 2, 3):
        one.submit(*range(length))
    assert one.tally == (0, 0, 0)
    one.finish(2)
    assert one.tally == (7, 4, 2)
    assert {size: calls for size, (calls, *_) in one.counts.sizes.items()} == {1: 1, 6: 1}


def test_a_cut_request_counts_once(counted: Make) -> None:
    """A request of several slices is one request when its last slice is done, with the time of all its batches."""
    one = counted()
    one.submit(*range(BATCH_ROWS * 2 + 1))
    one.finish(2)
    assert one.tally == (0, 0, 2)
    one.finish()
    assert one.tally == (17, 1, 3)
    assert one.counts.infer_ns == sum(infer_ns for _, _, infer_ns, _ in one.counts.sizes.values())


def test_each_request_has_the_time_of_its_batch(counted: Make) -> None:
    """Three requests in one batch each spent what the batch took: that is how long each of them waited for it."""
    one = counted()
    for _ in range(4):
        one.submit(1)
    one.finish(2)
    alone, together = one.counts.sizes[1], one.counts.sizes[3]
    expected = [alone[stage] + 3 * together[stage] for stage in (1, 2, 3)]
    assert [one.counts.input_ns, one.counts.infer_ns, one.counts.output_ns] == expected


def test_waiting_is_counted_until_the_engine_takes_a_request(counted: Make) -> None:
    """What finds the engine idle has waited 0, what finds it busy until it is free; an engine's time is no waiting."""
    one = counted()
    one.submit(1)
    one.loop.stall(2)
    one.submit(2)
    one.loop.stall(3)
    one.finish(2)
    assert one.counts.queue_ns == 3_000_000_000


def test_a_cut_request_waits_again_between_its_slices(counted: Make) -> None:
    """While another's batch runs, the rest of a cut request waits; while its own slice runs, it does not."""
    one = counted()
    one.submit(0)
    one.submit(*range(BATCH_ROWS + 1))
    one.loop.stall(16)
    one.finish()
    one.loop.stall(1)
    one.submit(*range(BATCH_ROWS))
    one.loop.stall(2)
    one.finish()
    one.loop.stall(4)
    one.finish(2)
    assert one.counts.queue_ns == (16 + 2 + 4) * 1_000_000_000


def test_a_large_request_alone_does_not_wait(counted: Make) -> None:
    """From one slice to the next the engine is busy with the same request: that is no waiting."""
    one = counted()
    one.submit(*range(2 * BATCH_ROWS + 1))
    for seconds in (16, 2, 4):
        one.loop.stall(seconds)
        one.finish()
    assert one.counts.queue_ns == 0


def test_halving_is_counted_call_by_call(counted: Make) -> None:
    """Every engine call of a batch that is halved counts, and the failed request's rows do not."""
    engine = Poisoned()
    one = counted(engine)
    one.submit(0)
    works = [one.submit(first) for first in (1, float(MARK), 3, 4)]
    one.finish(2)
    assert isinstance(works[1].future.exception(), InferenceFailed)
    assert one.tally == (4, 4, len(engine.calls))
    assert one.counts.execution_count == 1 + 5


@pytest.mark.parametrize("engine", [Poisoned, lambda: NotFinite(np.nan)], ids=["raises", "not finite"])
def test_failed_requests_have_no_rows(counted: Make, engine: Callable[[], Doubling]) -> None:
    """A request that fails adds its engine calls and nothing else, also if some of its slices were fine."""
    one = counted(engine())
    one.submit(*range(BATCH_ROWS), float(MARK))
    one.finish(2)
    assert one.tally == (0, 0, 2)
    assert one.counts.infer_ns == one.counts.queue_ns == 0


def test_nobody_s_rows_do_not_count(counted: Make) -> None:
    """Rows that were computed for a request that had gone are no rows of a request, but the engine did run."""
    one = counted()
    works: Sequence[Any] = [one.submit(1), one.submit(2), one.submit(3)]
    one.scheduler.drop(works[0])
    one.scheduler.drop(works[2])
    one.finish(2)
    assert one.tally == (1, 1, 2)


def test_an_answer_that_cannot_be_put_together_does_not_count(counted: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose answer fails behind the engine is none that was computed."""
    one = counted()

    def answer(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Work, "answer", answer)
    one.submit(1)
    one.finish()
    assert one.tally == (0, 0, 1)


def test_a_scheduler_runs_until_it_is_closed(counted: Make) -> None:
    """The engine's thread lives while it may be needed and ends behind the last batch after closing."""
    one = counted()
    one.submit(1)
    one.scheduler.close()
    assert one.scheduler.running
    one.finish()
    one.join()
    assert not one.scheduler.running
