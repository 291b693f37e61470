"""Medians, spreads, ratios."""

from __future__ import annotations

import pytest

from loadtests.benchmark.summary import Summary, ratio, summarise


def test_summary_of_nothing_is_none() -> None:
    """No value, no figure."""
    assert summarise([]) is None
    assert ratio({0: 1.0}, {}) is None


def test_spread_is_half_the_range_by_the_median() -> None:
    """A single outlier moves the spread and not the median."""
    found = summarise([10.0, 9.0, 14.0])
    assert found == Summary(10.0, 9.0, 14.0, 3)
    assert found.spread == pytest.approx(0.25)


def test_ratio_is_taken_within_rounds() -> None:
    """What slows both sides of a round leaves the ratio alone; rounds of one side only do not count."""
    found = ratio({0: 100.0, 1: 50.0, 2: 10.0, 3: 7.0}, {0: 50.0, 1: 25.0, 2: 5.0})
    assert found == Summary(2.0, 2.0, 2.0, 3)


def test_ratio_leaves_out_a_round_without_answers() -> None:
    """Nothing is divided by zero."""
    assert ratio({0: 1.0, 1: 4.0}, {0: 0.0, 1: 2.0}) == Summary(2.0, 2.0, 2.0, 1)
