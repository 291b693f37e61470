"""Records of CSV: the cells of each, from lines; a quoted cell may go on over several."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.errors import MalformedRequest, ServiceError
from service.protocols.lines import Block, too_long


@dataclass(slots=True)
class Records:
    """What a block of lines holds.

    Attributes:
        cells: Of each record; none of one at fault.
        lines: Number of the line that each begins on.
        faults: What is wrong with records, by their place.
    """

    cells: list[list[str]] = field(default_factory=list)
    lines: Sequence[int] = ()
    faults: dict[int, ServiceError] = field(default_factory=dict)


class _NoMoreLines(Exception):
    """The block ends; unlike ``StopIteration``, it tells a record that goes on from one that is over."""


class _LineGone(Exception):
    """A line was too long."""


class _Source(Iterator[str]):
    """Lines for the CSV reader, which goes on behind a line that cannot be read."""

    def __init__(self, lines: Sequence[bytes | None]) -> None:
        self.lines = lines
        self.at = 0

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise _NoMoreLines
        line = self.lines[self.at]
        self.at += 1
        if line is None:
            raise _LineGone
        return line.decode() + "\n"


class RecordReader:
    """Reads blocks one after another; a record that is open at a block's end is kept for the next.

    Args:
        max_line_bytes: Longest record, over all its lines.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._open: list[bytes | None] = []

    @property
    def open(self) -> bool:
        """Whether the last record goes on in the next block."""
        return bool(self._open)

    def read(self, block: Block) -> Records:
        """The records of a block; blank lines are none."""
        try:
            # the usual case: every line a record. A missing line is no bytes, which is a TypeError
            cells = [] if self._open else list(csv.reader(map(bytes.decode, block.lines), strict=True))  # type: ignore[arg-type]
        except (csv.Error, UnicodeDecodeError, TypeError):
            cells = []
        if len(cells) != len(block.lines) or self._open:
            return self._one_by_one(block)
        lines: Sequence[int] = range(block.first, block.first + len(cells))
        if not all(cells):
            lines = [line for line, record in zip(lines, cells, strict=True) if record]
            cells = [record for record in cells if record]
        return Records(cells, lines)

    def _one_by_one(self, block: Block) -> Records:
        first = block.first - len(self._open)
        source = _Source([*self._open, *block.lines])
        reader = csv.reader(source, strict=True)
        lines: list[int] = []
        found = Records(lines=lines)
        self._open = []
        while source.at < len(source.lines):
            start, cells = source.at, []
            try:
                cells = next(reader)
                fault = self._oversized(source, start, first)
            except _NoMoreLines:
                fault = self._unfinished(source, start, first, block.last)
                if fault is None:
                    break
            except _LineGone:
                fault = too_long(self._max, first + start)
            except UnicodeDecodeError:
                fault = MalformedRequest.at(f"line {first + start}", "text in UTF-8", "other bytes")
            except csv.Error as error:
                fault = MalformedRequest.at(f"line {first + start}", "a row of CSV", str(error).partition(" - ")[0])
            if fault is not None:
                found.faults[len(lines)] = fault
                cells = []
            elif not cells:
                continue
            lines.append(first + start)
            found.cells.append(cells)
        return found

    def _oversized(self, source: _Source, start: int, first: int) -> ServiceError | None:
        size = sum(len(line or b"") for line in source.lines[start : source.at])
        return too_long(self._max, first + start) if size > self._max else None

    def _unfinished(self, source: _Source, start: int, first: int, last: bool) -> ServiceError | None:
        """What is wrong with a quoted cell that is still open at the block's end; None if it may yet be closed."""
        if not last and self._oversized(source, start, first) is None:
            self._open = list(source.lines[start:])
            return None
        place = f"line {first + start} to {first + source.at - 1}"
        return MalformedRequest.at(place, f"a quoted cell that is closed within {self._max} bytes", "an open one")
