"""JSON lines become what records of the same text become."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.lines import Lines
from service.protocols.ndjson_rows import NdjsonRows
from tests.nested import JSON
from tests.streamed import ODD_TEXTS, RECORDS, TENSORS, block, by_json, cell, number, settled
from tests.toy_signatures import every_kind

LIMIT = 1000
NUMERIC = {field.name for field in RECORDS.signature.fields if field.kind == "number"}
NAMES = [field.name for field in RECORDS.signature.fields]
GOOD = b'{"size":1,"colour":"red","start":"05:15","day":"1970-01-31","small":4}'


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """A line: mostly an object of the fields, in any order, some left out, some odd."""
    if draw(st.integers(0, 9)) == 0:
        return json.dumps(draw(JSON), allow_nan=False).encode()
    record: dict[str, Any] = {}
    for name in draw(st.permutations(NAMES)):
        text = draw(cell(name))
        if text:
            record[name] = number(text) if name in NUMERIC else text
        elif draw(st.booleans()):
            record[name] = draw(JSON)
    if draw(st.integers(0, 9)) == 0:
        record[draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=5))] = 1
    text = json.dumps(record, ensure_ascii=draw(st.booleans()))
    damage = draw(st.sampled_from(["", "", "", "twice", "cut", "more"]))
    if damage == "twice":
        text = text[:-1] + f', "{draw(st.sampled_from(NAMES))}": 1}}'
    return (text[:-1] if damage == "cut" else text + ",{}" if damage == "more" else text).encode()


@given(st.lists(lines(), min_size=1, max_size=5))
def test_lines_are_the_records_of_the_same_text(texts: list[bytes]) -> None:
    """Right lines become the same tensors bit for bit, and wrong ones the same error, naming the same field."""
    found = settled(NdjsonRows(RECORDS, LIMIT).decode(block(*texts)))
    assert found == [_without_line(by_json(text)) for text in texts]


def _without_line(outcome: Any) -> Any:
    """An error of the whole line names the line behind it."""
    return outcome + " in " if isinstance(outcome, str) and outcome.startswith("malformed_json") else outcome


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("name", ["free", "count", "small"])
def test_numbers_are_those_of_records(text: str, name: str) -> None:
    """Whatever stands in the place of a number, raw in the line, is read as a record reads it."""
    line = GOOD[:-1].replace(b',"small":4', b"") + b',"%b":%b}' % (name.encode(), text.encode())
    for others in ((), (GOOD,)):
        found = settled(NdjsonRows(RECORDS, LIMIT).decode(block(*others, line, *others)))
        assert found[len(others)] == _without_line(by_json(line))
        assert all(isinstance(outcome, dict) for outcome in (found[:1] + found[-1:] if others else ()))


def test_usual_lines_take_the_quick_way() -> None:
    """Nothing is doubtful about right lines, with fields left out, in any order, with blank lines between."""
    other = b' {"small":2,"day":"1970-01-01","start":"00:00","size":0.5,"count":3,"free":1e3} '
    chunk = NdjsonRows(RECORDS, LIMIT).decode(block(GOOD, b"", b"  ", other, first=7))
    assert (list(chunk.lines), chunk.doubtful, chunk.faults) == ([7, 10], [], {})


UNCLEAR = {
    "twice": GOOD[:-1] + b',"small":4}',
    "twice, written otherwise": GOOD[:-1] + b',"sm\\u0061ll":4}',
    "null for a default": GOOD[:-1] + b',"free":null}',
    "unknown": GOOD[:-1] + b',"shoe":1}',
    "two": GOOD + b"," + GOOD,
    "half": GOOD[:-1],
    "no object": b"[" + GOOD + b"]",
    "no text": GOOD.replace(b"red", b"r\xffd"),
}


@pytest.mark.parametrize("line", UNCLEAR.values(), ids=UNCLEAR)
def test_an_unclear_line_is_refused_and_the_others_are_not(line: bytes) -> None:
    """A name given twice, null, an unknown name, and what is no object: one error line among good ones."""
    chunk = NdjsonRows(RECORDS, LIMIT).decode(block(GOOD, line, GOOD, first=7))
    rows = settled(chunk)
    assert [type(row) for row in rows] == [dict, str, dict]
    assert rows[0] == rows[2] == by_json(GOOD)
    assert "line 8" in chunk.faults[1].sentence


@pytest.mark.parametrize("line", [UNCLEAR["twice"], UNCLEAR["unknown"], UNCLEAR["null for a default"]])
def test_an_unclear_line_does_not_hide_behind_another(line: bytes) -> None:
    """A line with fewer quotes than it should have does not make up for one with more."""
    other = GOOD.replace(b'"red"', b"5")
    rows = settled(NdjsonRows(RECORDS, LIMIT).decode(block(other, line, other)))
    assert [type(row) for row in rows] == [str, str, str]


def test_lines_that_hold_each_others_objects_are_all_wrong() -> None:
    """Lines are read one by one: halves that would be whole together are none."""
    rows = settled(NdjsonRows(RECORDS, LIMIT).decode(block(GOOD[:-1], b'"free":1}', GOOD + b"," + GOOD)))
    assert [type(row) for row in rows] == [str, str, str]


def test_a_line_that_was_too_long_is_told() -> None:
    """A line of which only the number is left is a row at fault."""
    chunk = NdjsonRows(RECORDS, LIMIT).decode(block(GOOD, None, first=7))
    assert settled(chunk)[1] == "too_large: Expected at most 1000 bytes. Received more at ."
    assert chunk.faults[1].place == "line 8"


def test_there_is_no_head() -> None:
    """Rows begin with the first line."""
    assert NdjsonRows(RECORDS, LIMIT).begin(Lines(LIMIT))


def test_raw_tensors_and_images_take_the_exact_way() -> None:
    """Models without fields take inputs by name; images come as rows of pixels."""
    line = b'{"m":[[1,2],[3,4.5]],"k":[7],"t":[true,false]}'
    chunk = NdjsonRows(TENSORS, LIMIT).decode(block(line, b'{"m":[[1,2]]}', line))
    assert [type(row) for row in settled(chunk)] == [dict, str, dict]
    assert chunk.inputs["m"][2].tolist() == [[1, 2], [3, 4.5]]
    record = b'{"size":1,"count":2,"start":"05:15","day":"2013-05-31","picture":[[0,1,2,3],[4,5,6,7],[8,9,10,11]]}'
    (row,) = settled(NdjsonRows(every_kind(), LIMIT).decode(block(record)))
    assert isinstance(row, dict)
    assert row["picture"] == bytes(range(12))
