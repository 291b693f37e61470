"""A table with one column per field of a signature, as the tensors and the records that it stands for."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.dataset import Record
from training.signature import Category, Date, Field, Signature, Time

Columns = dict[str, NDArray[np.float64]]
"""By field name, shape (rows,): the numbers that the tensors hold."""

_EPOCH = date(1970, 1, 1)


def tensors(signature: Signature, columns: Columns) -> dict[str, NDArray[np.float32]]:
    """Place every column where its field says.

    Returns:
        By input name: float32, shape (rows, elements of the input).
    """
    rows = len(next(iter(columns.values())))
    filled = {tensor.name: np.empty((rows, *tensor.shape), np.float32) for tensor in signature.inputs}
    for tensor in signature.inputs:
        for index, field in signature.columns(tensor.name):
            filled[tensor.name][:, index] = columns[field.name]
    return filled


def record(signature: Signature, columns: Columns, row: int) -> Record:
    """The record of one row, every field given."""
    return {field.name: _as_written(field, columns[field.name][row]) for field in signature.fields}


def _as_written(field: Field, value: np.float64) -> Any:
    """The value as a person writes it: the inverse of what the service does."""
    match field:
        case Category():
            return field.vocabulary[int(value)]
        case Time():
            return f"{int(value) // 60:02d}:{int(value) % 60:02d}"
        case Date():
            return (_EPOCH + timedelta(days=int(value))).isoformat()
        case _:
            return int(value) if value == int(value) else float(value)
