"""A request is put together from the slices that rode in batches."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.work import Slice, Work
from tests.toy_engines import answers, request, rows, same


@given(cuts=st.lists(st.integers(1, 5), min_size=1, max_size=6), data=st.data())
def test_slices_become_the_whole_answer(cuts: list[int], data: st.DataObject) -> None:
    """Slices answered in any order give the rows in their places, and the request has spent what each batch took."""
    x = rows(*range(sum(cuts)))
    loop = asyncio.new_event_loop()
    try:
        work = Work(request(x), loop.create_future(), 0.0)
        ends = [sum(cuts[:place]) for place in range(len(cuts) + 1)]
        slices = [Slice(work, start, stop) for start, stop in pairwise(ends)]
        for number, part in enumerate(data.draw(st.permutations(slices)), 1):
            assert not work.future.done()
            work.answer(part, answers(x[part.start : part.stop]), (1, 10, 100 * number))
        assert same(work.future.result(), answers(x))
        assert work.spent == (len(cuts), 10 * len(cuts), 50 * len(cuts) * (len(cuts) + 1))
    finally:
        loop.close()


def test_rows_wait_until_they_are_taken() -> None:
    """What no batch has taken yet is what waits."""
    loop = asyncio.new_event_loop()
    work = Work(request(rows(1, 2, 3)), loop.create_future(), 0.0)
    loop.close()
    assert work.waiting_rows == 3
    work.taken = 2
    assert work.waiting_rows == 1
    assert Slice(work, 0, 2).inputs is work.request.inputs
