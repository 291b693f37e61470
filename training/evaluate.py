"""Metrics of a trained model on its test rows, and the gate."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.config import Bound, TrainingConfig
from training.datasets.dataset import Rows

Metrics = dict[str, float]
"""Content of `metrics.json`: names with their unit, to numbers."""

DECISION_THRESHOLD = 0.5


def classification_metrics(truth: NDArray[np.number[Any]], answers: NDArray[np.float32]) -> Metrics:
    """Share and number of right answers, and what always answering the commonest class would reach.

    Args:
        truth: Class numbers, shape (rows,).
        answers: Probabilities, shape (rows, classes); or shape (rows, 1): that of class 1.
    """
    chosen = answers.argmax(axis=1) if answers.shape[1] > 1 else answers[:, 0] >= DECISION_THRESHOLD
    correct = int((chosen == truth).sum())
    commonest = np.unique(truth, return_counts=True)[1].max()
    return {
        "test_rows": len(truth),
        "test_correct": correct,
        "test_accuracy": correct / len(truth),
        "commonest_class_accuracy": float(commonest / len(truth)),
    }


def regression_metrics(name: str, truth: NDArray[np.floating[Any]], answers: NDArray[np.floating[Any]]) -> Metrics:
    """Mean absolute error and coefficient of determination of one output.

    R2 = 1 - sum((truth - answer)^2) / sum((truth - mean(truth))^2)

    Args:
        name: Prefix of the metric names.
        truth: Minutes, shape (rows,).
        answers: Minutes, shape (rows,) or (rows, 1).
    """
    # In float64: a sum of 65,000 squares in float32 is off in the fourth digit.
    wanted = truth.astype(np.float64)
    residual = wanted - answers.astype(np.float64).reshape(wanted.shape)
    spread = wanted - wanted.mean()
    return {
        f"{name}_mae_min": float(np.abs(residual).mean()),
        f"{name}_r2": float(1 - (residual**2).sum() / (spread**2).sum()),
    }


def evaluate(task: str, test: Rows, answers: dict[str, NDArray[np.float32]]) -> Metrics:
    """All metrics of the model's answers to the test rows.

    Args:
        task: `classification` or `regression`.
        test: The test rows.
        answers: By output name, shape (rows, elements).
    """
    if task == "classification":
        ((name, truth),) = test.targets.items()
        return classification_metrics(truth, answers[name])
    metrics: Metrics = {"test_rows": len(test)}
    for name, truth in test.targets.items():
        metrics |= regression_metrics(name, truth, answers[name])
    return metrics


def gate_failures(config: TrainingConfig, metrics: Metrics) -> list[str]:
    """One sentence for every condition of the gate that the metrics do not meet; empty if all are met."""
    return [sentence for bound in config.gate if (sentence := _failure(bound, metrics))]


def _failure(bound: Bound, metrics: Metrics) -> str | None:
    value = metrics[bound.metric]
    # Written as "not good", so that a metric which is not a number fails.
    if bound.at_least is not None and not value >= bound.at_least:
        return f"Expected {bound.metric} of at least {bound.at_least}. Received {value:.6g}."
    if bound.at_most_metric is not None and not value <= metrics[bound.at_most_metric]:
        limit = metrics[bound.at_most_metric]
        return f"Expected {bound.metric} of at most {limit:.6g} ({bound.at_most_metric}). Received {value:.6g}."
    return None
