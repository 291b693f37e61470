"""Makes prediction intervals hold what they promise, by rows that the model was not fitted to.

References:
    Romano, Patterson, Candès: *Conformalized Quantile Regression*, https://arxiv.org/abs/1905.03222, 2019; section 4
    and theorem 2, each end by itself. Theirs moves the ends; scaling them keeps wide intervals wide.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

Column = NDArray[np.floating[Any]]


def tail_scales(truth: Column, point: Column, low: Column, high: Column, share: float = 0.1) -> tuple[float, float]:
    """Factors for `point - low` and `high - point` that leave `share` of the rows below, and as many above.

    More exactly: of n rows, as many as the rank ceil((n + 1) * (1 - share)) are on or inside each end. Then a further
    row that is like these lies below with a probability of at most `share`. If n is too small for the rank, all rows
    are inside, and the promise cannot be kept.

    Args:
        truth: Of validation rows, shape (rows,).
        point: The answers to them, shape (rows,).
        low: Lower ends of the intervals, shape (rows,).
        high: Upper ends, shape (rows,).
        share: Of the rows on each side, 0 to 1.

    Returns:
        The factor of the lower and of the upper part; 0 or more.

    Raises:
        TrainingError: If a point is not between its ends.
    """
    wrong = len(point) - int(((low < point) & (point < high)).sum())
    if wrong:
        raise TrainingError(f"Expected low < point < high in all {len(point)} rows. Received {wrong} others.")
    exact_truth, exact_point = truth.astype(np.float64), point.astype(np.float64)
    below, above = (exact_point - exact_truth) / (exact_point - low), (exact_truth - exact_point) / (high - exact_point)
    return _reach(below, share), _reach(above, share)


def _reach(distances: NDArray[np.float64], share: float) -> float:
    """The smallest factor within which lie as many distances as the rank says; one below zero is on the other side."""
    rank = math.ceil((len(distances) + 1) * (1 - share))
    return max(float(np.sort(distances)[min(rank, len(distances)) - 1]), 0.0)
