"""The forms in which something is found: a number, a number with its interval, a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Metrics = dict[str, float]
"""Content of `metrics.json`: names with their unit, to finite numbers."""

Table = list[dict[str, Any]]
"""Rows of JSON values, all with the same keys in the same order."""

_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A metric.

    Attributes:
        value: On the test rows.
        interval: Both ends of its 95 % interval; None where there is nothing to estimate it from.
    """

    value: float
    interval: tuple[float, float] | None = None

    @classmethod
    def of(cls, values: NDArray[np.floating[Any]]) -> "Estimate":
        """From the value on the test rows, followed by those on resamples; a resample without one counts for none.

        Args:
            values: Shape (1 + resamples,).
        """
        resampled = values[1:][np.isfinite(values[1:])]
        if not len(resampled):
            return cls(float(values[0]))
        low, high = np.percentile(resampled, _PERCENTILES)
        return cls(float(values[0]), (float(low), float(high)))
