"""Rows column by column: what ``RecordCodec.decode`` does for one row after another, for hundreds at once.

Only what is plainly right is taken here. A value that is not makes its row doubtful, and a doubtful row is left to
the exact way, which takes it or says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import orjson
from pydantic import TypeAdapter, ValidationError

from service.fields import annotation, limits
from service.interface import Interface
from service.signature import AnyField, ImageField, InputTensor, NumberField

Arrays = dict[str, np.ndarray]

MOST_TEXTS = 16_384
"""Texts of one column whose meaning is remembered: all times of a day, all dates of a lifetime."""
EXACT = 2.0**53 - 1
"""Beyond it, a whole number in FP64 may be another, rounded; rows with such are doubtful."""
WHOLE_BYTES = b"0123456789-"
NUMBER_BYTES = WHOLE_BYTES + b".eE+"


class Texts(dict[Any, float]):
    """What texts mean, by text; NaN for what means nothing. Each is converted once.

    Args:
        convert: From a text to what the tensor holds.
    """

    def __init__(self, convert: Callable[[Any], float]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: Any) -> float:
        value = self._convert(text)
        if not math.isnan(value) and len(self) < MOST_TEXTS:
            self[text] = value
        return value


class Column:
    """One value of a row: a field, or an element of an input without fields.

    Args:
        name: Its name in a header.
        convert: From a text to what the tensor holds; None for a column of numbers.
        whole: Whether only whole numbers are right, written as such.
        default: What a row has that leaves it out; None if no row may.

    Attributes:
        numeric: Whether its values are JSON numbers.
        constant: The default as the tensor holds it; NaN without one.
    """

    def __init__(
        self, name: str, convert: Callable[[Any], float] | None = None, whole: bool = False, default: Any = None
    ) -> None:
        self.name = name
        self.numeric = convert is None
        self.whole = whole
        self.default = default
        self._types = {int} if whole else {int, float}
        self._bytes = WHOLE_BYTES if whole else NUMBER_BYTES
        self._texts = Texts(convert or self._number)
        if default is None:
            self.constant = math.nan
        else:
            self.constant = float(default) if self.numeric else self._texts[default]
        self._filler = "0" if self.numeric else default or ""

    def values(self, values: Sequence[Any]) -> Sequence[float]:
        """FP64 numbers from JSON values; NaN for what is none of the column's."""
        if self.numeric:
            types = self._types
            return values if set(map(type, values)) <= types else [v if type(v) in types else math.nan for v in values]
        try:
            return list(map(self._texts.__getitem__, values))
        except TypeError:  # a list or an object, which is no key
            return [self._texts[value] if isinstance(value, str) else math.nan for value in values]

    def texts(self, texts: Sequence[str]) -> Sequence[float]:
        """FP64 numbers from the cells of a table; an empty one is left out."""
        empty: list[int] = []
        if "" in texts:
            empty = [row for row, text in enumerate(texts) if not text]
            texts = [text or self._filler for text in texts]
        values = self._numbers(texts) if self.numeric else None
        if values is None:
            values = list(map(self._texts.__getitem__, texts))
        for row in empty:
            values[row] = self.constant
        return values

    def _numbers(self, texts: Sequence[str]) -> list[float] | None:
        """All cells by one call of the JSON parser; None if any is not plainly a number."""
        joined = ",".join(texts).encode()
        if joined.translate(None, self._bytes + b","):
            return None
        try:
            values: list[float] = orjson.loads(b"[%b]" % joined)
        except orjson.JSONDecodeError:
            return None
        return values if len(values) == len(texts) else None

    def _number(self, text: str) -> float:
        values = self._numbers([text])
        return math.nan if values is None else float(values[0])


class Columns:
    """The columns of a model, and how they become its inputs.

    Args:
        model: Whose rows they are; without fields, every element of every input is a column.

    Attributes:
        columns: In the signature's order.
        exact_only: Whether every row is doubtful from the start: images are no columns.
    """

    def __init__(self, model: Interface) -> None:
        fields = model.signature.fields
        self._tensors = tuple(model.inputs.values())
        self.exact_only = any(isinstance(field, ImageField) for field in fields)
        self.columns = tuple(map(_of_field, fields) if fields else _of_elements(self._tensors))
        count = len(self.columns)
        self._low, self._high = np.full((count, 1), -EXACT), np.full((count, 1), EXACT)
        self._whole = np.array([column.whole for column in self.columns])
        self._places = {t.name: np.zeros(t.size, dtype=np.intp) for t in self._tensors}
        if not self.exact_only:
            self._place(model)

    def _place(self, model: Interface) -> None:
        """Note which column fills which element, and between what it may lie."""
        if fields := model.signature.fields:
            for place, field in enumerate(fields):
                if isinstance(field, NumberField):
                    self._narrow(place, field.minimum, field.maximum)
                for fill in field.fills:
                    self._fill(place, model.inputs[fill.input], fill.index or 0)
            return
        elements = ((tensor, index) for tensor in self._tensors for index in range(tensor.size))
        for place, (tensor, index) in enumerate(elements):
            self._narrow(place, tensor.minimum, tensor.maximum)
            self._fill(place, tensor, index)

    def _narrow(self, place: int, low: float | None, high: float | None) -> None:
        if low is not None:
            self._low[place] = max(self._low[place, 0], low)
        if high is not None:
            self._high[place] = min(self._high[place, 0], high)

    def _fill(self, place: int, tensor: InputTensor, index: int) -> None:
        low, high, whole = limits(tensor.numpy)
        self._narrow(place, low, high)
        self._whole[place] |= whole
        self._places[tensor.name][index] = place

    def inputs(self, matrix: np.ndarray) -> tuple[Arrays, list[int]]:
        """What the model takes.

        Args:
            matrix: FP64 [columns, rows], NaN for what was not understood; doubtful rows are overwritten.

        Returns:
            Every input by name, shape [rows, …], and the doubtful rows, whose numbers there mean nothing.
        """
        good = ((matrix >= self._low) & (matrix <= self._high)).all(axis=0)
        if self._whole.any():
            part = matrix[self._whole]
            good &= (part == np.floor(part)).all(axis=0)
        doubtful: list[int] = [] if good.all() else np.flatnonzero(~good).tolist()
        if doubtful:
            matrix[:, doubtful] = 0
        rows = matrix.shape[1]
        arrays = {
            t.name: np.ascontiguousarray(matrix[self._places[t.name]].T, dtype=t.numpy).reshape(rows, *t.shape)
            for t in self._tensors
        }
        return arrays, doubtful

    def nothing(self, rows: int) -> tuple[Arrays, list[int]]:
        """Inputs of which every row is doubtful."""
        return {t.name: np.zeros((rows, *t.shape), dtype=t.numpy) for t in self._tensors}, list(range(rows))


def columns_of(model: Interface) -> Columns:
    """A model's columns, made once."""
    columns = _made.get(model)
    if columns is None:
        columns = _made[model] = Columns(model)
    return columns


_made: WeakKeyDictionary[Interface, Columns] = WeakKeyDictionary()


def numbered(name: str, size: int) -> list[str]:
    """What the elements of a tensor are called in a table: by its name, or with a row-major index each."""
    return [name] if size == 1 else [f"{name}[{index}]" for index in range(size)]


def _of_field(field: AnyField) -> Column:
    if isinstance(field, NumberField):
        return Column(field.name, whole=field.whole, default=field.default)
    if isinstance(field, ImageField):
        return Column(field.name, lambda text: math.nan)
    adapter = TypeAdapter(annotation(field))

    def convert(value: Any) -> float:
        try:
            return float(adapter.validate_python(value, strict=True))
        except ValidationError:
            return math.nan

    return Column(field.name, convert, default=field.default)


def _of_elements(tensors: Sequence[InputTensor]) -> list[Column]:
    columns = []
    for tensor in tensors:
        convert = _boolean if tensor.dtype == "BOOL" else None
        whole = tensor.numpy.kind in "ui"
        columns += [Column(name, convert, whole=whole) for name in numbered(tensor.name, tensor.size)]
    return columns


def _boolean(text: Any) -> float:
    return {"true": 1.0, "false": 0.0}.get(text, math.nan)
