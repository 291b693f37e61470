"""Counts on the event loop's thread, handed to Prometheus when somebody looks.

Prometheus' own counters take a lock for every number, and several for an observation: as much time as reading a small
request. Here an observation is an addition; who reads the metrics lets the tallies be handed over first.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any


class Tally:
    """Counts for one series of a histogram, and a counter beside it that counts the same events.

    Args:
        histogram: Prometheus' child of the series.
        counter: Prometheus' child of the counter, if there is one.
    """

    __slots__ = ("__weakref__", "_bounds", "_counter", "_counts", "_histogram", "_sum")

    def __init__(self, histogram: Any, counter: Any = None) -> None:
        self._histogram = histogram
        self._counter = counter
        self._bounds: list[float] = list(histogram._upper_bounds)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def hand_over(self) -> None:
        """Add to Prometheus' series what has come since the last time."""
        events = sum(self._counts)
        if not events:
            return
        # there is no public way to add many observations at once; a test holds that these parts are what they were
        for bucket, count in zip(self._histogram._buckets, self._counts, strict=True):
            if count:
                bucket.inc(count)
        self._histogram._sum.inc(self._sum)
        if self._counter is not None:
            self._counter.inc(events)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0
