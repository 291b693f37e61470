"""CSV: a head line of names, then a row a line (RFC 4180); an empty cell is a field left out.

Blanks are part of a cell, and numbers are written as in JSON: `` 5``, ``0x1F``, ``1_000`` and ``nan`` are none.

References:
    Y. Shafranovich, *Common Format and MIME Type for CSV Files*, RFC 4180 (2005).
"""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import orjson

from service.columns import NUMBER, NUMBER_BYTES, WHOLE_BYTES, Columns, columns_of, number
from service.errors import (
    MalformedRequest,
    MissingField,
    MissingInput,
    ServiceError,
    UnknownField,
    UnknownInput,
)
from service.interface import Interface
from service.protocols.chunk import Arrays, Chunk
from service.protocols.csv_records import RecordReader
from service.protocols.exact_rows import exact_json, exact_record
from service.protocols.lines import Block, Lines

MOST_NAMES = 40
"""Most names in one message."""

HEAD_WITHIN = 1000
"""Lines among which the head must be: blank ones before it are read at once, and cost as much as others."""


class CsvRows:
    """Decodes blocks of lines.

    Args:
        model: Whose rows they are.
        max_line_bytes: Longest row.
    """

    def __init__(self, model: Interface, max_line_bytes: int) -> None:
        self._model = model
        self._columns: Columns = columns_of(model)
        self._reader = RecordReader(max_line_bytes)
        self._names: list[str] = []
        self._plain = False

    def begin(self, lines: Lines) -> bool:
        """Read the head, if it is there.

        Raises:
            BadInput: It does not name each column that a row needs, once, and no other.
        """
        while not self._names and (len(lines) or lines.ended):
            if lines.next > HEAD_WITHIN:
                raise MalformedRequest(
                    f"Expected a head line among the first {HEAD_WITHIN} lines. Received blank ones."
                )
            records = self._reader.read(lines.take(1))
            if records.faults:
                raise records.faults[0]
            if records.cells:
                self._set_head(records.cells[0])
            elif lines.ended and not len(lines):
                raise MalformedRequest("Expected a head line of column names. Received no line.")
        return bool(self._names)

    def _set_head(self, names: list[str]) -> None:
        known = {column.name: place for place, column in enumerate(self._columns.columns)}
        unknown, missing = (UnknownField, MissingField) if self._model.records else (UnknownInput, MissingInput)
        for place, name in enumerate(names):
            if name not in known:
                raise unknown.at(f"column {place + 1}", f"only the columns {_listed(known)}", f'"{name[:40]}"')
            if name in names[:place]:
                raise MalformedRequest.at(f"column {place + 1}", "each column once", f'"{name}" twice')
        for column in self._columns.columns:
            if column.default is None and column.name not in names:
                raise missing(f"Expected a column {column.name}. Received {_listed(names)}.")
        self._names = names
        self._places = [known[name] for name in names]
        self._absent = [place for name, place in known.items() if name not in names]
        whole = all(self._columns.columns[place].whole for place in self._places)
        self._plain_bytes = (WHOLE_BYTES if whole else NUMBER_BYTES) + b","
        self._plain = all(column.numeric and column.whole == whole for column in self._columns.columns)
        self._order = np.argsort(self._places + self._absent)

    def decode(self, block: Block) -> Chunk:
        """The rows of a block; a row that goes on behind it comes with the next."""
        plain = self._by_numbers(block) if self._plain and not self._reader.open else None
        return plain or self._by_cells(block)

    def _by_numbers(self, block: Block) -> Chunk | None:
        """Rows that are numbers and nothing else, by one call of the JSON parser; None if they are not."""
        lines = block.lines
        if None in lines or b",".join(lines).translate(None, self._plain_bytes):  # type: ignore[arg-type]
            return None
        try:
            table = np.array(orjson.loads(b"[[%b]]" % b"],[".join(lines)), dtype=np.float64)  # type: ignore[arg-type]
        except ValueError:  # no numbers, or rows of different lengths
            return None
        if table.shape != (len(lines), len(self._names)):
            return None
        absent = [[self._columns.columns[place].constant] * len(lines) for place in self._absent]
        matrix = np.concatenate([table.T, np.array(absent).reshape(-1, len(lines))])[self._order]
        inputs, doubtful = self._columns.inputs(matrix)

        def exact(row: int) -> Arrays:
            return self._exact(next(csv.reader([(lines[row] or b"").decode()])), block.first + row)

        return Chunk(range(block.first, block.first + len(lines)), inputs, doubtful, {}, exact)

    def _by_cells(self, block: Block) -> Chunk:
        records = self._reader.read(block)
        rows, width = records.cells, len(self._names)
        if not set(map(len, rows)) <= {width}:
            for row, cells in enumerate(rows):
                if len(cells) != width:
                    records.faults.setdefault(row, self._wrong_width(len(cells), records.lines[row]))
                    rows[row] = [""] * width
        inputs, doubtful = self._columns.nothing(len(rows)) if self._columns.exact_only else self._by_columns(rows)

        def exact(row: int) -> Arrays:
            return self._exact(rows[row], records.lines[row])

        return Chunk(records.lines, inputs, doubtful, records.faults, exact)

    def _by_columns(self, rows: list[list[str]]) -> tuple[Arrays, list[int]]:
        matrix = np.empty((len(self._columns.columns), len(rows)))
        for place, texts in zip(self._places, zip(*rows, strict=True), strict=False):  # no texts without rows
            matrix[place] = self._columns.columns[place].texts(texts)
        for place in self._absent:
            matrix[place] = self._columns.columns[place].constant
        return self._columns.inputs(matrix)

    def _wrong_width(self, cells: int, line: int) -> ServiceError:
        return MalformedRequest.at(f"line {line}", f"{len(self._names)} cells", cells)

    def _exact(self, cells: list[str], line: int) -> Arrays:
        """One row by the exact way: as the record that its cells make."""
        given = {name: text for name, text in zip(self._names, cells, strict=True) if text}
        if self._model.records is None:
            return exact_json(self._as_json(given, line), self._model, line)
        numeric = {column.name for column in self._columns.columns if column.numeric}
        record = {name: number(text) if name in numeric else text for name, text in given.items()}
        return exact_record(record, self._model, line)

    def _as_json(self, given: dict[str, str], line: int) -> bytes:
        """The inputs by name of a model without fields."""
        inputs: dict[str, Any] = {}
        columns = iter(self._columns.columns)
        for name, tensor in self._model.inputs.items():
            texts = [given.get(next(columns).name) for _ in range(tensor.size)]
            if None in texts:
                raise MissingInput.at(f"line {line}: {name}", f"{tensor.size} numbers", "an empty cell")
            inputs[name] = _nested([_fragment(text or "") for text in texts], tensor.shape)
        return orjson.dumps(inputs)


def _fragment(text: str) -> Any:
    return orjson.Fragment(text) if text in ("true", "false") or NUMBER.fullmatch(text) else text


def _nested(values: list[Any], shape: tuple[int, ...]) -> Any:
    """A flat list as nested lists of a shape, row-major."""
    for length in reversed(shape):
        values = [values[start : start + length] for start in range(0, len(values), length)]
    return values[0]


def _listed(names: Any) -> str:
    listed = list(names)
    more = f", … and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return ", ".join(name[:40] for name in listed[:MOST_NAMES]) + more
