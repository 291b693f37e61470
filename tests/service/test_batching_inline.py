"""Small batches of a quick engine run in the event loop's thread; others, and several at a time, in the engine's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from service.batching import Scheduler
from service.deadlines import DeadlineWheel
from service.errors import DeadlineExceeded, InferenceFailed
from service.execution import Executor
from service.metrics import BatchMetrics, Metrics
from service.plan import Plan
from service.work import DROPPED, Work
from tests.service.conftest import make_gate
from tests.toy_engines import (
    MARK,
    PATIENCE_S,
    SIGNATURE,
    Arrays,
    Doubling,
    Gate,
    Poisoned,
    answers,
    request,
    rows,
    same,
)

INLINE_ROWS = 4
MAX_ROWS = 8


class Watched(Poisoned):
    """Notes the thread of every call."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def run(self, inputs: Arrays) -> Arrays:
        self.threads.append(threading.current_thread())
        return super().run(inputs)

    @property
    def here(self) -> list[bool]:
        """Of each call, whether it was in the loop's thread."""
        return [thread is threading.main_thread() for thread in self.threads]


def scheduler_of(
    engine: Doubling, take: Sequence[int] = range(MAX_ROWS + 1), small: int = INLINE_ROWS, large: int = INLINE_ROWS
) -> Scheduler:
    """A scheduler that runs a few rows of small and of large requests in the loop's thread."""
    executor = Executor(engine, SIGNATURE, range(1, MAX_ROWS + 1), Plan(tuple(take), large, small))
    metrics, wheel = BatchMetrics(Metrics(), "toy", "1"), DeadlineWheel(asyncio.get_running_loop())
    return Scheduler(executor, wheel, 1000, metrics)


async def outputs(works: Sequence[Work]) -> list[object]:
    """What came of works."""
    async with asyncio.timeout(PATIENCE_S):
        return list(await asyncio.gather(*(work.future for work in works), return_exceptions=True))


@pytest.fixture
async def engine() -> Watched:
    """An engine whose threads are seen."""
    return Watched()


async def test_what_comes_in_one_turn_runs_together(engine: Watched) -> None:
    """Requests of one turn of the loop are one batch, in the loop's thread, at the end of the turn and not before."""
    scheduler = scheduler_of(engine)
    works = [scheduler.submit(request(rows(first))) for first in range(INLINE_ROWS)]
    assert (engine.calls, scheduler.queued_rows) == ([], INLINE_ROWS)
    await asyncio.sleep(0)
    assert (engine.calls, engine.here) == ([[0, 1, 2, 3]], [True])
    assert all(work.done for work in works)
    assert (scheduler.queued_rows, scheduler.busy_s()) == (0, 0)
    for first, found in enumerate(await outputs(works)):
        assert same(found, answers(rows(first)))
    await outputs([scheduler.submit(request(rows(9)))])
    assert (engine.calls[1:], engine.here) == ([[9]], [True, True])
    scheduler.close()


@pytest.mark.parametrize("counts", [[INLINE_ROWS + 1], [1] * (INLINE_ROWS + 1), [1, MAX_ROWS]])
async def test_more_rows_run_in_the_engine_s_thread(engine: Watched, counts: list[int]) -> None:
    """One row more than is quickly done does not hold up the loop, whether it comes in one request or in several."""
    scheduler = scheduler_of(engine)
    works = [scheduler.submit(request(rows(*range(count)))) for count in counts]
    for count, found in zip(counts, await outputs(works), strict=True):
        assert same(found, answers(rows(*range(count))))
    assert engine.here[0] is False
    assert len(engine.calls[0]) == min(sum(counts), MAX_ROWS)
    scheduler.close()


@pytest.mark.parametrize(("counts", "here"), [([1] * 8, True), ([4, 4], True), ([8], False), ([1, 8], False)])
async def test_small_requests_may_run_longer(engine: Watched, counts: list[int], here: bool) -> None:
    """More rows of small requests than of large ones run in the loop's thread."""
    scheduler = scheduler_of(engine, small=MAX_ROWS)
    works = [scheduler.submit(request(rows(*range(count)))) for count in counts]
    for count, found in zip(counts, await outputs(works), strict=True):
        assert same(found, answers(rows(*range(count))))
    assert engine.here[0] is here
    scheduler.close()


async def test_a_small_request_behind_a_running_batch_waits_for_it() -> None:
    """While the engine's thread is at a batch, the loop's does not run another beside it."""
    gate = make_gate(sizes=range(1, MAX_ROWS + 1))
    gate.plan = Plan(gate.plan.take, INLINE_ROWS, INLINE_ROWS)
    scheduler = Scheduler(
        gate,  # type: ignore[arg-type]
        DeadlineWheel(asyncio.get_running_loop()),
        1000,
        BatchMetrics(Metrics(), "toy", "1"),
    )
    large = scheduler.submit(request(rows(*range(MAX_ROWS))))
    small = scheduler.submit(request(rows(9)))
    assert await asyncio.to_thread(gate.entered.acquire, timeout=PATIENCE_S)
    assert (scheduler.queued_rows, len(gate.batches)) == (1, 1)
    gate.open()
    assert same((await outputs([large, small]))[1], answers(rows(9)))
    scheduler.close()


async def test_rows_that_are_left_run_next(engine: Watched) -> None:
    """Where the plan parts what waits, the rest runs in the loop's next turns, and none is left behind."""
    scheduler = scheduler_of(engine, [0, 1, 2, 2, *range(4, MAX_ROWS + 1)])
    works = [scheduler.submit(request(rows(first))) for first in range(3)]
    for first, found in enumerate(await outputs(works)):
        assert same(found, answers(rows(first)))
    assert (engine.calls, engine.here) == ([[0, 1], [2]], [True, True])
    (found,) = await outputs([scheduler.submit(request(rows(1, 2, 3)))])
    assert same(found, answers(rows(1, 2, 3)))
    assert scheduler.queued_rows == 0
    scheduler.close()


async def test_what_is_dropped_in_the_turn_is_not_run(engine: Watched) -> None:
    """A request that ends or is late before the end of the turn is left out, and its neighbours are answered."""
    scheduler = scheduler_of(engine)
    gone, late, kept = (
        scheduler.submit(request(rows(first), deadline)) for first, deadline in ((1, 1e9), (2, 0), (3, 1e9))
    )
    scheduler.drop(gone)
    found, answer = await outputs([late, kept])
    assert gone.outcome is DROPPED
    assert isinstance(found, DeadlineExceeded)
    assert same(answer, answers(rows(3)))
    assert engine.calls == [[3]]
    scheduler.close()


async def test_a_failing_row_fails_its_request_alone(engine: Watched) -> None:
    """Halving works in the loop's thread as in the other."""
    scheduler = scheduler_of(engine)
    found = await outputs([scheduler.submit(request(rows(first))) for first in (1, float(MARK), 3)])
    assert [isinstance(one, InferenceFailed) for one in found] == [False, True, False]
    assert all(engine.here)
    scheduler.close()


async def test_a_callback_may_submit_again(engine: Watched) -> None:
    """Whoever is told of an outcome may ask for the next at once; it runs in a turn of its own."""
    scheduler, told = scheduler_of(engine), list[Work]()
    done = asyncio.Event()

    def again(work: Work) -> None:
        told.append(work)
        if len(told) < 3:
            scheduler.submit(request(rows(len(told))), again)
        else:
            done.set()

    first = scheduler.submit(request(rows(0)), again)
    assert told == [], "a callback never comes before submit has returned"
    await asyncio.wait_for(done.wait(), PATIENCE_S)
    assert told[0] is first
    assert (engine.calls, all(engine.here)) == ([[0], [1], [2]], True)
    scheduler.close()


class TwoAtATime(Doubling):
    """An engine that takes a second batch while it is at the first."""

    in_flight = 2


async def test_two_batches_run_at_a_time(make_scheduler: Callable[..., Scheduler]) -> None:
    """An engine that takes two batches gets two, what comes more waits, and each request gets its own answer."""
    gate: Gate = make_gate(TwoAtATime())
    scheduler = make_scheduler(gate=gate)
    works = [scheduler.submit(request(rows(first))) for first in range(4)]
    for _ in range(2):
        assert await asyncio.to_thread(gate.entered.acquire, timeout=PATIENCE_S)
    assert (len(gate.batches), scheduler.queued_rows) == (2, 2)
    gate.open()
    for first, found in enumerate(await outputs(works)):
        assert same(found, answers(rows(first)))


async def test_a_free_thread_means_no_wait(make_scheduler: Callable[..., Scheduler]) -> None:
    """A request is not refused for the time of the running batch while the engine takes one beside it."""
    gate: Gate = make_gate(TwoAtATime())
    scheduler = make_scheduler(gate=gate)
    scheduler._batch_s = 1000.0
    soon = asyncio.get_running_loop().time() + PATIENCE_S
    works = [scheduler.submit(request(rows(first), soon)) for first in range(2)]
    gate.open()
    for first, found in enumerate(await outputs(works)):
        assert same(found, answers(rows(first)))
