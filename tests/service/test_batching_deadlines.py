"""The scheduler drops what nobody waits for any more, and refuses what it cannot do in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from service.batching import Scheduler
from service.errors import DeadlineExceeded, Overloaded
from tests.service.conftest import make_gate
from tests.toy_engines import Doubling, answers, request, rows, same

Make = Callable[..., Scheduler]
SOON_S = 0.03
LATER_S = 1000.0


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


async def test_expired_work_is_never_started(make_scheduler: Make) -> None:
    """A request whose deadline passes in the queue gets 504 then, and the engine never sees its rows."""
    engine = Doubling()
    gate = make_gate(engine)
    scheduler = make_scheduler(gate=gate)
    running = scheduler.submit(request(rows(1), now() + LATER_S))
    late = [scheduler.submit(request(rows(100 + i, 200 + i), now() + SOON_S)) for i in range(20)]
    patient = scheduler.submit(request(rows(2), now() + LATER_S))
    outcomes = await asyncio.gather(*(work.future for work in late), return_exceptions=True)
    assert all(isinstance(outcome, DeadlineExceeded) for outcome in outcomes)
    assert scheduler.queued_rows == 1
    gate.open()
    await asyncio.gather(running.future, patient.future)
    assert engine.seen == [1, 2]
    assert scheduler.queued_rows == 0


async def test_late_in_the_running_batch(make_scheduler: Make) -> None:
    """A request that expires while its batch runs gets 504 without waiting for it; its neighbours are answered."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    first = scheduler.submit(request(rows(0), now() + LATER_S))
    late = scheduler.submit(request(rows(1), now() + 10 * SOON_S))
    patient = scheduler.submit(request(rows(2), now() + LATER_S))
    gate.let_one_pass()
    await first.future
    for _ in range(2):
        assert await asyncio.to_thread(gate.entered.acquire, timeout=10)
    with pytest.raises(DeadlineExceeded):
        await late.future
    assert not patient.future.done()
    gate.open()
    assert same(await patient.future, answers(rows(2)))


async def test_a_request_that_is_late_when_it_comes_is_not_started(make_scheduler: Make) -> None:
    """An idle engine is not given a request whose deadline has passed already."""
    engine = Doubling()
    scheduler = make_scheduler(engine)
    with pytest.raises(DeadlineExceeded):
        await scheduler.submit(request(rows(1), now() - 1)).future
    assert same(await scheduler.submit(request(rows(2), now() + LATER_S)).future, answers(rows(2)))
    assert engine.seen == [2]
    assert scheduler.queued_rows == 0


async def test_a_large_request_stops_at_its_deadline(make_scheduler: Make) -> None:
    """The slices of a large request that has expired are not computed any more."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    large = scheduler.submit(request(np.ones((640, 2), np.float32), now() + SOON_S))
    with pytest.raises(DeadlineExceeded):
        await large.future
    assert scheduler.queued_rows == 0
    gate.open()
    await scheduler.submit(request(rows(2), now() + LATER_S)).future
    assert [sum(len(part) for part in batch) for batch in gate.batches] == [64, 1]


async def test_cancelled_rows_leave_the_queue_at_once(make_scheduler: Make) -> None:
    """A thousand queued requests that are dropped free the queue immediately, and the engine never sees them."""
    engine = Doubling()
    gate = make_gate(engine)
    scheduler = make_scheduler(gate=gate)
    running = scheduler.submit(request(rows(-1), now() + LATER_S))
    works = [scheduler.submit(request(rows(i), now() + LATER_S)) for i in range(1000)]
    assert scheduler.queued_rows == 1000
    for work in works:
        scheduler.drop(work)
        scheduler.drop(work)
    assert scheduler.queued_rows == 0
    assert all(work.future.cancelled() for work in works)
    gate.open()
    await running.future
    await scheduler.submit(request(rows(-2), now() + LATER_S)).future
    assert engine.seen == [-1, -2]


async def test_dropping_answered_work_changes_nothing(make_scheduler: Make) -> None:
    """A drop that comes behind the answer leaves the answer and the counters as they are."""
    scheduler = make_scheduler()
    work = scheduler.submit(request(rows(1), now() + LATER_S))
    await work.future
    scheduler.drop(work, DeadlineExceeded("too late"))
    assert same(work.future.result(), answers(rows(1)))
    assert scheduler.queued_rows == 0


async def test_the_queue_is_bounded_in_rows(make_scheduler: Make) -> None:
    """At the bound a request is accepted, one row above it is refused, and room made by a drop can be used."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate, max_queue_rows=100)
    works = [scheduler.submit(request(rows(0)))]
    works += [scheduler.submit(request(np.ones((50, 2), np.float32))) for _ in range(2)]
    assert scheduler.queued_rows == 100
    with pytest.raises(Overloaded, match="at most 100 waiting rows") as refused:
        scheduler.submit(request(rows(1)))
    assert refused.value.status == 503
    assert (b"retry-after", b"1") in refused.value.headers()
    scheduler.drop(works.pop())
    works.append(scheduler.submit(request(rows(2))))
    gate.open()
    await asyncio.gather(*(work.future for work in works))
    assert scheduler.queued_rows == 0


async def test_a_request_larger_than_the_queue_is_served_when_nothing_waits(make_scheduler: Make) -> None:
    """A bound below the largest request does not make that request impossible, only unwelcome beside others."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate, max_queue_rows=100)
    large = scheduler.submit(request(np.ones((300, 2), np.float32)))
    with pytest.raises(Overloaded):
        scheduler.submit(request(np.ones((300, 2), np.float32)))
    gate.open()
    assert len((await large.future)["double"]) == 300


async def test_a_wait_beyond_the_deadline_is_refused_at_once(make_scheduler: Make) -> None:
    """With batches known to be slow, a request that could not start in time is refused instead of queued."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    scheduler._batch_s = 100.0
    running = scheduler.submit(request(rows(1), now() + LATER_S))
    with pytest.raises(Overloaded, match="exceed the request's deadline"):
        scheduler.submit(request(rows(2), now() + 50))
    queued = scheduler.submit(request(np.ones((64, 2), np.float32), now() + 150))
    with pytest.raises(Overloaded):
        scheduler.submit(request(rows(3), now() + 150))
    last = scheduler.submit(request(rows(4), now() + 250))
    assert scheduler.queued_rows == 65
    gate.open()
    await asyncio.gather(running.future, queued.future, last.future)


async def test_an_idle_engine_refuses_nobody_for_its_past(make_scheduler: Make) -> None:
    """After one very slow batch an idle service takes the next request, whatever its deadline, and so recovers."""
    scheduler = make_scheduler()
    scheduler._batch_s = 100.0
    for _ in range(3):
        await scheduler.submit(request(rows(1), now() + 10)).future
    assert scheduler._batch_s < 80


async def test_a_caller_that_is_cancelled_leaves_the_queue(make_scheduler: Make) -> None:
    """A task that is cancelled while it waits, and drops its work then, frees its rows and harms no neighbour."""
    engine = Doubling()
    gate = make_gate(engine)
    scheduler = make_scheduler(gate=gate)
    first = scheduler.submit(request(rows(-1)))

    async def caller(value: float) -> object:
        work = scheduler.submit(request(rows(value)))
        try:
            return await work.future
        except asyncio.CancelledError:
            scheduler.drop(work)
            raise

    tasks = [asyncio.create_task(caller(i)) for i in range(10)]
    await asyncio.sleep(0)
    assert scheduler.queued_rows == 10
    for task in tasks[::2]:
        task.cancel()
    await asyncio.wait(tasks[::2])
    assert scheduler.queued_rows == 5
    gate.open()
    await asyncio.gather(first.future, *tasks[1::2])
    assert engine.seen == [-1, 1, 3, 5, 7, 9]
    assert scheduler.queued_rows == 0
