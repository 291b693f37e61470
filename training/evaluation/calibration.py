"""Whether probabilities mean what they say: of the answers given with 80 %, 80 % should be right.

References:
    Guo, Pleiss, Sun, Weinberger: *On Calibration of Modern Neural Networks*, https://arxiv.org/abs/1706.04599,
    2017; sections 2 (reliability, expected calibration error) and 4.2 (temperature).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from training.evaluation.findings import Table
from training.evaluation.probabilities import class_probabilities, decide

BINS = 15
_TEMPERATURES = (1e-2, 1e2)
_LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)


def reliability(truth: NDArray[Any], answers: NDArray[np.floating[Any]]) -> Table:
    """The reliability curve: rows by the probability of the class answered, in bins of equal width.

    Args:
        truth: Class numbers, shape (rows,).
        answers: Probabilities, shape (rows, classes), or (rows, 1): that of class 1.

    Returns:
        Per bin that has rows: `from` (exclusive) and `to` (inclusive), `rows`, their mean probability
        `confidence`, and the share of them that is right, `accuracy`.
    """
    chosen = decide(answers)
    confidence = class_probabilities(answers)[np.arange(len(chosen)), chosen]
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return [
        {
            "from": number / BINS,
            "to": (number + 1) / BINS,
            "rows": int((bins == number).sum()),
            "confidence": float(confidence[bins == number].mean()),
            "accuracy": float((chosen == truth)[bins == number].mean()),
        }
        for number in np.unique(bins).tolist()
    ]


def expected_calibration_error(curve: Table) -> float:
    """sum(rows * |accuracy - confidence|) / sum(rows) over the bins of a reliability curve; 0 is best."""
    rows = sum(row["rows"] for row in curve)
    return float(sum(row["rows"] * abs(row["accuracy"] - row["confidence"]) for row in curve) / rows)


def fit_temperature(probabilities: NDArray[np.floating[Any]], truth: NDArray[Any]) -> float:
    """The temperature that makes the log loss of these rows smallest; they must not be the test rows.

    Above 1, the probabilities were too sure of themselves; below 1, not sure enough.

    Args:
        probabilities: Shape (rows, classes), or (rows, 1): that of class 1.
        truth: Class numbers, shape (rows,).
    """
    logs = _logarithms(probabilities)
    places = np.arange(len(logs)), truth.astype(np.int64)

    def log_loss(log_temperature: float) -> float:
        return -float(_normalised(logs / np.exp(log_temperature))[places].mean())

    # Convex in 1 / temperature, so there is one valley only.
    found = minimize_scalar(log_loss, bounds=np.log(_TEMPERATURES), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def apply_temperature(probabilities: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.float32]:
    """softmax(log(probabilities) / temperature). Keeps the shape, and the order of the classes in every row."""
    scaled = np.exp(_normalised(_logarithms(probabilities) / temperature)).astype(np.float32)
    return scaled if probabilities.shape[1] > 1 else scaled[:, 1:]


def _logarithms(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    logarithms: NDArray[np.float64] = np.log(np.maximum(class_probabilities(probabilities), _LEAST_PROBABILITY))
    return logarithms


def _normalised(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same up to a constant per row, so that the exponentials of a row add up to 1."""
    shifted = logs - logs.max(axis=1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised
