"""From which epoch on nets are right: one number per seed, and what the numbers of many seeds say."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Epochs = NDArray[np.float64]
"""One epoch per seed, counted from 1; infinity: not within the run."""


@dataclass(frozen=True)
class Convergence:
    """When the nets of one shape had all rows right.

    Epochs count as Keras counts them: the accuracy of an epoch is that before its update. So a net that is right in
    epoch 54 has had 53 updates, and one that is right only after the last of n updates is right in epoch n + 1.

    Attributes:
        first: First epoch with all rows right.
        for_good: Epoch from which on all rows are right until the run ends.
    """

    first: Epochs
    for_good: Epochs


def convergence(right: NDArray[np.bool_]) -> Convergence:
    """Find the epochs.

    Args:
        right: Whether all rows are right, shape (epochs, seeds).
    """
    epoch = np.arange(1.0, len(right) + 1)[:, None]
    last_wrong = np.where(right, 0, epoch).max(axis=0)
    return Convergence(
        first=np.where(right, epoch, np.inf).min(axis=0),
        for_good=np.where(last_wrong < len(right), last_wrong + 1, np.inf),
    )


def quantile(epochs: Epochs, share: float) -> float:
    """The first epoch by which at least this share of the seeds, 0 to 1, is right; infinity: none."""
    return float(np.quantile(epochs, share, method="inverted_cdf"))


def share_by(epochs: Epochs, epoch: float) -> float:
    """Share of the seeds that are right by this epoch."""
    return float(np.mean(epochs <= epoch))


def share_ordered(*samples: Epochs) -> float:
    """Share of all ways to pick one run of every sample in which each run is earlier than the next.

    Of two samples it is the probability that the Mann-Whitney test estimates.

    References:
        Mann, Whitney: *On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other*,
        https://doi.org/10.1214/aoms/1177730491, 1947.
    """
    # In how many of the ways so far each run of the sample is the last
    ways = np.ones(len(samples[0]))
    for earlier, later in pairwise(samples):
        ways = ways @ (earlier[:, None] < later)
    return float(ways.sum() / np.prod([float(len(sample)) for sample in samples]))
