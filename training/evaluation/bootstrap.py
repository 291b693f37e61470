"""How far a metric could have come out otherwise, had other rows been held out.

References:
    Efron, Tibshirani: *An Introduction to the Bootstrap*, Chapman & Hall, 1993; chapter 13, percentile intervals.
    Davison, Hinkley: *Bootstrap Methods and their Application*, Cambridge University Press, 1997; section 3.8,
    rows that come in clusters.
"""

import numpy as np
from numpy.typing import NDArray

from training.datasets.columns import columns_of
from training.datasets.dataset import Dataset
from training.signature import Date

RESAMPLES = 1_000
_SEED = 0

Scores = dict[str, NDArray[np.float64]]
"""What every row contributes to a metric that is a mean over rows; shape (rows,)."""

Clusters = NDArray[np.int64]
"""Which rows belong together: the number of its cluster, from 0, for every row; shape (rows,)."""


def clusters(dataset: Dataset) -> Clusters | None:
    """Which test rows are drawn together.

    Flights of one day share its weather and congestion, so a day of 900 flights tells much less than 900 days
    would. Where rows have a date whole days are drawn; otherwise every row stands for itself.

    Returns:
        None where nothing can be drawn: the test rows are all there is (a truth table), or those of a single day.
    """
    if dataset.judged_by_training_rows:
        return None
    dates = [field.name for field in dataset.signature.fields if isinstance(field, Date)]
    if not dates:
        return np.arange(len(dataset.test))
    days = columns_of(dataset.signature, dataset.test.inputs)[dates[0]]
    cluster = np.unique(days, return_inverse=True)[1]
    return cluster if cluster.any() else None


def resampled_means(scores: Scores, cluster: Clusters | None) -> Scores:
    """Mean of every score over the rows, and over the rows of every resample.

    A resample draws as many clusters as there are, with replacement. A mean is a quotient of two sums over rows, so
    the sums of clusters are all that must be drawn. Every call draws the same clusters: what is compared on the
    same rows is compared on the same resamples.

    Returns:
        The mean over the rows, then those over the resamples: shape (1 + RESAMPLES,); without clusters (1,).
    """
    columns = [np.ones(len(next(iter(scores.values())))), *scores.values()]
    if cluster is None:
        totals = np.array([[column.sum() for column in columns]])
    else:
        sums = np.stack([np.bincount(cluster, column) for column in columns], axis=1)
        random = np.random.default_rng(_SEED)
        count = len(sums)
        draws = (random.integers(count, size=count) for _ in range(RESAMPLES))
        # How often each cluster is drawn, times its sums: ten times as fast as to gather the sums of those drawn.
        totals = np.stack([sums.sum(axis=0), *(np.bincount(drawn, minlength=count) @ sums for drawn in draws)])
    return dict(zip(scores, (totals[:, 1:] / totals[:, :1]).T, strict=True))
