"""The middle of what the rounds gave, and how far they lie apart."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """Several measurements of one thing.

    Attributes:
        median: Their median.
        low: The least.
        high: The greatest.
        count: How many there are.
    """

    median: float
    low: float
    high: float
    count: int

    @property
    def spread(self) -> float:
        """Half the way from the least to the greatest, as a part of the median."""
        return (self.high - self.low) / 2 / self.median if self.median else 0.0


def summarise(values: Collection[float]) -> Summary | None:
    """Median, least and greatest; None where there is no value."""
    if not values:
        return None
    return Summary(statistics.median(values), min(values), max(values), len(values))


def ratio(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Summary | None:
    """Ratios within a round, summarised: what slows the machine for a while slows both sides of a ratio.

    Args:
        ours: A figure by round.
        theirs: The same figure of another server by round.
    """
    return summarise([ours[number] / theirs[number] for number in ours if theirs.get(number)])
