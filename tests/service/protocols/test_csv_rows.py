"""CSV rows become what records of the same values become, and a head is held against the model."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput, MalformedRequest
from service.interface import Interface
from service.protocols.csv_rows import HEAD_WITHIN, CsvRows
from service.protocols.lines import Lines
from tests.streamed import NUMBERS, RECORDS, TENSORS, block, by_records, cell, number, settled
from tests.toy_signatures import every_kind

LIMIT = 1000
MODELS = {"every kind": RECORDS, "numbers": NUMBERS}
NAMES = {name: [field.name for field in model.signature.fields] for name, model in MODELS.items()}
NUMERIC = {field.name for model in MODELS.values() for field in model.signature.fields if field.kind == "number"}
OPTIONAL = {field.name for model in MODELS.values() for field in model.signature.fields if field.default is not None}


def begun(head: bytes, model: Interface = RECORDS) -> CsvRows:
    """A decoder that has read its head."""
    lines, rows = Lines(LIMIT), CsvRows(model, LIMIT)
    lines.feed(head + b"\n")
    assert rows.begin(lines)
    return rows


def written(rows: list[list[str]]) -> list[bytes]:
    """Rows as lines, of which some may belong together."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass").split(b"\n")[:-1]


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str], list[dict[str, str]]]:
    """A model, its columns in any order with or without the optional ones, and rows of cells."""
    model = draw(st.sampled_from(list(MODELS)))
    names = draw(st.permutations(NAMES[model]))
    names = [name for name in names if name not in OPTIONAL or draw(st.booleans())]
    rows = draw(st.lists(st.fixed_dictionaries({name: cell(name) for name in names}), min_size=1, max_size=5))
    return model, names, rows


@given(tables())
def test_rows_are_the_records_of_their_cells(table: tuple[str, list[str], list[dict[str, str]]]) -> None:
    """Right rows become the same tensors bit for bit, and wrong ones the same error, naming the same field."""
    model, names, rows = table
    expected = [
        by_records({n: number(t) if n in NUMERIC else t for n, t in row.items() if t}, MODELS[model]) for row in rows
    ]
    decoder = begun(",".join(names).encode(), MODELS[model])
    assert settled(decoder.decode(block(*written([[row[name] for name in names] for row in rows])))) == expected


def test_usual_rows_take_the_quick_way() -> None:
    """Nothing is doubtful about right rows, with and without quotes, empty cells and blank lines."""
    decoder = begun(b"size,colour,start,day,small,count")
    lines = [
        b"1,red,05:15,1970-01-31,4,2",
        b"",
        b'2.5,"a,b",00:00,1970-01-01,5,',
        b'"3","red","05:15","1970-01-31",4,2',
    ]
    chunk = decoder.decode(block(*lines, first=7))
    assert (chunk.lines, chunk.doubtful, chunk.faults) == ([7, 9, 10], [], {})
    plain = begun(b"three,one", NUMBERS).decode(block(b"1,2", b"-3.5,0", first=2))
    assert (list(plain.lines), plain.doubtful) == ([2, 3], [])
    assert plain.inputs["x"].tolist() == [[2, 2.5, 1], [0, 2.5, -3.5]]


@pytest.mark.parametrize("line", [b"1", b"1,2,3", b"1,,2", b"[1],2", b"1,2],[1,2", b"1 2,3", b""])
def test_plain_numbers_are_no_json(line: bytes) -> None:
    """What would be JSON between rows of plain numbers is a row at fault, or a blank line, and shifts no other."""
    chunk = begun(b"one,three", NUMBERS).decode(block(b"1,2", line, b"3,4"))
    rows = settled(chunk)
    assert rows[0] == by_records({"one": 1, "three": 2}, NUMBERS)
    assert rows[-1] == by_records({"one": 3, "three": 4}, NUMBERS)
    assert len(rows) == (3 if line else 2)
    assert all(isinstance(row, str) for row in rows[1:-1])


def test_rows_that_are_all_too_wide_are_all_at_fault() -> None:
    """Plain numbers of the same wrong width are no table of another shape."""
    rows = settled(begun(b"one,three", NUMBERS).decode(block(b"1,2,3", b"4,5,6")))
    assert rows == ["malformed_request: Expected 2 cells. Received 3 at ."] * 2


def test_plain_numbers_may_be_inside_a_quoted_cell() -> None:
    """While a cell is open, lines of numbers belong to it."""
    decoder = begun(b"one,three", NUMBERS)
    assert settled(decoder.decode(block(b'"1', last=False))) == []
    rows = settled(decoder.decode(block(b"1,2", b'",3', b"4,5", first=2)))
    assert [type(row) for row in rows] == [str, dict]
    assert rows[1] == by_records({"one": 4, "three": 5}, NUMBERS)


BAD = {
    "too few": (b"1,red", "malformed_request", "Expected 5 cells. Received 2 at line 3."),
    "too many": (b"1,red,05:15,1970-01-31,4,", "malformed_request", "Expected 5 cells. Received 6 at line 3."),
    "blank before": (b" 1,red,05:15,1970-01-31,4", "wrong_type", 'Received the string " 1" at line 3: size.'),
    "nan": (b"nan,red,05:15,1970-01-31,4", "wrong_type", 'Received the string "nan" at line 3: size.'),
    "endless": (b"1e999,red,05:15,1970-01-31,4", "not_finite", "Received inf at line 3: size."),
    "too large": (b"301,red,05:15,1970-01-31,4", "out_of_range", "-10 to 300.5. Received 301 at line 3: size."),
    "no word": (b"1,Red,05:15,1970-01-31,4", "unknown_category", 'Received "Red" at line 3: colour.'),
    "no time": (b"1,red,5:15,1970-01-31,4", "wrong_type", 'Received the string "5:15" at line 3: start.'),
    "left out": (b"1,red,,1970-01-31,4", "missing_field", "Received none at line 3: start."),
}


@pytest.mark.parametrize(("line", "code", "words"), BAD.values(), ids=BAD)
def test_a_bad_row_is_told_with_line_and_column(line: bytes, code: str, words: str) -> None:
    """The one bad row among good ones is refused with its line, its column, the rule and what came."""
    good = b"1,red,05:15,1970-01-31,4"
    chunk = begun(b"size,colour,start,day,small").decode(block(good, line, good, first=2))
    rows = settled(chunk)
    assert [type(row) for row in rows] == [dict, str, dict]
    assert chunk.faults[1].code == code
    assert chunk.faults[1].sentence.endswith(words)


HEADS = {
    "unknown": (b"size,shoe", "unknown_field", "Expected only the columns size, count, free, colour"),
    "twice": (b"size,size", "malformed_request", 'Expected each column once. Received "size" twice at column 2.'),
    "missing": (b"size,colour", "missing_field", "Expected a column start. Received size, colour."),
    "no text": (b"\xff\xfes", "malformed_request", "Expected text in UTF-8"),
    "no CSV": (b'"size"x,colour', "malformed_request", "Expected a row of CSV"),
    "blank": (b" size,colour", "unknown_field", 'Received " size" at column 1.'),
    "nothing": (b"", "malformed_request", "Expected a head line of column names. Received no line."),
    "open": (b'"size', "malformed_request", "Expected a quoted cell that is closed"),
    "long": (b"x" * (LIMIT + 1), "too_large", "at most 1000 bytes"),
}


@pytest.mark.parametrize(("head", "code", "words"), HEADS.values(), ids=HEADS)
def test_a_bad_head_is_refused(head: bytes, code: str, words: str) -> None:
    """A head that is no head of the model's is one error for the whole body."""
    lines = Lines(LIMIT)
    lines.feed(head)
    lines.end()
    with pytest.raises(BadInput if code != "too_large" else Exception) as caught:
        CsvRows(RECORDS, LIMIT).begin(lines)
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert words in caught.value.sentence  # type: ignore[attr-defined]


def test_a_head_is_waited_for() -> None:
    """The head may come in parts, behind blank lines, over several lines, and behind a mark of byte order."""
    lines, rows = Lines(LIMIT), CsvRows(NUMBERS, LIMIT)
    for part in (b"\xef\xbb", b"\xbf\r\n", b'"on', b'e","three"'):
        lines.feed(part)
        assert not rows.begin(lines)
    lines.feed(b"\n1,2\n")
    assert rows.begin(lines)
    assert settled(rows.decode(lines.take(10))) == [by_records({"one": 1, "three": 2}, NUMBERS)]


HEAD = b"m[3],m[0],t[1],k,m[1],m[2],t[0]"


def test_raw_tensors_have_a_column_an_element() -> None:
    """A model without fields takes its elements by name and row-major index, in any order."""
    chunk = begun(HEAD, TENSORS).decode(block(b"3,0,true,7,1,2.5,false"))
    assert (chunk.doubtful, chunk.faults) == ([], {})
    assert chunk.inputs["m"].tolist() == [[[0, 1], [2.5, 3]]]
    assert (chunk.inputs["k"].tolist(), chunk.inputs["t"].tolist()) == ([[7]], [[False, True]])


RAW: dict[str, tuple[bytes, Any]] = {
    "word": (b"x,0,true,7,1,2,false", 'wrong_type: Expected a number. Received the string "x" at m[1][1].'),
    "number for true": (b"3,0,1,7,1,2,false", "wrong_type: Expected true or false. Received 1 at t[1]."),
    "large": (b"3,0,true,256,1,2,false", "out_of_range: Expected a whole number from 0 to 255. Received 256 at k[0]."),
    "fraction": (b"3,0,true,1.0,1,2,false", "wrong_type: Expected a whole number. Received 1.0 at k[0]."),
    "empty": (b"3,,true,7,1,2,false", "missing_input: Expected 4 numbers. Received an empty cell at m."),
    "beyond FP32": (b"3,1e39,true,7,1,2,false", "not_finite: Expected a finite FP32 number. Received inf at m[0][0]."),
    "nearly beyond": (b"3,3.4028235e38,true,7,1,2,false", np.finfo(np.float32).max),
}


@pytest.mark.parametrize(("line", "expected"), RAW.values(), ids=RAW)
def test_raw_tensors_are_held_against_their_datatype(line: bytes, expected: Any) -> None:
    """What a datatype cannot hold is told with line and element."""
    chunk = begun(HEAD, TENSORS).decode(block(line))
    (row,) = settled(chunk)
    assert row == expected if isinstance(row, str) else np.frombuffer(row["m"], np.float32)[0] == expected


@pytest.mark.parametrize(("head", "code"), [(HEAD + b",x", "unknown_input"), (HEAD[5:], "missing_input")])
def test_raw_columns_are_all_of_them_and_no_other(head: bytes, code: str) -> None:
    """Every element of every input needs its column."""
    with pytest.raises(BadInput) as caught:
        begun(head, TENSORS)
    assert caught.value.code == code


def test_an_image_is_a_cell() -> None:
    """A model with images takes the base64 of a picture, and says what is wrong with it."""
    names = b"size,count,colour,start,day,picture"
    (row,) = settled(begun(names, every_kind()).decode(block(b"1,2,red,05:15,2013-05-31,aGVsbG8=")))
    assert isinstance(row, str)
    assert row.startswith("wrong_type: Expected the base64 of an 8-bit grey PNG of 4 x 3 pixels.")
    assert row.endswith(" at picture.")


@pytest.mark.parametrize("blank", [HEAD_WITHIN - 1, HEAD_WITHIN])
def test_the_head_is_among_the_first_lines(blank: int) -> None:
    """Blank lines before it are skipped, but not for ever."""
    lines, rows = Lines(100), CsvRows(NUMBERS, 100)
    lines.feed(b"\n" * blank + b"one,three\n")
    if blank < HEAD_WITHIN:
        assert rows.begin(lines)
        return
    with pytest.raises(MalformedRequest, match=f"among the first {HEAD_WITHIN} lines"):
        rows.begin(lines)
