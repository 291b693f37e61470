"""Lines are the same however a body arrives, and a line that is too long costs itself only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.lines import KEPT_BYTES, Block, Lines, too_long

LIMIT = 8
pieces = st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"12345678", b"123456789"]))


def plain(body: bytes, limit: int = LIMIT) -> list[bytes | None]:
    """The rule, told simply."""
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    if not lines[-1].removesuffix(b"\r"):
        lines.pop()
    else:
        lines[-1] = lines[-1].removesuffix(b"\r")
    if lines:
        lines[0] = lines[0] if len(lines[0]) > limit else lines[0].removeprefix(b"\xef\xbb\xbf")
    return [line if len(line) <= limit else None for line in lines]


@given(pieces, st.integers(1, 4))
def test_lines_do_not_depend_on_how_a_body_arrives(parts: list[bytes], count: int) -> None:
    """Parts of any size, taken at any time, give the lines of the whole, numbered from 1 without a gap."""
    lines, taken = Lines(LIMIT), []
    for part in parts:
        lines.feed(part)
        taken.append(lines.take(count))
    lines.end()
    while len(lines):
        taken.append(lines.take(count))
    assert [line for block in taken for line in block.lines] == plain(b"".join(parts))
    at = 1
    for block in taken:
        assert block.first == at
        at += len(block.lines)
    assert lines.next == at


def test_a_line_that_never_ends_is_not_kept() -> None:
    """Of a line without end nothing is kept once it is too long; it is told at once, and the next line is sound."""
    lines = Lines(LIMIT)
    for _ in range(1000):
        lines.feed(b"x" * 3)
        assert len(lines._rest) <= LIMIT + 1
    assert lines.take(10) == Block([None], 1)
    lines.feed(b"x\r\nnext\n")
    assert lines.take(10) == Block([b"next"], 2)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_the_longest_line_is_kept_with_any_end(end: bytes) -> None:
    """The end of a line does not count, and may come in a part of its own."""
    for size, expected in ((LIMIT, b"x" * LIMIT), (LIMIT + 1, None)):
        lines = Lines(LIMIT)
        for byte in b"x" * size + end:
            lines.feed(bytes([byte]))
        lines.end()
        assert lines.take(10) == Block([expected], 1, last=True)


def test_a_mark_of_byte_order_is_dropped_before_the_first_line_only() -> None:
    """Excel's mark is no part of the first line, also if it comes byte by byte; further on it is text."""
    mark = b"\xef\xbb\xbf"
    lines = Lines(LIMIT)
    for byte in mark + b"a\n" + mark + b"b\n":
        lines.feed(bytes([byte]))
    assert lines.take(10).lines == [b"a", mark + b"b"]


def test_the_beginning_of_a_line_is_no_line_if_the_body_breaks_off() -> None:
    """What stands without an end where a body was cut off could be the half of anything."""
    lines = Lines(LIMIT)
    lines.feed(b"1,2\n3,4")
    lines.end(complete=False)
    assert lines.take(10) == Block([b"1,2"], 1, last=True)


def test_only_the_blocks_end_is_the_bodys() -> None:
    """A block is the last when the body is complete and nothing is left."""
    lines = Lines(LIMIT)
    lines.feed(b"a\nb\n")
    assert not lines.take(1).last
    lines.end()
    assert lines.take(1).last
    assert lines.take(1) == Block([], 3, last=True)


def test_a_long_line_is_told_with_its_number() -> None:
    """The message says the rule and the line."""
    error = too_long(LIMIT, 17)
    assert (error.code, error.sentence) == ("too_large", "Expected at most 8 bytes. Received more at line 17.")


def test_long_lines_are_taken_in_small_blocks() -> None:
    """Of long lines about as many bytes are kept and taken as of short ones, and at least one at a time."""
    lines = Lines(KEPT_BYTES)
    one = b"a" * (KEPT_BYTES // 2) + b"\n"
    lines.feed(one)
    assert not lines.full
    lines.feed(one * 4)
    assert lines.full
    assert [len(lines.take(100).lines) for _ in range(3)] == [2, 2, 1]
    assert not lines.full
    lines.feed(b"b" * KEPT_BYTES + b"\n")
    assert len(lines.take(100).lines) == 1
