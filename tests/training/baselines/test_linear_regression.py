"""`training.baselines.linear_regression`."""

from dataclasses import replace

import numpy as np
import pytest

from training.baselines.linear_regression import design_matrix, linear_regression
from training.datasets.dataset import Dataset, Rows
from training.evaluation.evaluation import evaluate


def test_a_linear_truth_is_found(small_datasets: dict[str, Dataset]) -> None:
    """If the target is linear in the columns, least squares finds it: no error is left."""
    flights = small_datasets["flights"]
    weights = np.random.default_rng(0).normal(size=design_matrix(flights.signature, flights.train).shape[1])
    rows = _with_targets(flights, weights)
    for name, answers in linear_regression(replace(flights, train=rows, test=rows)).items():
        assert np.allclose(answers[:, 0], rows.targets[name], atol=1e-4)


def test_no_better_weights_on_the_training_rows(small_datasets: dict[str, Dataset]) -> None:
    """On the rows it was fitted to, the baseline has the answers of NumPy's own solution."""
    flights = small_datasets["flights"]
    matrix, truth = design_matrix(flights.signature, flights.train), flights.train.targets["air_time"]
    best = matrix @ np.linalg.lstsq(matrix, truth, rcond=None)[0]
    received = linear_regression(replace(flights, test=flights.train))["air_time"][:, 0]
    assert np.mean((received - truth) ** 2) == pytest.approx(np.mean((best - truth) ** 2), rel=1e-6)


def test_as_good_as_published(datasets: dict[str, Dataset]) -> None:
    """On the full data it is no worse than the linear regression that data/README.md gives for this split."""
    flights = datasets["flights"].without_validation()
    metrics = evaluate(flights, linear_regression(flights)).metrics
    assert metrics["arrival_delay_mae_min"] < 12.95
    assert metrics["air_time_mae_min"] < 9.29


def _with_targets(dataset: Dataset, weights: np.ndarray) -> Rows:
    truth = design_matrix(dataset.signature, dataset.train) @ weights
    return replace(dataset.train, targets={"arrival_delay": truth, "air_time": 2 * truth})
