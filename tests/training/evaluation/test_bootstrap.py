"""`training.evaluation.bootstrap`."""

from dataclasses import replace

import numpy as np

from training.datasets.columns import columns_of
from training.datasets.dataset import Dataset
from training.evaluation.bootstrap import RESAMPLES, clusters, resampled_means
from training.evaluation.findings import Estimate

EXPERIMENTS = 60


def test_the_first_mean_is_that_of_the_rows() -> None:
    """Before the resamples comes the mean over the rows themselves, with clusters or without."""
    score, cluster = np.arange(10.0), np.arange(10) // 5
    for drawn, length in ((cluster, 1 + RESAMPLES), (None, 1)):
        means = resampled_means({"score": score}, drawn)["score"]
        assert means.shape == (length,)
        assert means[0] == 4.5


def test_rows_spread_as_theory_says() -> None:
    """Drawn row by row, means spread by the deviation of the rows over the root of their number."""
    score = np.random.default_rng(0).exponential(size=500)
    means = resampled_means({"score": score}, np.arange(500))["score"][1:]
    assert abs(means.std() / (score.std() / np.sqrt(500)) - 1) < 0.1
    assert abs(means.mean() - score.mean()) < 0.01


def test_repeated_rows_tell_nothing_new() -> None:
    """A cluster is drawn whole: rows copied five times within their clusters give the very same means."""
    random = np.random.default_rng(0)
    score, cluster = random.normal(size=60), random.integers(0, 12, 60)
    once = resampled_means({"score": score}, cluster)["score"]
    often = resampled_means({"score": score.repeat(5)}, cluster.repeat(5))["score"]
    assert np.allclose(once, often, rtol=1e-12)


def test_scores_share_their_resamples() -> None:
    """Two scores that differ by a constant differ by it in every resample: differences are paired."""
    score = np.random.default_rng(0).normal(size=50)
    means = resampled_means({"a": score, "b": score + 3}, np.arange(50) // 2)
    assert np.allclose(means["b"] - means["a"], 3)
    assert means["a"].std() > 0


def test_intervals_hold_the_truth() -> None:
    """Where rows of a day share a mood, intervals by days nearly always hold the truth; intervals by rows do not."""
    random = np.random.default_rng(0)
    day = np.repeat(np.arange(40), 10)
    held = {"days": 0, "rows": 0}
    for _ in range(EXPERIMENTS):
        score = {"score": random.normal(size=40)[day] + random.normal(size=400)}
        for name, cluster in (("days", day), ("rows", np.arange(400))):
            low, high = Estimate.of(resampled_means(score, cluster)["score"]).interval or (np.nan, np.nan)
            held[name] += low <= 0 <= high
    assert held["days"] >= 0.88 * EXPERIMENTS
    assert held["rows"] <= 0.7 * EXPERIMENTS


def test_what_is_drawn(small_datasets: dict[str, Dataset]) -> None:
    """Flights by day; images one by one; a truth table not at all."""
    flights = small_datasets["flights"]
    days = columns_of(flights.signature, flights.test.inputs)["date"]
    pairs = set(zip(days, clusters(flights), strict=True))
    assert len(pairs) == len({day for day, _ in pairs}) == len({cluster for _, cluster in pairs}) > 50
    assert np.array_equal(clusters(small_datasets["mnist"]), np.arange(len(small_datasets["mnist"].test)))
    assert clusters(small_datasets["xor"]) is None


def test_one_day_is_no_sample(small_datasets: dict[str, Dataset]) -> None:
    """Flights of a single day do not say how much days differ."""
    flights = small_datasets["flights"]
    assert clusters(replace(flights, test=flights.test.take(clusters(flights) == 0))) is None
