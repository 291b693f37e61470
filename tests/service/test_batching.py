"""The scheduler gives every request its own rows, whatever rides beside it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from service.batching import Scheduler, Work
from service.errors import InferenceFailed
from tests.service.conftest import BATCH_ROWS, make_gate
from tests.toy_engines import MARK, Bent, Doubling, NotFinite, Poisoned, answers, request, rows, same

Make = Callable[..., Scheduler]
REQUESTS = 4000
CONCURRENCY = 64


def one_row(first: float, deadline: float = 1e9) -> object:
    """A request of one row."""
    return request(rows(first), deadline)


class Clients:
    """Sends requests of 1-64 rows, every row unlike all others, and cancels some of them at random moments."""

    def __init__(self, scheduler: Scheduler, requests: int) -> None:
        self._scheduler = scheduler
        self._random = random.Random(7)
        self._left = iter(range(requests))
        self._next_row = 0
        self.wrong = 0
        self.answered: set[float] = set()
        self.cancelled: set[float] = set()

    async def run(self) -> None:
        """One client after the other takes what is left."""
        for _ in self._left:
            count = self._random.randint(1, BATCH_ROWS)
            firsts = np.arange(self._next_row, self._next_row + count, dtype=np.float32)
            self._next_row += count
            x = np.stack([firsts, -firsts % 97], axis=1)
            await self._pause()
            work = self._scheduler.submit(request(x))
            if self._random.random() < 0.1:
                await self._pause()
                if not work.future.done():
                    self._scheduler.drop(work)
                    self.cancelled |= set(firsts.tolist())
                    continue
            self.wrong += not same(await work.future, answers(x))
            self.answered |= set(firsts.tolist())

    async def _pause(self) -> None:
        for _ in range(self._random.choice((0, 0, 1, 5))):
            await asyncio.sleep(0)


@pytest.mark.parametrize("sizes", [range(1, BATCH_ROWS + 1), [2, 16, BATCH_ROWS]], ids=["every size", "padded"])
async def test_no_row_is_mixed_up_lost_or_doubled(make_scheduler: Make, sizes: range | list[int]) -> None:
    """Of thousands of requests, 64 at a time and some cancelled, none gets a wrong row and no row is computed twice."""
    engine = Doubling()
    scheduler = make_scheduler(engine, sizes=sizes)
    clients = Clients(scheduler, REQUESTS)
    await asyncio.gather(*(clients.run() for _ in range(CONCURRENCY)))
    assert clients.wrong == 0
    assert len(clients.cancelled) > REQUESTS // 10, "some must have been cancelled for this to mean anything"
    assert scheduler.queued_rows == 0
    seen = Counter(engine.seen)
    assert clients.answered <= seen.keys()
    if len(sizes) == BATCH_ROWS:  # without padding, which repeats rows
        assert max(seen.values()) == 1


async def test_a_lone_request_runs_at_once(make_scheduler: Make) -> None:
    """An idle engine is given a request when it is submitted, not after a time of gathering."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    work = scheduler.submit(one_row(1))
    assert (scheduler.queued_rows, scheduler.busy_s() >= 0) == (0, True)
    assert await asyncio.to_thread(gate.entered.acquire, timeout=10)
    gate.open()
    assert same(await work.future, answers(rows(1)))
    await asyncio.sleep(0)
    assert scheduler.busy_s() == 0


async def test_what_waits_rides_together_in_turn(make_scheduler: Make) -> None:
    """Requests that gather behind a batch ride in the next, in the order they came, up to its limit."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    works = [scheduler.submit(one_row(first)) for first in range(1 + BATCH_ROWS + 3)]
    assert scheduler.queued_rows == BATCH_ROWS + 3
    gate.open()
    await asyncio.gather(*(work.future for work in works))
    sizes = [len(batch) for batch in gate.batches]
    assert sizes == [1, BATCH_ROWS, 3]
    assert [part[0] for batch in gate.batches for part in batch] == list(range(1 + BATCH_ROWS + 3))


async def test_small_requests_do_not_wait_behind_a_large_one(make_scheduler: Make) -> None:
    """Ten one-row requests ride in the batch after the first slice of a 1,024-row request that came before them."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    x = np.stack([np.arange(1024), np.ones(1024)], axis=1).astype(np.float32)
    large = scheduler.submit(request(x))
    small = [scheduler.submit(one_row(-first)) for first in range(1, 11)]
    gate.open()
    assert same(await large.future, answers(x))
    for first, work in enumerate(small, 1):
        assert same(await work.future, answers(rows(-first)))
    assert [part[0] for part in gate.batches[1][:10]] == [-first for first in range(1, 11)]
    assert [sum(len(part) for part in batch) for batch in gate.batches] == [64] * 16 + [10]


async def test_two_large_requests_take_turns(make_scheduler: Make) -> None:
    """Slices of two large requests alternate, so that neither waits for the other's end."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    one, other = (request(np.full((256, 2), value, np.float32)) for value in (1, 2))
    works = [scheduler.submit(one), scheduler.submit(other)]
    gate.open()
    await asyncio.gather(*(work.future for work in works))
    assert [batch[0][0] for batch in gate.batches] == [1, 2] * 4


async def test_a_failing_row_fails_its_request_alone(make_scheduler: Make) -> None:
    """Of 64 requests in one batch, the one with the failing row gets 500 and 63 their answers."""
    gate = make_gate(Poisoned())
    scheduler = make_scheduler(gate=gate)
    first = scheduler.submit(one_row(0))
    works = [scheduler.submit(one_row(float(MARK) if i == 20 else i)) for i in range(BATCH_ROWS)]
    gate.open()
    await first.future
    outcomes = await asyncio.gather(*(work.future for work in works), return_exceptions=True)
    assert len(gate.batches) == 2
    assert [i for i, outcome in enumerate(outcomes) if isinstance(outcome, InferenceFailed)] == [20]
    assert all(same(outcome, answers(rows(i))) for i, outcome in enumerate(outcomes) if i != 20)


@pytest.mark.parametrize(
    "engine",
    [
        lambda: Bent(lambda out: {name: array[:-1] for name, array in out.items()}),
        lambda: Bent(lambda out: None),
        lambda: NotFinite(np.nan),
        Poisoned,
    ],
    ids=["a row too few", "nothing", "not finite", "raises"],
)
async def test_the_next_batch_is_fine(make_scheduler: Make, engine: Callable[[], Doubling]) -> None:
    """After a failure of any kind the next request is answered and nothing is left queued."""
    scheduler = make_scheduler(engine())
    for _ in range(3):
        with pytest.raises(InferenceFailed):
            await scheduler.submit(one_row(float(MARK))).future
        assert same(await scheduler.submit(one_row(5)).future, answers(rows(5)))
    assert scheduler.queued_rows == 0


async def test_a_large_request_with_one_failing_row_fails_once(make_scheduler: Make) -> None:
    """A failing slice ends its request, whose later slices leave the queue; a small request beside it is answered."""
    gate = make_gate(Poisoned())
    scheduler = make_scheduler(gate=gate)
    x = np.ones((640, 2), np.float32)
    x[70] = MARK
    large, small = scheduler.submit(request(x)), scheduler.submit(one_row(3))
    gate.open()
    with pytest.raises(InferenceFailed):
        await large.future
    assert same(await small.future, answers(rows(3)))
    await scheduler.submit(one_row(4)).future
    assert scheduler.queued_rows == 0
    assert sum(len(part) for batch in gate.batches for part in batch) <= 3 * BATCH_ROWS + 2


async def test_a_defect_in_answering_fails_its_request_alone(
    make_scheduler: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one request's answer cannot be put together, it fails at once and its neighbours are answered."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    first = scheduler.submit(one_row(0))
    works = [scheduler.submit(one_row(i)) for i in range(4)]
    sound = Work.answer

    def answer(work: Work, *given: object) -> object:
        if work is works[1]:
            raise MemoryError
        return sound(work, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Work, "answer", answer)
    gate.open()
    await first.future
    async with asyncio.timeout(10):
        outcomes = await asyncio.gather(*(work.future for work in works), return_exceptions=True)
    assert [isinstance(outcome, InferenceFailed) for outcome in outcomes] == [False, True, False, False]


async def test_answers_do_not_depend_on_the_batch(make_scheduler: Make) -> None:
    """The same rows sent alone, together, and in another order get the same bits."""
    random_rows = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    scheduler = make_scheduler()
    alone = [await scheduler.submit(request(row[None])).future for row in random_rows]
    together = await scheduler.submit(request(random_rows)).future
    order = np.random.default_rng(2).permutation(40)
    permuted = await scheduler.submit(request(random_rows[order])).future
    for name in ("double", "total"):
        assert np.concatenate([answer[name] for answer in alone]).tobytes() == together[name].tobytes()
        assert permuted[name].tobytes() == together[name][order].tobytes()


async def test_closing_refuses_what_waits_and_finishes_what_runs(make_scheduler: Make) -> None:
    """A closed scheduler answers its running batch, refuses the queue, and ends its thread."""
    gate = make_gate()
    scheduler = make_scheduler(gate=gate)
    running, waiting = scheduler.submit(one_row(1)), scheduler.submit(one_row(2))
    scheduler.close()
    assert scheduler.queued_rows == 0
    with pytest.raises(Exception, match="unloaded"):
        await waiting.future
    gate.open()
    assert same(await running.future, answers(rows(1)))
    for thread in scheduler._threads._threads:
        await asyncio.to_thread(thread.join, 10)
    assert not scheduler.running
