"""Rows column by column: what ``RecordCodec.decode`` does for one row after another, for hundreds at once.

Only what is plainly right is taken here. A value that is not makes its row doubtful, and a doubtful row is left to
the exact way, which takes it or says what is wrong with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import orjson

from service.fields import DATE, limits
from service.interface import Interface
from service.signature import EPOCH, AnyField, CategoryField, DateField, ImageField, InputTensor, NumberField

Arrays = dict[str, np.ndarray]

MOST_TEXTS = 16_384
"""Dates of one column whose meaning is remembered."""
EXACT = 2.0**53 - 1
"""Beyond it, a whole number in FP64 may be another, rounded; rows with such are doubtful."""
WHOLE_BYTES = b"0123456789-"
NUMBER_BYTES = WHOLE_BYTES + b".eE+"
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
LONGEST_WHOLE = 300
"""Digits of the longest whole number that is read as one; FP64 ends at 309."""
BOOLEANS = {"false": 0.0, "true": 1.0}
TIMES = {f"{minute // 60:02}:{minute % 60:02}": float(minute) for minute in range(24 * 60)}


def number(text: str) -> int | float | str:
    """A text as JSON reads numbers; the text itself if it is none."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return text
    return int(text) if match[1] is match[2] is None and len(text) <= LONGEST_WHOLE else float(text)


class Texts(dict[Any, float]):
    """What texts mean, by text; NaN for what means nothing.

    Args:
        known: All that mean something, unless there is more that ``convert`` knows.
        convert: From another text to what the tensor holds; remembered.
    """

    def __init__(self, known: Mapping[str, float], convert: Callable[[str], float] | None = None) -> None:
        super().__init__(known)
        self._convert = convert

    def __missing__(self, text: Any) -> float:
        if self._convert is None or not isinstance(text, str):
            return math.nan
        value = self._convert(text)
        if len(self) < MOST_TEXTS and not math.isnan(value):
            self[text] = value
        return value


class Column:
    """One value of a row: a field, or an element of an input without fields.

    Args:
        name: Its name in a header.
        texts: What its texts mean; None for a column of numbers.
        whole: Whether only whole numbers are right, written as such.
        default: What a row has that leaves it out; None if no row may.

    Attributes:
        numeric: Whether its values are JSON numbers.
        constant: The default as the tensor holds it; NaN without one.
    """

    def __init__(self, name: str, texts: Texts | None = None, whole: bool = False, default: Any = None) -> None:
        self.name = name
        self.numeric = texts is None
        self.whole = whole
        self.default = default
        self._types = {int} if whole else {int, float}
        self._bytes = (WHOLE_BYTES if whole else NUMBER_BYTES) + b","
        self._texts = Texts({}) if texts is None else texts
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
        values = self._numbers(texts) if self.numeric else list(map(self._texts.__getitem__, texts))
        for row in empty:
            values[row] = self.constant
        return values

    def _numbers(self, texts: Sequence[str]) -> list[float]:
        """All by one call of the JSON parser, if all are plainly numbers."""
        joined = ",".join(texts).encode("utf-8", "surrogatepass")
        if not joined.translate(None, self._bytes):
            try:
                values: list[float] = orjson.loads(b"[%b]" % joined)
            except orjson.JSONDecodeError:
                values = []
            if len(values) == len(texts):
                return values
        return [v if type(v := number(text)) in self._types else math.nan for text in texts]  # type: ignore[misc]


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
        with np.errstate(invalid="ignore"):  # NaN lies in no range, and that is meant
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
    if isinstance(field, CategoryField):
        texts = Texts({word: float(place) for place, word in enumerate(field.vocabulary)})
    elif isinstance(field, DateField):
        low, high = field.minimum or date.min, field.maximum or date.max
        texts = Texts({}, lambda text: _days(text, low, high))
    else:
        texts = Texts({} if isinstance(field, ImageField) else TIMES)
    return Column(field.name, texts, default=field.default)


def _days(text: str, low: date, high: date) -> float:
    try:
        day = date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return math.nan
    return float((day - EPOCH).days) if day is not None and low <= day <= high else math.nan


def _of_elements(tensors: Sequence[InputTensor]) -> list[Column]:
    columns = []
    for tensor in tensors:
        texts = Texts(BOOLEANS) if tensor.dtype == "BOOL" else None
        whole = tensor.numpy.kind in "ui"
        columns += [Column(name, texts, whole=whole) for name in numbered(tensor.name, tensor.size)]
    return columns
