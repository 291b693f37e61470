"""Records of CSV are those of the csv module on the whole text, and a bad one costs itself only."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.csv_records import RecordReader
from service.protocols.lines import Block
from tests.streamed import block

LIMIT = 40
cells = st.text(st.sampled_from('ab,"\n \u00e9'), max_size=5)


def read(reader: RecordReader, *blocks: Block) -> tuple[list[list[str]], list[int], dict[int, str]]:
    """Cells, lines and what is wrong, by line, over several blocks."""
    found, lines, faults = [], [], {}
    for one in blocks:
        records = reader.read(one)
        found += [cells for place, cells in enumerate(records.cells) if place not in records.faults]
        lines += [line for place, line in enumerate(records.lines) if place not in records.faults]
        faults |= {records.lines[place]: error.sentence for place, error in records.faults.items()}
    return found, lines, faults


@given(st.lists(st.lists(cells, min_size=2, max_size=3), max_size=5), st.integers(1, 3))
def test_what_was_written_is_read(rows: list[list[str]], count: int) -> None:
    """Quoted commas, quotes and newlines come back, in blocks of any size."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    lines = written.getvalue().encode().split(b"\n")[:-1]
    parts = [block(*lines[at : at + count], first=at + 1, last=False) for at in range(0, len(lines), count)]
    found, _, faults = read(RecordReader(LIMIT), *parts, block(first=len(lines) + 1))
    assert (found, faults) == (rows, {})


@pytest.mark.parametrize("size", [1, 10])
def test_a_record_is_numbered_by_the_line_that_it_begins_on(size: int) -> None:
    """Lines count, not records; blank lines are none."""
    lines = [b"a,b", b"", b'"c', b"", b'd",e', b"f,g"]
    parts = [block(*lines[at : at + size], first=at + 1, last=False) for at in range(0, len(lines), size)]
    assert read(RecordReader(LIMIT), *parts) == ([["a", "b"], ["c\n\nd", "e"], ["f", "g"]], [1, 3, 6], {})


BAD = {
    "no comma behind a quote": (b'"a"b,c', "Expected a row of CSV. Received ',' expected after '\"' at line 2."),
    "no text": (b"a,\xff", "Expected text in UTF-8. Received other bytes at line 2."),
    "a lone CR": (b"a\rb,c", "Expected a row of CSV. Received new-line character"),
    "gone": (None, f"Expected at most {LIMIT} bytes. Received more at line 2."),
}


@pytest.mark.parametrize(("line", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_record_is_told_and_the_others_are_read(line: bytes | None, sentence: str) -> None:
    """One bad line among good ones is one fault, in its place, whether or not the others are quoted."""
    for good in (b"1,2", b'"1","2"'):
        records = RecordReader(LIMIT).read(block(good, line, good))
        assert (records.cells, records.lines) == ([["1", "2"], [], ["1", "2"]], [1, 2, 3])
        assert list(records.faults) == [1]
        assert records.faults[1].sentence.startswith(sentence)


def test_an_open_quote_ends_with_the_longest_row() -> None:
    """A quote that is never closed takes no more lines than fit a row, and says which."""
    reader = RecordReader(LIMIT)
    found, lines, faults = read(
        reader, block(b'"a', *[b"0123456789"] * 3, last=False), block(b"0123456789", first=5, last=False)
    )
    assert (found, lines) == ([], [])
    assert faults == {
        1: f"Expected a quoted cell that is closed within {LIMIT} bytes. Received an open one at line 1 to 5."
    }
    assert not reader.open
    assert read(reader, block(b"1,2", first=6)) == ([["1", "2"]], [6], {})


def test_an_open_quote_at_the_end_is_told() -> None:
    """The body's end closes no quote."""
    reader = RecordReader(LIMIT)
    assert read(reader, block(b"1,2", b'"a', last=False)) == ([["1", "2"]], [1], {})
    assert reader.open
    _, _, faults = read(reader, block(first=3))
    assert list(faults) == [2]


def test_a_record_over_lines_is_held_against_the_limit() -> None:
    """Lines that are short alone may be too long together."""
    records = RecordReader(LIMIT).read(block(b'"' + b"x" * 30, b"x" * 30 + b'"', b"1,2"))
    assert (records.cells, records.lines, list(records.faults)) == ([[], ["1", "2"]], [1, 3], [0])


def test_a_line_that_is_gone_ends_an_open_quote() -> None:
    """The row with the line that was too long is at fault from its beginning; the next line is a row."""
    records = RecordReader(LIMIT).read(block(b'"a', None, b"1,2"))
    assert (records.cells, records.lines, list(records.faults)) == ([[], ["1", "2"]], [1, 3], [0])
