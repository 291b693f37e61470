"""Counts are handed to Prometheus as if each had been told to it."""

from __future__ import annotations

import math
from typing import Any

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tally import Tally

BOUNDS = (0.25, 1.0, 4.0)
VALUES = st.sampled_from([0.0, *BOUNDS, -1.0, 100.0]) | st.integers(-40, 400).map(lambda eighths: eighths / 8)
"""Values on, beside and beyond the bounds, whose sums are exact in any order."""


class Series:
    """A histogram and a counter of the same events, in a registry of their own.

    Attributes:
        histogram: Prometheus' child.
        counter: Prometheus' child.
    """

    def __init__(self) -> None:
        self._registry = prometheus_client.CollectorRegistry()
        seconds = prometheus_client.Histogram("h", "Seconds.", ["model"], buckets=BOUNDS, registry=self._registry)
        events = prometheus_client.Counter("c", "Events.", ["model"], registry=self._registry)
        self.histogram: Any = seconds.labels("toy")
        self.counter: Any = events.labels("toy")

    def exposition(self) -> list[str]:
        """All series as they are read, but for when they were made."""
        text = prometheus_client.generate_latest(self._registry).decode()
        return [line for line in text.splitlines() if "_created" not in line]


@given(st.lists(VALUES | st.none(), max_size=30))
def test_it_is_as_if_prometheus_had_been_told(told: list[float | None]) -> None:
    """Whatever is observed, and whenever it is handed over (None), the series are those of observing directly."""
    direct, tallied = Series(), Series()
    tally = Tally(tallied.histogram, tallied.counter)
    for value in told:
        if value is None:
            tally.hand_over()
            assert tallied.exposition() == direct.exposition()
        else:
            tally.observe(value)
            direct.histogram.observe(value)
            direct.counter.inc()
    tally.hand_over()
    assert tallied.exposition() == direct.exposition()


def test_nothing_is_told_before_it_is_handed_over() -> None:
    """An observation is an addition here and costs Prometheus nothing until somebody looks; then it is told once."""
    series, untouched = Series(), Series()
    tally = Tally(series.histogram, series.counter)
    tally.observe(0.5)
    assert series.exposition() == untouched.exposition()
    tally.hand_over()
    told = series.exposition()
    assert told != untouched.exposition()
    tally.hand_over()
    assert series.exposition() == told


def test_a_histogram_may_stand_alone() -> None:
    """Without a counter beside it only the histogram is told."""
    series, direct = Series(), Series()
    tally = Tally(series.histogram)
    tally.observe(2.0)
    tally.hand_over()
    direct.histogram.observe(2.0)
    assert series.exposition() == direct.exposition()


def test_several_tallies_of_a_series_add_up() -> None:
    """A version that is loaded again counts on in the series that is there."""
    series, direct = Series(), Series()
    for value in (0.5, 2.0):
        tally = Tally(series.histogram, series.counter)
        tally.observe(value)
        tally.hand_over()
        direct.histogram.observe(value)
        direct.counter.inc()
    assert series.exposition() == direct.exposition()


def test_prometheus_parts_are_what_they_were() -> None:
    """The parts that have no public name: bounds up to infinity, a count for each that is not cumulative, a sum."""
    child = Series().histogram
    assert child._upper_bounds == [*BOUNDS, math.inf]
    assert len(child._buckets) == len(child._upper_bounds)
    child.observe(0.5)
    assert [bucket.get() for bucket in child._buckets] == [0, 1, 0, 0]
    assert child._sum.get() == 0.5
    child._buckets[2].inc(3)
    child._sum.inc(7.5)
    assert [bucket.get() for bucket in child._buckets] == [0, 1, 3, 0]
    assert child._sum.get() == pytest.approx(8.0)
