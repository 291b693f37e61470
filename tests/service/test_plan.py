"""How many rows to run now, and where, follows from what batches cost."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from service.plan import GAIN, INLINE_S, INLINE_SMALL_S, OVERHEAD_S, SAME_S, Plan, plan, whole

costs = st.dictionaries(st.integers(1, 80), st.floats(1e-6, 1e-2), min_size=1, max_size=12)
"""Seconds of an engine call by batch size; larger ones may well cost less."""


def padded_s(cost_s: Mapping[int, float], rows: int) -> float:
    """What rows cost together: a batch of the next size, and what is beside it."""
    return cost_s[min(size for size in cost_s if size >= rows)] + OVERHEAD_S


def parted(found: Plan, rows: int) -> list[int]:
    """The batches in which a plan runs rows that wait."""
    parts = []
    while rows:
        parts.append(found.take[rows])
        rows -= parts[-1]
    return parts


@given(costs)
def test_some_rows_are_taken_and_never_more_than_wait(cost_s: dict[int, float]) -> None:
    """Whatever batches cost, a plan knows every number of rows up to the largest batch and gets on with it."""
    take = plan(cost_s).take
    assert len(take) == max(cost_s) + 1
    assert take[0] == 0
    assert all(1 <= take[rows] <= rows for rows in range(1, len(take)))


@given(costs)
def test_it_is_never_later_than_all_at_once(cost_s: dict[int, float]) -> None:
    """All rows are done as soon as together, or sooner by more than measured times are inexact."""
    found = plan(cost_s)
    for rows in range(1, max(cost_s) + 1):
        parts, together_s = parted(found, rows), padded_s(cost_s, rows)
        parted_s = sum(padded_s(cost_s, part) for part in parts)
        assert parts == [rows] or parted_s < together_s * GAIN * (1 + 1e-9)
        assert all(part in cost_s for part in parts[:-1]), "what is run before the rest should have no padding"


@given(costs)
def test_no_part_would_have_been_better(cost_s: dict[int, float]) -> None:
    """No first batch without padding, the rest being run as planned, is sooner by more than the gain."""
    found = plan(cost_s)

    def done_s(rows: int) -> float:
        return sum(padded_s(cost_s, part) for part in parted(found, rows))

    for rows in range(1, max(cost_s) + 1):
        others = [padded_s(cost_s, size) + done_s(rows - size) for size in cost_s if size < rows]
        limit_s = min(done_s(rows), padded_s(cost_s, rows) * GAIN)
        assert all(other_s >= limit_s - 2 * SAME_S for other_s in others)


def test_rows_that_would_be_padded_far_are_parted() -> None:
    """33 rows that cost as much as 64 are run as 32 and 1; where time grows with rows only a little, together.

    Of parts that take the same time in any order the larger goes first: more rows are done sooner.
    """
    steep = plan({1: 1e-4, 32: 1e-3, 64: 2e-3})
    assert (parted(steep, 33), parted(steep, 32), parted(steep, 64)) == ([32, 1], [32], [64])
    flat = plan({1: 1e-2, 32: 1.1e-2, 64: 1.2e-2})
    assert flat == whole(64)


def test_a_small_gain_parts_nothing() -> None:
    """Parts that would be sooner by less than the noise of measuring are left together."""
    for share, expected in ((GAIN * 0.98, [32, 1]), (GAIN * 1.02, [33])):
        one_s = (share * (2e-3 + OVERHEAD_S) - 2 * OVERHEAD_S) / 2
        assert parted(plan({1: one_s, 32: one_s, 64: 2e-3}), 33) == expected


@given(costs)
def test_only_short_batches_run_in_the_loop(cost_s: dict[int, float]) -> None:
    """Up to the limit of rows every prepared size is short, the next is not; where the loop may not wait, none is."""
    found = plan(cost_s)
    for limit, limit_s in (found.inline_rows, INLINE_S), (found.inline_small_rows, INLINE_SMALL_S):
        assert all(cost_s[size] <= limit_s for size in cost_s if size <= limit)
        behind = [size for size in cost_s if size > limit]
        assert not behind or cost_s[min(behind)] > limit_s
    assert plan(cost_s, inline=False) == Plan(plan(cost_s).take, 0)


def test_without_costs_all_that_waits_is_taken() -> None:
    """Nothing is parted, and nothing runs in the loop's thread."""
    assert whole(4) == Plan((0, 1, 2, 3, 4), inline_rows=0, inline_small_rows=0)
