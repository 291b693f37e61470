"""From the numbers of a flat input to features that a dense layer can use, inside the graph.

    number     standardised by mean and deviation of the training rows; an angle as sine and cosine
    time       sine and cosine of the time of day
    date       sine and cosine of the season, one column per weekday
    category   one column per word

Only built-in layers and operations are used, so the saved model loads without this code.
"""

import math
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.signature import Category, Date, Field, Number, Time

DAY_MIN = 1440
YEAR_DAYS = 365.2425
WEEK_DAYS = 7
CIRCLE_DEGREES = 360

Column = tuple[int, Field]


def features(
    tensor: keras.KerasTensor, columns: Iterable[Column], rows: NDArray[np.floating[Any]]
) -> list[keras.KerasTensor]:
    """Features of the given columns of an input.

    Args:
        tensor: The input, float32, shape (rows, elements).
        columns: Index and field of the elements to use.
        rows: The training rows of this input, for means and deviations.

    Returns:
        float32 tensors, shape (rows, some).
    """
    numbers, others = [], []
    for index, field in columns:
        if isinstance(field, Number) and field.unit != "°":
            numbers.append(index)
        else:
            others += _place_in_cycle_or_list(tensor[:, index : index + 1], field)
    if numbers:
        others.append(standardised(ops.take(tensor, numbers, axis=1), rows[:, numbers]))
    return others


def _place_in_cycle_or_list(column: keras.KerasTensor, field: Field) -> list[keras.KerasTensor]:
    match field:
        case Category():
            return [one_hot(column, len(field.vocabulary))]
        case Time():
            return [circle(column, DAY_MIN)]
        case Date():
            # 1970-01-01, day 0, was a Thursday.
            return [circle(column, YEAR_DAYS), one_hot(ops.mod(column, WEEK_DAYS), WEEK_DAYS)]
        case _:
            return [circle(column, CIRCLE_DEGREES)]


def standardised(tensor: keras.KerasTensor, rows: NDArray[np.floating[Any]]) -> keras.KerasTensor:
    """Subtract the mean of `rows` and divide by their deviation, column by column.

    `Rescaling` rather than `Normalization`: the ONNX export turns the latter's constants into inputs.

    Args:
        tensor: float32, shape (rows, columns).
        rows: The training rows, shape (rows, columns).
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    deviation = np.maximum(rows.std(axis=0, dtype=np.float64), 1e-6)
    return keras.layers.Rescaling((1 / deviation).tolist(), (-mean / deviation).tolist())(tensor)


def circle(column: keras.KerasTensor, period: float) -> keras.KerasTensor:
    """Sine and cosine of the position within the period, so that its end lies next to its beginning.

    Args:
        column: float32, shape (rows, 1).
        period: Length of the period in the column's unit.
    """
    angle = ops.mod(column, period) * (2 * math.pi / period)
    return ops.concatenate([ops.sin(angle), ops.cos(angle)], axis=1)


def one_hot(column: keras.KerasTensor, length: int) -> keras.KerasTensor:
    """One column per index; an index outside, which only a row that pads a batch can hold, gives zeros.

    Args:
        column: Whole numbers as float32, shape (rows, 1).
        length: Number of columns.
    """
    return ops.one_hot(ops.cast(column[:, 0], "int32"), length)
