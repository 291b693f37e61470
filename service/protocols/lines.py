"""A body of text as lines, cut while it comes: no more is kept than what has come and one line's beginning."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from service.errors import TooLarge
from service.json_tensor import BYTE_ORDER_MARK

KEPT_BYTES = 256 * 1024
"""Bytes of lines at hand from which no more are read, and about as many as are taken in one go."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other.

    Attributes:
        lines: Without their ends; None for one that was too long, whose bytes are gone.
        first: Number of the first in the body, from 1.
        last: Whether the body ends behind them.
    """

    lines: Sequence[bytes | None]
    first: int
    last: bool = False


class Lines:
    """Cuts at LF and CRLF. A byte order mark before the first line is dropped; Excel writes one.

    Args:
        max_line_bytes: Longest line that is kept; of a longer one only its number is.

    Attributes:
        ended: Whether the body is complete.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self.ended = False
        self._max = max_line_bytes
        self._ready: deque[bytes | None] = deque()
        self._bytes = 0
        self._next = 1
        self._rest = b""
        self._skipping = False
        self._begun = False

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def next(self) -> int:
        """Number of the first line that has not been taken."""
        return self._next

    def feed(self, data: bytes) -> None:
        """Take the body's next bytes."""
        data = self._rest + data
        if b"\r\n" in data:
            data = data.replace(b"\r\n", b"\n")
        lines: list[bytes | None] = [*data.split(b"\n")]
        self._rest = lines.pop() or b""
        if lines and self._skipping:  # its end has come; it was counted when it grew too long
            del lines[0]
            self._skipping = False
        if len(data) > self._max:
            lines = [line if line is not None and len(line) <= self._max else None for line in lines]
        self._add(lines)
        if len(self._rest) > self._max + 1 and not self._skipping:  # one more may be the CR of its end
            self._add([None])
            self._skipping = True
        if self._skipping:
            self._rest = b""

    def end(self, *, complete: bool = True) -> None:
        """Nothing more comes. The last line of a complete body needs no LF; of one that breaks off, it is dropped."""
        rest = self._rest.removesuffix(b"\r")
        if rest and complete:
            self._add([rest if len(rest) <= self._max else None])
        self._rest = b""
        self.ended = True

    @property
    def full(self) -> bool:
        """Whether the lines at hand are as many bytes as should be kept."""
        return self._bytes >= KEPT_BYTES

    def take(self, count: int) -> Block:
        """At most ``count`` lines, in order, and of long ones fewer: about ``KEPT_BYTES``, but at least one."""
        lines: list[bytes | None] = []
        size = 0
        while self._ready and len(lines) < count and size < KEPT_BYTES:
            line = self._ready.popleft()
            lines.append(line)
            size += len(line or b"")
        self._bytes -= size
        first = self._next
        self._next += len(lines)
        return Block(lines, first, self.ended and not self._ready)

    def _add(self, lines: list[bytes | None]) -> None:
        if lines and not self._begun:
            self._begun = True
            lines[0] = lines[0] and lines[0].removeprefix(BYTE_ORDER_MARK)
        self._ready += lines
        self._bytes += sum(len(line) for line in lines if line is not None)


def too_long(max_line_bytes: int, line: int) -> TooLarge:
    """What is wrong with a line of which only its number is left."""
    return TooLarge.at(f"line {line}", f"at most {max_line_bytes} bytes", "more")
