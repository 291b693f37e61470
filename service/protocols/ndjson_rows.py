"""JSON lines: each a record, or for a model without fields an object of raw tensors by input name."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from service.columns import columns_of
from service.errors import ServiceError
from service.interface import Interface
from service.protocols.chunk import Arrays, Chunk
from service.protocols.exact_rows import exact_json
from service.protocols.lines import Block, Lines, too_long


class NdjsonRows:
    """Decodes blocks of lines.

    Args:
        model: Whose rows they are.
        max_line_bytes: Longest line, for messages.
    """

    def __init__(self, model: Interface, max_line_bytes: int) -> None:
        self._model = model
        self._max_line_bytes = max_line_bytes
        self._columns = columns_of(model)
        self._names = {column.name for column in self._columns.columns}
        self._records = model.records is not None and not self._columns.exact_only

    def begin(self, lines: Lines) -> bool:
        """There is no head to wait for."""
        return True

    def decode(self, block: Block) -> Chunk:
        """The rows of a block; blank lines are none."""
        numbers: list[int] = []
        texts: list[bytes] = []
        faults: dict[int, ServiceError] = {}
        for number, line in enumerate(block.lines, block.first):
            if line is None:
                faults[len(texts)] = too_long(self._max_line_bytes, number)
            elif not line or line.isspace():
                continue
            numbers.append(number)
            texts.append(line or b"")
        inputs, doubtful = self._by_columns(texts) if self._records else self._columns.nothing(len(texts))

        def exact(row: int) -> Arrays:
            return exact_json(texts[row], self._model, numbers[row])

        return Chunk(numbers, inputs, doubtful, faults, exact)

    def _by_columns(self, texts: list[bytes]) -> tuple[Arrays, list[int]]:
        records, unclear = _parsed(texts)
        columns = self._columns.columns
        matrix = np.empty((len(columns), len(texts)))
        quotes = 0
        for place, column in enumerate(columns):
            values = [record.get(column.name) for record in records]
            given = len(values) - values.count(None)
            quotes += 2 * given
            if not column.numeric:
                quotes += 2 * list(map(type, values)).count(str)
            if given < len(values):
                values = [column.default if value is None else value for value in values]
            matrix[place] = column.values(values)
        # more of them: a name that is not known, or null, or a name given twice, of which the parser keeps the last
        if quotes < b"".join(texts).count(b'"'):
            unclear += [row for row, record in enumerate(records) if not self._clear(texts[row], record)]
        matrix[:, unclear] = np.nan
        return self._columns.inputs(matrix)

    def _clear(self, text: bytes, record: dict[str, Any]) -> bool:
        """Whether every name is known and was given once, with a value; each name and string takes two quotes."""
        strings = sum(isinstance(value, str) for value in record.values())
        once = text.count(b'"') == 2 * (len(record) + strings)
        return once and record.keys() <= self._names and None not in record.values()


def _parsed(texts: list[bytes]) -> tuple[list[dict[str, Any]], list[int]]:
    """The object of each line, and which lines hold none."""
    try:
        records = list(map(orjson.loads, texts))
    except orjson.JSONDecodeError:
        records = [_object(text) for text in texts]
    broken = [] if set(map(type, records)) <= {dict} else [n for n, one in enumerate(records) if type(one) is not dict]
    for row in broken:
        records[row] = {}
    return records, broken


def _object(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
