"""A table with one column per field of a signature, as the tensors and the records that it stands for."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.dataset import Record
from training.datasets.images import image_record
from training.signature import DTYPES, Category, Date, Field, Image, Place, Signature, Time

Columns = dict[str, NDArray[Any]]
"""By field name, shape (rows,): the numbers that the tensors hold; of an image (rows, height, width)."""

_EPOCH = date(1970, 1, 1)


def tensors(signature: Signature, columns: Columns) -> dict[str, NDArray[Any]]:
    """Place every column where its field says.

    Returns:
        By input name: dtype of the signature, shape (rows, *shape of the signature).
    """
    rows = len(next(iter(columns.values())))
    flat = {t.name: np.empty((rows, math.prod(t.shape)), DTYPES[t.dtype]) for t in signature.inputs}
    for field in signature.fields:
        for place in field.fills:
            flat[place.input][:, _where(place)] = columns[field.name].reshape(rows, -1)
    return {tensor.name: flat[tensor.name].reshape(rows, *tensor.shape) for tensor in signature.inputs}


def columns_of(signature: Signature, inputs: dict[str, NDArray[Any]]) -> Columns:
    """The inverse of `tensors`; a field that fills several places is read from the first."""
    found: Columns = {}
    for field in signature.fields:
        place = field.fills[0]
        flat = inputs[place.input].reshape(len(inputs[place.input]), -1)
        shape = (-1, field.height, field.width) if isinstance(field, Image) else (-1,)
        found[field.name] = flat[:, _where(place)].reshape(shape)
    return found


def record(signature: Signature, columns: Columns, row: int) -> Record:
    """The record of one row, every field given."""
    return {field.name: _as_written(field, columns[field.name][row]) for field in signature.fields}


def _where(place: Place) -> slice:
    """The columns of a flattened input that a place means."""
    return slice(None) if place.index is None else slice(place.index, place.index + 1)


def _as_written(field: Field, value: Any) -> Any:
    """The value as a person writes it: the inverse of what the service does."""
    match field:
        case Category():
            return field.vocabulary[int(value)]
        case Time():
            return f"{int(value) // 60:02d}:{int(value) % 60:02d}"
        case Date():
            return (_EPOCH + timedelta(days=int(value))).isoformat()
        case Image():
            return image_record(value.astype(np.uint8))["image"]
        case _:
            return int(value) if value == int(value) else float(value)
