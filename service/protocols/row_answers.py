"""Answers of a stream, a line a row, as CSV or JSON lines; numbers look as in the answers of the JSON dialects.

No number becomes a Python object: the JSON writer prints a whole array, and its text is cut.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import orjson

from service.columns import numbered
from service.errors import ServiceError
from service.interface import Interface
from service.protocols.media_types import MediaType
from service.signature import AnyResult, LabelResult, NumberResult, ThresholdResult, ValuesResult

Arrays = dict[str, np.ndarray]
Column = np.ndarray | list[bytes]

TRUTH = (b"false", b"true")


class RowAnswers:
    """Writes one answer a row.

    Args:
        model: Whose answers they are: the keys of its records' answers, or without fields its outputs by name.
        media: In which form.

    Attributes:
        head: What stands before the first row.
    """

    def __init__(self, model: Interface, media: MediaType) -> None:
        self._csv = media is MediaType.CSV
        self._model = model
        self._results: Sequence[AnyResult] = model.signature.result
        names = _columns(model)
        self.head = csv_line([*names, "error"]) + b"\n" if self._csv else b""
        self._empty = b"," * len(names)
        keys = [entry.name for entry in self._results] or list(model.outputs)
        pairs = (orjson.dumps(key).replace(b"%", b"%%") + b":%b" for key in keys)
        self._template = b"{%b}" % b",".join(pairs)
        labels = [entry.labels if isinstance(entry, LabelResult) else [] for entry in self._results]
        write = csv_cell if self._csv else orjson.dumps
        self._labels = [[write(label) for label in given] for given in labels]

    def rows(self, outputs: Arrays, rows: int) -> list[bytes]:
        """The line of every row, without its end.

        Args:
            outputs: Every output by name, shape [rows, …].
            rows: Length of the batch axis.
        """
        if self._results:
            columns = [
                self._column(entry, labels, outputs[entry.output].reshape(rows, -1))
                for entry, labels in zip(self._results, self._labels, strict=True)
            ]
        else:
            columns = [outputs[name] for name in self._model.outputs]
        if self._csv:
            texts = [_cells(column) for column in _joined(columns, rows)]
            return list(map((b"%b," * len(texts)).__mod__, zip(*texts, strict=True)))
        texts = [_json(column) for column in columns]
        return list(map(self._template.__mod__, zip(*texts, strict=True)))

    def _column(self, entry: AnyResult, labels: list[bytes], values: np.ndarray) -> Column:
        if isinstance(entry, LabelResult):
            return [labels[winner] for winner in values.argmax(axis=1).tolist()]
        if isinstance(entry, ThresholdResult):
            return [TRUTH[reached] for reached in (values[:, entry.index] >= entry.threshold).tolist()]
        return values[:, entry.index] if isinstance(entry, NumberResult) else values

    def fault(self, error: ServiceError, line: int) -> bytes:
        """The line of a row at fault, or of the end of a stream that is broken off."""
        if self._csv:
            return self._empty + csv_cell(" ".join(error.sentence.splitlines()))  # one line, whatever came
        return orjson.dumps({"error": error.sentence, "code": error.code, "line": line})


def printed(array: np.ndarray) -> list[bytes]:
    """Every row of an array as JSON, without the brackets around it; shape [rows, …], at least one row."""
    text = orjson.dumps(np.ascontiguousarray(array), option=orjson.OPT_SERIALIZE_NUMPY)
    depth = array.ndim
    return text[depth:-depth].split(b"]" * (depth - 1) + b"," + b"[" * (depth - 1))


def _json(column: Column) -> list[bytes]:
    """The value of every row: an array's as nested lists."""
    if isinstance(column, list):
        return column
    start, end = b"[" * (column.ndim - 1), b"]" * (column.ndim - 1)
    return [start + text + end for text in printed(column)] if start else printed(column)


def _joined(columns: list[Column], rows: int) -> Iterable[Column]:
    """Tables of neighbours of one datatype, which are printed by one call."""
    for dtype, group in groupby(columns, lambda column: "" if isinstance(column, list) else column.dtype.str):
        if dtype:
            tables = [np.reshape(column, (rows, -1)) for column in group]
            yield np.concatenate(tables, axis=1) if len(tables) > 1 else tables[0]
        else:
            yield from group


def _cells(column: Column) -> list[bytes]:
    return column if isinstance(column, list) else printed(column)


def csv_line(cells: Iterable[Any]) -> bytes:
    """Cells as a line of CSV, quoted where needed, without its end."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)  # its own line end, so that a CR or LF in a cell is quoted
    return written.getvalue()[:-2].encode()


def csv_cell(value: Any) -> bytes:
    """One cell, quoted where needed."""
    return csv_line([value])


def _columns(model: Interface) -> list[str]:
    names = []
    for entry in model.signature.result:
        size = model.outputs[entry.output].size if isinstance(entry, ValuesResult) else 1
        names += numbered(entry.name, size)
    if not model.signature.result:
        for name, tensor in model.outputs.items():
            names += numbered(name, tensor.size)
    return names
