"""Classifiers that need no network. An image is its pixels from 0 to 1; where they lie does not count."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import euclidean_distances

from training.datasets.dataset import Answers, Dataset, Rows
from training.evaluation.calibration import apply_temperature, fit_temperature

MOST_ITERATIONS = 60
"""Of the logistic regression. On the digits more of them take longer and give no higher accuracy."""


def classifiers(dataset: Dataset) -> dict[str, Answers]:
    """Answers to the test rows, by name of the baseline.

    Returns:
        `commonest_class` (every class as probable as it is common) and, unless the training rows are of a single
        class, `nearest_class_mean` and `logistic_regression`.
    """
    ((name, truth),) = dataset.train.targets.items()
    # Of few rows some classes may be missing; the others are numbered from 0 for the time being.
    found, numbers = np.unique(truth.astype(np.int64), return_inverse=True)
    train, test = _matrix(dataset.train), _matrix(dataset.test)
    shares = np.bincount(numbers) / len(numbers)
    answers: dict[str, NDArray[np.floating[Any]]] = {"commonest_class": np.tile(shares, (len(test), 1))}
    if len(found) > 1:
        answers["nearest_class_mean"] = _nearest_class_mean(train, numbers, test)
        answers["logistic_regression"] = _logistic_regression(train, numbers, test)
    elements = dataset.signature.outputs[0].shape[0]
    return {baseline: {name: _as_output(answer, found, elements)} for baseline, answer in answers.items()}


def _matrix(rows: Rows) -> NDArray[np.float32]:
    """Every input flattened, shape (rows, elements); whole numbers from 0 to 1."""
    parts = []
    for array in rows.inputs.values():
        largest = np.iinfo(array.dtype).max if array.dtype.kind == "u" else 1
        parts.append(array.reshape(len(rows), -1) / np.float32(largest))
    return np.concatenate(parts, axis=1)


def _nearest_class_mean(
    train: NDArray[np.float32], numbers: NDArray[np.int64], test: NDArray[np.float32]
) -> NDArray[np.floating[Any]]:
    """Probabilities that fall with the squared distance, as steeply as fits the training rows best."""
    means = np.stack([train[numbers == number].mean(axis=0) for number in range(numbers.max() + 1)])
    far, far_test = (euclidean_distances(part, means, squared=True) for part in (train, test))
    unit = far.mean() or 1
    temperature = fit_temperature(softmax(-far / unit, axis=1), numbers)
    return apply_temperature(softmax(-far_test / unit, axis=1), temperature)


def _logistic_regression(
    train: NDArray[np.float32], numbers: NDArray[np.int64], test: NDArray[np.float32]
) -> NDArray[np.floating[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = LogisticRegression(max_iter=MOST_ITERATIONS).fit(train, numbers)
    probabilities: NDArray[np.floating[Any]] = fitted.predict_proba(test)
    return probabilities


def _as_output(
    probabilities: NDArray[np.floating[Any]], found: NDArray[np.int64], elements: int
) -> NDArray[np.float32]:
    """With the classes that were not found, in the shape of the output: of two classes, class 1 alone."""
    placed = np.zeros((len(probabilities), max(elements, 2)), np.float32)
    placed[:, found] = probabilities
    return placed if elements > 1 else placed[:, 1:]
