"""Batches run in the order in which they were given, one a thread, and the clock of a batch starts with it."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from service.batching import Scheduler
from service.engine_threads import EngineThreads
from service.work import Slice, Work
from tests.service.conftest import make_gate, until
from tests.toy_engines import PATIENCE_S, Gate, answers, request, rows, same


class Given:
    """Threads before a gate, and what has come back from them."""

    def __init__(self) -> None:
        self.gate: Gate = make_gate()
        self.back: list[tuple[float, Any, float, float]] = []
        self.threads = EngineThreads(self.gate, "toy", self._finished)  # type: ignore[arg-type]

    def run(self, first: float) -> None:
        """Give a batch of one row."""
        work = Work(request(rows(first)), asyncio.get_running_loop(), 0.0)
        self.threads.run([Slice(work, 0, 1)])

    async def entered(self) -> None:
        """A batch has come to the gate."""
        assert await asyncio.to_thread(self.gate.entered.acquire, timeout=PATIENCE_S)

    def _finished(self, batch: list[Slice], outcomes: Any, waited_s: float, ran_s: float) -> None:
        self.back.append((float(batch[0].inputs["x"][0, 0]), outcomes[0], waited_s, ran_s))


@pytest.fixture
async def given() -> AsyncIterator[Given]:
    """Threads that end with the test."""
    made = Given()
    yield made
    made.gate.open()
    made.threads.close()
    for thread in made.threads._threads:
        await asyncio.to_thread(thread.join, PATIENCE_S)
    assert not made.threads.alive


async def test_a_batch_that_waits_runs_next(given: Given) -> None:
    """One runs, one waits and knows how long; both come back in turn, each with its own rows."""
    assert (given.threads.free, given.threads.idle, given.threads.busy_s()) == (1, True, 0.0)
    given.run(1)
    given.run(2)
    assert (given.threads.free, given.threads.idle) == (-1, False)
    await given.entered()
    given.gate.let_one_pass()
    await until(lambda: len(given.back) == 1)
    assert (given.threads.free, given.threads.idle) == (0, False)
    given.gate.open()
    await until(lambda: given.threads.idle)
    assert [first for first, *_ in given.back] == [1, 2]
    assert all(same(outcome, answers(rows(first))) for first, outcome, *_ in given.back)
    assert given.back[1][2] >= given.back[0][3] > 0
    assert given.threads.free == 1


async def test_the_time_of_a_batch_starts_when_it_runs(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited behind a slow batch is not taken for an engine that hangs."""
    loop, moved = asyncio.get_running_loop(), 0.0
    real = loop.time
    monkeypatch.setattr(given.threads, "_loop", _Clock(loop, lambda: real() + moved))
    given.run(1)
    given.run(2)
    moved = 1000.0
    assert given.threads.busy_s() >= 1000
    given.gate.let_one_pass()
    await until(lambda: len(given.back) == 1)
    assert given.threads.busy_s() < 500
    moved = 2000.0
    assert given.threads.busy_s() >= 1000


class _Clock:
    """A loop whose clock the test moves."""

    def __init__(self, loop: asyncio.AbstractEventLoop, time: Any) -> None:
        self._loop, self.time = loop, time

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)


async def test_a_full_batch_of_large_requests_is_handed_over_ahead(make_scheduler: Any) -> None:
    """While one runs, the engine has the next already: one, and of other requests than the one that was cut."""
    gate = make_gate()
    scheduler: Scheduler = make_scheduler(gate=gate)
    sizes = (1, 64, 64, 200)
    works = [scheduler.submit(request(np.full((size, 2), size, np.float32))) for size in sizes]
    for ahead, queued in (1, 328), (1, 264), (1, 200), (0, 136), (0, 72), (0, 8), (0, 0):
        await asyncio.to_thread(gate.entered.acquire, timeout=PATIENCE_S)
        await until(lambda wanted=(-ahead, queued): (scheduler._threads.free, scheduler.queued_rows) == wanted)
        gate.let_one_pass()
    gate.open()
    for size, work in zip(sizes, works, strict=True):
        assert same(await work.future, answers(np.full((size, 2), size, np.float32)))


async def test_small_requests_are_not_handed_over_ahead(make_scheduler: Any) -> None:
    """Many small ones wait for the engine to be free: what joins them competes with what reads the next."""
    gate = make_gate()
    scheduler: Scheduler = make_scheduler(gate=gate)
    works = [scheduler.submit(request(rows(number))) for number in range(300)]
    assert (scheduler._threads.free, scheduler.queued_rows) == (0, 299)
    gate.open()
    await asyncio.gather(*(work.future for work in works))


async def test_what_ended_before_it_ran_is_not_computed(make_scheduler: Any) -> None:
    """Of a batch that waited ahead, requests that nobody waits for cost nothing; a batch of such is no batch."""
    gate = make_gate()
    scheduler: Scheduler = make_scheduler(gate=gate)
    running, gone = (scheduler.submit(request(np.full((size, 2), size, np.float32))) for size in (1, 64))
    assert scheduler._threads.free == -1
    scheduler.drop(gone)
    last = scheduler.submit(request(rows(5)))
    gate.open()
    await asyncio.gather(running.future, last.future)
    assert [len(batch[0]) for batch in gate.batches] == [1, 1]
    assert scheduler._threads.idle


async def test_a_thread_that_waits_holds_nothing(given: Given) -> None:
    """A request that has been answered is freed, also if no other follows."""
    x = rows(1)
    seen = weakref.ref(x)
    work = Work(request(x), asyncio.get_running_loop(), 0.0)
    given.gate.open()
    given.threads.run([Slice(work, 0, 1)])
    await until(lambda: bool(given.back))
    given.back.clear()
    del x, work
    await until(lambda: seen() is None)
