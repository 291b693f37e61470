"""Reads the answers of a classifier: a probability per class, or, of two classes, that of class 1 only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DECISION_THRESHOLD = 0.5


def class_probabilities(answers: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Probability of every class.

    Args:
        answers: Shape (rows, classes); or (rows, 1): that of class 1.

    Returns:
        Shape (rows, classes), two classes at least.
    """
    exact = answers.astype(np.float64)
    return exact if exact.shape[1] > 1 else np.concatenate([1 - exact, exact], axis=1)


def decide(answers: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Number of the class answered: the most probable one; class 1 of two from the threshold on.

    Args:
        answers: Shape (rows, classes); or (rows, 1): the probability of class 1.

    Returns:
        Shape (rows,).
    """
    return answers.argmax(axis=1) if answers.shape[1] > 1 else (answers[:, 0] >= DECISION_THRESHOLD).astype(np.int64)
