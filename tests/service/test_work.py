"""A request is put together from the slices that rode in batches."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import DeadlineExceeded
from service.work import DROPPED, Outcome, Slice, Then, Work
from tests.clock import VirtualLoop
from tests.toy_engines import answers, request, rows, same


@given(cuts=st.lists(st.integers(1, 5), min_size=1, max_size=6), data=st.data())
def test_slices_become_the_whole_answer(cuts: list[int], data: st.DataObject) -> None:
    """Slices answered in any order give the rows in their places, and the request has spent what each batch took."""
    x = rows(*range(sum(cuts)))
    loop = asyncio.new_event_loop()
    try:
        work = Work(request(x), loop, 0.0)
        ends = [sum(cuts[:place]) for place in range(len(cuts) + 1)]
        slices = [Slice(work, start, stop) for start, stop in pairwise(ends)]
        for number, part in enumerate(data.draw(st.permutations(slices)), 1):
            outputs = work.answer(part, answers(x[part.start : part.stop]), (1, 10, 100 * number))
            assert (outputs is None) == (number < len(slices))
        assert outputs is not None
        assert same(outputs, answers(x))
        assert work.spent == (len(cuts), 10 * len(cuts), 50 * len(cuts) * (len(cuts) + 1))
    finally:
        loop.close()


def test_rows_wait_until_they_are_taken() -> None:
    """What no batch has taken yet is what waits."""
    work = Work(request(rows(1, 2, 3)), VirtualLoop(), 0.0)
    assert work.waiting_rows == 3
    work.taken = 2
    assert work.waiting_rows == 1
    assert Slice(work, 0, 2).inputs is work.request.inputs


OUTPUTS = answers(rows(1))
LATE = DeadlineExceeded("late")


def one(then: Then | None = None) -> Work:
    """The work of one row, on a loop that does at once what it is asked to do soon."""
    return Work(request(rows(1)), VirtualLoop(), 0.0, then)


def told(future: asyncio.Future[Any]) -> object:
    """What a future says: outputs, an error, or that it was cancelled."""
    return DROPPED if future.cancelled() else future.exception() or future.result()


@pytest.mark.parametrize("outcome", [OUTPUTS, LATE, DROPPED], ids=["answered", "failed", "dropped"])
def test_everybody_is_told_the_same(outcome: Outcome) -> None:
    """The future, asked for before or behind the outcome, the callback and watchers get the one outcome, each once."""
    seen: list[object] = []
    work = one(lambda work: seen.append(work.outcome))
    before = work.future
    work.watch(lambda work: seen.append(work.outcome))
    assert (work.done, seen, before.done()) == (False, [], False)
    work.settle(outcome)
    work.watch(lambda work: seen.append(work.outcome))
    later = one()
    later.settle(outcome)
    assert (work.done, later.done) == (True, True)
    assert seen == [outcome] * 3
    assert told(before) is told(work.future) is told(later.future) is outcome


@pytest.mark.parametrize("first", [OUTPUTS, LATE, DROPPED], ids=["answered", "failed", "dropped"])
def test_the_first_outcome_stays(first: Outcome) -> None:
    """What comes behind it changes nothing and tells nobody."""
    seen: list[object] = []
    work = one(lambda work: seen.append(work.outcome))
    for outcome in (first, OUTPUTS, LATE, DROPPED):
        work.settle(outcome)
    assert seen == [first]
    assert told(work.future) is first


def test_a_caller_that_is_cancelled_has_gone() -> None:
    """A work whose future was cancelled is done, though it has no outcome; one that comes is no error."""
    work = one()
    work.future.cancel()
    assert (work.done, work.outcome) == (True, None)
    work.settle(OUTPUTS)
    assert work.future.cancelled()


def test_a_callback_that_fails_costs_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    """Its defect is logged and goes no further: others ride in the same batch."""

    def fail(work: Work) -> None:
        raise RuntimeError("a defect")

    one(fail).settle(OUTPUTS)
    assert "a defect" in caplog.text
