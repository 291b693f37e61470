"""`training.baselines`."""

from dataclasses import replace

import numpy as np

from training.baselines import design_matrix, regression_baseline
from training.datasets.dataset import Dataset


def test_a_linear_truth_is_found(small_datasets: dict[str, Dataset]) -> None:
    """If the target is linear in the columns, least squares finds it: no error is left."""
    flights = small_datasets["flights"]
    weights = np.random.default_rng(0).normal(size=design_matrix(flights.signature, flights.train).shape[1])
    linear = replace(
        flights, train=_with_targets(flights, weights, "train"), test=_with_targets(flights, weights, "train")
    )
    metrics = regression_baseline(linear)
    assert metrics["linear_regression_arrival_delay_mae_min"] < 1e-4
    assert metrics["linear_regression_air_time_r2"] > 1 - 1e-9


def test_no_better_weights_on_the_training_rows(small_datasets: dict[str, Dataset]) -> None:
    """On the rows it was fitted to, the baseline has the squared error of NumPy's own solution."""
    flights = small_datasets["flights"]
    matrix, truth = design_matrix(flights.signature, flights.train), flights.train.targets["air_time"]
    best = matrix @ np.linalg.lstsq(matrix, truth, rcond=None)[0]
    r2 = 1 - ((truth - best) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    received = regression_baseline(replace(flights, test=flights.train))["linear_regression_air_time_r2"]
    assert abs(received - r2) < 1e-6


def test_as_good_as_published(datasets: dict[str, Dataset]) -> None:
    """On the full data it is no worse than the linear regression that data/README.md gives for this split."""
    metrics = regression_baseline(datasets["flights"].without_validation())
    assert metrics["linear_regression_arrival_delay_mae_min"] < 12.95
    assert metrics["linear_regression_air_time_mae_min"] < 9.29


def _with_targets(dataset: Dataset, weights: np.ndarray, part: str) -> object:
    rows = getattr(dataset, part)
    truth = design_matrix(dataset.signature, rows) @ weights
    return replace(rows, targets={"arrival_delay": truth, "air_time": 2 * truth})
