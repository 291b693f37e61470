"""Least squares on the fields of the record: a linear regression that was given a fair chance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.columns import columns_of
from training.datasets.dataset import Answers, Dataset, Rows
from training.signature import Category, Date, Field, Number, Signature, Time

Matrix = NDArray[np.float64]

_BLOCK_ROWS = 16_384


def linear_regression(dataset: Dataset) -> Answers:
    """Answers to the test rows, linear in the numbers and with one place per word, weekday and hour."""
    answers = design_matrix(dataset.signature, dataset.test) @ _least_squares(dataset.signature, dataset.train)
    return {name: answers[:, [column]].astype(np.float32) for column, name in enumerate(dataset.train.targets)}


def _least_squares(signature: Signature, rows: Rows) -> Matrix:
    """Weights of shape (columns, outputs), by the normal equations: the matrix itself would not fit in a cache.

    One-hot columns add up to the constant one; the smallest of the equally good solutions is taken.
    """
    columns = design_matrix(signature, rows.take(slice(1))).shape[1]
    gram, moment = np.zeros((columns, columns)), np.zeros((columns, len(rows.targets)))
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows.take(slice(start, start + _BLOCK_ROWS))
        matrix = design_matrix(signature, block)
        gram += matrix.T @ matrix
        moment += matrix.T @ np.stack(list(block.targets.values()), axis=1)
    return np.asarray(np.linalg.lstsq(gram, moment, rcond=1e-12)[0], dtype=np.float64)


def design_matrix(signature: Signature, rows: Rows) -> Matrix:
    """A constant, then the columns of every field; float64, shape (rows, columns)."""
    columns = columns_of(signature, rows.inputs)
    parts = [_field_columns(field, columns[field.name]) for field in signature.fields]
    return np.concatenate([np.ones((len(rows), 1)), *parts], axis=1)


def _field_columns(field: Field, values: NDArray[Any]) -> Matrix:
    match field:
        case Category():
            return _one_hot(values, len(field.vocabulary))
        case Time():
            return np.concatenate([values[:, None] / 1440, _one_hot(values // 60, 24)], axis=1)
        case Date():
            return np.concatenate([_circle(values, 365.2425), _one_hot(values % 7, 7)], axis=1)
        case Number(unit="°"):
            return _circle(values, 360)
        case _:
            # To about one, or the squares of the largest column drown the others.
            return values[:, None].astype(np.float64) / 100


def _circle(values: NDArray[Any], period: float) -> Matrix:
    angle = values.astype(np.float64) * (2 * np.pi / period)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _one_hot(values: NDArray[Any], length: int) -> Matrix:
    matrix: Matrix = np.eye(length)[values.astype(np.int64)]
    return matrix
