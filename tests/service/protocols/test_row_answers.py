"""Answers written a line a row say what the answers of the JSON dialects say."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import OutOfRange
from service.interface import Interface
from service.protocols.media_types import MediaType
from service.protocols.row_answers import RowAnswers, csv_cell, csv_line, printed
from service.runtime import plain
from tests.toy_signatures import every_kind, field, interface, output, result, tensor

CSV, NDJSON = MediaType.CSV, MediaType.NDJSON
floats = st.floats(-1e10, 1e10, width=32)
OUTPUTS = [output("a", (2,)), output("b", (2, 2), "INT64"), output("c", (1,), "BOOL"), output("d", (), "FP64")]
RAW = interface(outputs=OUTPUTS)
ODD = interface(
    inputs=[tensor("x", "FP32", (1,))],
    outputs=[output("y", (2,)), output("z", (1,), "FP64")],
    fields=[field("number", "n", ("x", 0))],
    result=[
        result("label", 'per%cent, "q"', labels=["plain", 'a "b", c']),
        result("number", "low", index=0, unit="m"),
        result("number", "high", index=1, unit="m"),
        result("number", "precise", output="z", index=0, unit="m"),
    ],
)


def answered(model: Interface, outputs: dict[str, np.ndarray]) -> list[Any]:
    """What the records' answers are, as JSON reads them."""
    assert model.records is not None
    rows = len(next(iter(outputs.values())))
    return [{k: plain(v) for k, v in row.items()} for row in model.records.encode(outputs, rows)]


def outputs_of(y: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs of the odd model."""
    return {"y": y, "z": y[:, :1].astype(np.float64) / 3}


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=floats))
def test_json_lines_are_the_records_answers(y: np.ndarray) -> None:
    """Labels, values, numbers and thresholds are what `records` answers, key by key, in order."""
    model = every_kind()
    lines = RowAnswers(model, NDJSON).rows({"y": y}, len(y))
    expected = answered(model, {"y": y})
    assert [json.loads(line) for line in lines] == expected
    assert [list(json.loads(line)) for line in lines] == [list(row) for row in expected]


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 4), st.just(2)), elements=floats))
def test_csv_lines_are_the_records_answers(y: np.ndarray) -> None:
    """A table of the answers reads back as the answers; odd names and labels are quoted; the error is empty."""
    answers = RowAnswers(ODD, CSV)
    lines = [answers.head.rstrip(b"\n"), *answers.rows(outputs_of(y), len(y))]
    table = list(csv.DictReader(line.decode() for line in lines))
    assert [row.pop("error") for row in table] == [""] * len(y)
    expected = answered(ODD, outputs_of(y))
    assert [{k: v if k.startswith("per") else float(v) for k, v in row.items()} for row in table] == expected


def test_odd_names_and_labels_are_json() -> None:
    """Names and labels that mean something in a template or in JSON come through."""
    y = np.array([[1, 2], [2, 1]], dtype=np.float32)
    lines = RowAnswers(ODD, NDJSON).rows(outputs_of(y), 2)
    assert [json.loads(line) for line in lines] == answered(ODD, outputs_of(y))


RAW_OUTPUTS = {
    "a": np.array([[1.5, 1e20], [-0.0, 16777216]], dtype=np.float32),
    "b": np.arange(8).reshape(2, 2, 2),
    "c": np.array([[True], [False]]),
    "d": np.array([0.1, 3]),
}


def test_raw_outputs_are_nested_in_json() -> None:
    """A model without fields answers its outputs by name, each in its shape, as the JSON writer prints it."""
    lines = RowAnswers(RAW, NDJSON).rows(RAW_OUTPUTS, 2)
    rows = [{name: np.ascontiguousarray(array[row]) for name, array in RAW_OUTPUTS.items()} for row in (0, 1)]
    rows = [{**row, "d": RAW_OUTPUTS["d"][place]} for place, row in enumerate(rows)]
    assert lines == [orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in rows]


def test_raw_outputs_are_cells_in_csv() -> None:
    """Elements are numbered row-major, one alone is not."""
    answers = RowAnswers(RAW, CSV)
    assert answers.head == b"a[0],a[1],b[0],b[1],b[2],b[3],c,d,error\n"
    assert answers.rows(RAW_OUTPUTS, 2) == [b"1.5,1e+20,0,1,2,3,true,0.1,", b"-0.0,16777216.0,4,5,6,7,false,3.0,"]


def test_a_fault_is_a_line() -> None:
    """An error line has the message and its line; in CSV all other cells are empty, and it is one line."""
    error = OutOfRange('Expected "1".\nReceived 2, at line 5: x.')
    assert json.loads(RowAnswers(RAW, NDJSON).fault(error, 5)) == {
        "error": error.sentence,
        "code": "out_of_range",
        "line": 5,
    }
    answers = RowAnswers(ODD, CSV)
    line = answers.fault(error, 5)
    assert b"\n" not in line
    (row,) = csv.DictReader([answers.head.decode(), line.decode()])
    assert row.pop("error") == 'Expected "1". Received 2, at line 5: x.'
    assert set(row.values()) == {""}


@pytest.mark.parametrize("shape", [(1,), (3,), (1, 1), (3, 2), (2, 1, 2), (2, 2, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8, np.uint64, np.bool_])
def test_rows_are_printed_as_json_prints_them(shape: tuple[int, ...], dtype: type) -> None:
    """Cutting the text of an array gives the texts of its rows, whatever its shape and memory layout."""
    array = np.asfortranarray(np.arange(np.prod(shape)).reshape(shape).astype(dtype))
    end = "]" * (len(shape) - 1)
    texts = ["[" * len(end) + text.decode() + end for text in printed(array)]
    assert [json.loads(text) for text in texts] == array.tolist()


def test_cells_are_quoted_where_needed() -> None:
    """Commas, quotes and newlines are quoted, and nothing else is."""
    assert csv_line(["a", 'b"c', "d,e", 5]) == b'a,"b""c","d,e",5'
    assert csv_cell("f\ng") == b'"f\ng"'
    assert csv_cell("f\rg") == b'"f\rg"'
