"""`training.evaluate`."""

import math
from dataclasses import replace

import numpy as np
import pytest

from training.config import Bound
from training.datasets.dataset import Rows
from training.evaluate import classification_metrics, evaluate, gate_failures, regression_metrics
from training.presets import PRESETS


def test_accuracy_is_the_exact_fraction() -> None:
    """Three right of four is 0.75, and the counts say so."""
    answers = np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
    metrics = classification_metrics(np.array([0, 1, 2, 0]), answers)
    assert (metrics["test_rows"], metrics["test_correct"], metrics["test_accuracy"]) == (4, 3, 0.75)
    assert metrics["commonest_class_accuracy"] == 0.5


def test_one_probability_is_that_of_class_one() -> None:
    """A single output is read against the threshold, which itself counts as class 1."""
    answers = np.array([[0.49], [0.5], [0.9], [0.1]], np.float32)
    assert classification_metrics(np.array([0.0, 1.0, 1.0, 0.0]), answers)["test_correct"] == 4


def test_row_order_does_not_matter() -> None:
    """Metrics of permuted rows are the metrics of the rows."""
    random = np.random.default_rng(0)
    truth, answers = random.integers(0, 4, 50), random.random((50, 4), np.float32)
    order = random.permutation(50)
    assert classification_metrics(truth, answers) == classification_metrics(truth[order], answers[order])


def test_regression_by_definition() -> None:
    """The mean as answer has R2 0, the truth R2 1 and no error; a constant shift is the mean absolute error."""
    truth = np.array([1.0, 2.0, 3.0, 10.0])
    assert regression_metrics("a", truth, np.full(4, truth.mean()))["a_r2"] == 0
    assert regression_metrics("a", truth, truth) == {"a_mae_min": 0, "a_r2": 1}
    assert regression_metrics("a", truth, (truth + 3)[:, None])["a_mae_min"] == 3


def test_every_output_is_judged() -> None:
    """A model with two outputs has metrics for both, by their names."""
    rows = Rows({}, {"a": np.arange(3.0), "b": np.arange(3.0)})
    metrics = evaluate("regression", rows, {"a": np.arange(3.0), "b": np.zeros(3)})
    assert metrics["a_mae_min"] == 0
    assert metrics["b_mae_min"] == 1


@pytest.mark.parametrize(("value", "met"), [(0.89, False), (0.9, True), (1.0, True), (math.nan, False)])
def test_gate_against_a_number(value: float, met: bool) -> None:
    """The bound itself passes, less does not, and what is no number does not."""
    config = replace(PRESETS[0], gate=(Bound(metric="x", at_least=0.9),))
    assert (gate_failures(config, {"x": value}) == []) is met


@pytest.mark.parametrize(("value", "met"), [(1.1, False), (1.0, True), (math.nan, False)])
def test_gate_against_a_baseline(value: float, met: bool) -> None:
    """At least as good as the baseline passes."""
    config = replace(PRESETS[0], gate=(Bound(metric="x", at_most_metric="base"),))
    assert (gate_failures(config, {"x": value, "base": 1.0}) == []) is met
