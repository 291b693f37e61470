"""`training.evaluation.calibration`."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from training.evaluation.calibration import (
    BINS,
    apply_temperature,
    expected_calibration_error,
    fit_temperature,
    reliability,
)

ROWS = 20_000


@pytest.fixture(scope="module")
def calibrated() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of three classes, and true classes drawn by them."""
    random = np.random.default_rng(0)
    probabilities = random.dirichlet([0.5, 0.7, 1], ROWS).astype(np.float32)
    truth = (random.random((ROWS, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    return probabilities, truth


def test_curve_is_that_of_scikit_learn() -> None:
    """Bins, mean confidences and shares are those of scikit-learn, fed with whether the answer was right."""
    random = np.random.default_rng(0)
    answers, truth = random.random((500, 1)), random.integers(0, 2, 500)
    curve = reliability(truth, answers)
    confidence = np.maximum(answers, 1 - answers)[:, 0]
    right = (answers[:, 0] >= 0.5) == truth
    accuracies, confidences = calibration_curve(right, confidence, n_bins=BINS)
    assert np.allclose([row["accuracy"] for row in curve], accuracies)
    assert np.allclose([row["confidence"] for row in curve], confidences)


def test_every_row_is_in_its_bin() -> None:
    """Bins are as wide as said and hold what lies in them, the upper end included, so that no row is lost."""
    answers = np.array([[1.0, 0.0], [0.5, 0.5], [0.6, 0.4], [0.61, 0.39]])
    curve = reliability(np.array([0, 0, 0, 1]), answers)
    assert [row["rows"] for row in curve] == [1, 1, 1, 1]
    assert all(row["from"] < row["confidence"] <= row["to"] for row in curve)
    assert all(row["to"] - row["from"] == pytest.approx(1 / BINS) for row in curve)


def test_error_by_definition() -> None:
    """Always 90 % sure and right in 60 % of the rows is an error of 0.3."""
    answers = np.tile([0.9, 0.1], (10, 1))
    assert expected_calibration_error(reliability(np.arange(10) >= 6, answers)) == pytest.approx(0.3)


def test_calibrated_answers_have_no_error(calibrated: tuple[np.ndarray, np.ndarray]) -> None:
    """Where truth is drawn by the answers, little error and a temperature of 1 are found."""
    probabilities, truth = calibrated
    assert expected_calibration_error(reliability(truth, probabilities)) < 0.01
    assert fit_temperature(probabilities, truth) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("temperature", [0.4, 2.5])
def test_temperature_is_found_and_undone(calibrated: tuple[np.ndarray, np.ndarray], temperature: float) -> None:
    """Answers too sure or too unsure by a temperature are found to be so, and brought back."""
    probabilities, truth = calibrated
    distorted = apply_temperature(probabilities, temperature)
    found = fit_temperature(distorted, truth)
    assert found * temperature == pytest.approx(1, abs=0.03)
    assert np.allclose(apply_temperature(distorted, 1 / temperature), probabilities, atol=1e-4)


def test_no_temperature_is_better(calibrated: tuple[np.ndarray, np.ndarray]) -> None:
    """By the log loss of scikit-learn, temperatures around the one found do worse."""
    probabilities, truth = (part[:300] for part in calibrated)
    found = fit_temperature(probabilities, truth)
    losses = [log_loss(truth, apply_temperature(probabilities, found * factor)) for factor in (0.5, 0.95, 1, 1.05, 2)]
    assert min(losses) == losses[2]


def test_one_probability_is_two(calibrated: tuple[np.ndarray, np.ndarray]) -> None:
    """The probability of class 1 alone has the temperature of both, and stays alone."""
    probabilities, truth = calibrated
    alone = probabilities[:, [1]]
    both = np.concatenate([1 - alone, alone], axis=1)
    is_one = truth == 1
    assert fit_temperature(alone, is_one) == pytest.approx(fit_temperature(both, is_one), rel=1e-4)
    assert np.allclose(apply_temperature(alone, 2), apply_temperature(both, 2)[:, [1]], rtol=1e-5)


def test_certain_answers_stay_finite() -> None:
    """Probabilities of exactly 0 and 1 have no infinite logarithm: the temperature is finite, and so is the result."""
    certain = np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
    temperature = fit_temperature(certain, np.array([0, 1, 2, 0]))
    assert np.isfinite(apply_temperature(certain, temperature)).all()
