"""Metrics and tables of a classifier."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.dataset import Answers, Dataset
from training.evaluation.bootstrap import Clusters, Scores, resampled_means
from training.evaluation.calibration import expected_calibration_error, reliability
from training.evaluation.findings import Estimate, Table
from training.evaluation.probabilities import class_probabilities, decide
from training.signature import Label, Signature

_LEAST_PROBABILITY = float(np.finfo(np.float32).eps)
"""Softmax and sigmoid in float32 round what is much smaller to zero, whose logarithm is infinite."""


def classification_scores(truth: NDArray[Any], answers: NDArray[np.floating[Any]]) -> Scores:
    """Of every row: `accuracy`, 1 if its answer is right, else 0; `log_loss`, -log(probability of the true class).

    Args:
        truth: Class numbers, shape (rows,).
        answers: Probabilities, shape (rows, classes), or (rows, 1): that of class 1.
    """
    probability = class_probabilities(answers)[np.arange(len(truth)), truth.astype(np.int64)]
    return {
        "accuracy": (decide(answers) == truth).astype(np.float64),
        "log_loss": -np.log(np.maximum(probability, _LEAST_PROBABILITY)),
    }


def classification_estimates(dataset: Dataset, answers: Answers, cluster: Clusters | None) -> dict[str, Estimate]:
    """`correct` (rows), `accuracy`, `log_loss` (nats), and `expected_calibration_error` unless it is a truth table.

    The last has no interval: it adds up magnitudes, so that resampling moves it upwards.
    """
    ((name, truth),) = dataset.test.targets.items()
    scores = classification_scores(truth, answers[name])
    estimates = {"correct": Estimate(int(scores["accuracy"].sum()))}
    estimates |= {score: Estimate.of(means) for score, means in resampled_means(scores, cluster).items()}
    if not dataset.judged_by_training_rows:
        curve = reliability(truth, answers[name])
        estimates["expected_calibration_error"] = Estimate(expected_calibration_error(curve))
    return estimates


def classification_tables(dataset: Dataset, answers: Answers) -> dict[str, Table]:
    """Tables `classes`, `confusion`, and `reliability` unless it is a truth table."""
    ((name, truth),) = dataset.test.targets.items()
    classes = class_probabilities(answers[name]).shape[1]
    pairs = truth.astype(np.int64) * classes + decide(answers[name])
    matrix = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    labels = _labels(dataset.signature, name, classes)
    tables = {"classes": _class_table(matrix, labels), "confusion": _confusion_table(matrix, labels)}
    return tables if dataset.judged_by_training_rows else tables | {"reliability": reliability(truth, answers[name])}


def _labels(signature: Signature, output: str, classes: int) -> list[str]:
    for result in signature.result:
        if isinstance(result, Label) and result.output == output:
            return [str(label) for label in result.labels]
    return ["false", "true"] if classes == 2 else [str(number) for number in range(classes)]


def _class_table(matrix: NDArray[np.int64], labels: list[str]) -> Table:
    """A row per class; a quotient is None where there is nothing to divide by."""
    right, rows, answered = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return [
        {
            "label": label,
            "rows": int(rows[number]),
            "precision": _quotient(right[number], answered[number]),
            "recall": _quotient(right[number], rows[number]),
            "f1": _quotient(2 * right[number], rows[number] + answered[number]),
        }
        for number, label in enumerate(labels)
    ]


def _quotient(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None


def _confusion_table(matrix: NDArray[np.int64], labels: list[str]) -> Table:
    """A row per true class: `truth`, then how often it was taken for each."""
    return [
        {"truth": label, **dict(zip(labels, counts, strict=True))}
        for label, counts in zip(labels, matrix.tolist(), strict=True)
    ]
