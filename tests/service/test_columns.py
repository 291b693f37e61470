"""Rows read column by column are what they are row by row, and what is not plain is doubtful."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.columns import LONGEST_WHOLE, MOST_TEXTS, Columns, Texts, columns_of, numbered
from service.columns import number as read_number
from tests.streamed import ODD_TEXTS, RECORDS, TENSORS, by_records, cell, number
from tests.toy_signatures import every_kind, field, interface, output, result, tensor

COLUMNS = Columns(RECORDS)
NUMERIC = {column.name for column in COLUMNS.columns if column.numeric}


@st.composite
def rows_of_texts(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows of cells by column."""
    row = st.fixed_dictionaries({column.name: cell(column.name) for column in COLUMNS.columns})
    return draw(st.lists(row, min_size=1, max_size=6))


def filled(rows: list[dict[str, Any]], method: str) -> np.ndarray:
    """The matrix of rows, column by column."""
    values = [getattr(column, method)([row[column.name] for row in rows]) for column in COLUMNS.columns]
    return np.array(values, dtype=np.float64)


@given(rows_of_texts())
def test_texts_that_are_not_doubtful_are_the_records(rows: list[dict[str, str]]) -> None:
    """Cells that are taken become bit for bit what the record of the same values becomes."""
    inputs, doubtful = COLUMNS.inputs(filled(rows, "texts"))
    for place, row in enumerate(rows):
        if place not in doubtful:
            record = {name: number(text) if name in NUMERIC else text for name, text in row.items() if text}
            assert by_records(record) == {name: array[place].tobytes() for name, array in inputs.items()}


@given(rows_of_texts())
def test_right_rows_are_not_doubtful_for_wrong_ones_beside_them(rows: list[dict[str, str]]) -> None:
    """A row alone is doubtful if and only if it is among others."""
    _, doubtful = COLUMNS.inputs(filled(rows, "texts"))
    alone = [place for place, row in enumerate(rows) if COLUMNS.inputs(filled([row], "texts"))[1]]
    assert doubtful == alone


GOOD: dict[str, Any] = {
    "size": 1.5,
    "count": 2,
    "free": 3,
    "colour": "red",
    "start": "05:15",
    "day": "1970-01-31",
    "small": 4,
}
ODD: list[Any] = [None, True, "1", [1], {"a": 1}, math.nan, 2**53 + 1, 1e300, *ODD_TEXTS]


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_values_that_are_not_doubtful_are_the_records(name: str, value: Any) -> None:
    """A JSON value that is taken becomes bit for bit what it becomes in a record; its neighbours are never doubtful."""
    rows = [GOOD, {**GOOD, name: value}, GOOD]
    inputs, doubtful = COLUMNS.inputs(filled(rows, "values"))
    assert doubtful in ([], [1])
    for place in {0, 1, 2} - set(doubtful):
        assert by_records(rows[place]) == {name: array[place].tobytes() for name, array in inputs.items()}


def test_usual_rows_are_not_doubtful() -> None:
    """The quick way is taken where it can be: by values, by texts, and with empty cells for defaults."""
    texts = {name: str(value) for name, value in GOOD.items()}
    assert COLUMNS.inputs(filled([GOOD] * 3, "values"))[1] == []
    assert COLUMNS.inputs(filled([texts, {**texts, "colour": "", "count": "", "free": ""}], "texts"))[1] == []
    assert COLUMNS.inputs(filled([{**texts, "size": ""}], "texts"))[1] == [0]


def test_elements_are_columns_without_fields() -> None:
    """A model without fields has a column for every element, row-major, numbered where there are several."""
    columns = Columns(TENSORS)
    assert [column.name for column in columns.columns] == ["m[0]", "m[1]", "m[2]", "m[3]", "k", "t[0]", "t[1]"]
    texts = [["0.5"], ["1"], ["2"], ["3"], ["255"], ["true"], ["false"]]
    inputs, doubtful = columns.inputs(np.array([c.texts(t) for c, t in zip(columns.columns, texts, strict=True)]))
    assert doubtful == []
    assert inputs["m"].tolist() == [[[0.5, 1], [2, 3]]]
    assert (inputs["k"].tolist(), inputs["t"].tolist()) == ([[255]], [[True, False]])
    assert [array.dtype.name for array in inputs.values()] == ["float32", "uint8", "bool"]
    assert all(array.flags.c_contiguous for array in inputs.values())


@pytest.mark.parametrize(("place", "text"), [(4, "256"), (4, "-1"), (4, "1.0"), (5, "1"), (5, "True"), (0, "1e39")])
def test_what_a_datatype_cannot_hold_is_doubtful(place: int, text: str) -> None:
    """Elements of a datatype are held against its limits and its form."""
    columns = Columns(TENSORS)
    texts = ["0", "1", "2", "3", "4", "true", "true"]
    texts[place] = text
    matrix = np.array([column.texts([text]) for column, text in zip(columns.columns, texts, strict=True)])
    assert columns.inputs(matrix)[1] == [0]


def test_an_inputs_own_range_counts() -> None:
    """Without fields, the range that an input declares for all its elements makes what lies outside doubtful."""
    columns = Columns(interface(inputs=[{**tensor("x", "FP32", (1,)), "minimum": 0.0, "maximum": 1.0}]))
    assert columns.inputs(np.array([[-0.1, 0.0, 1.0, 1.1]]))[1] == [0, 3]


def test_images_are_left_to_the_exact_way() -> None:
    """Every row of a model with images is doubtful, and there is room for its inputs."""
    columns = Columns(every_kind())
    assert columns.exact_only
    inputs, doubtful = columns.nothing(2)
    assert doubtful == [0, 1]
    assert {name: (array.shape, array.dtype.name) for name, array in inputs.items()} == {
        "x": ((2, 5), "float32"),
        "picture": ((2, 3, 4), "uint8"),
    }


def test_no_empty_word_stands_for_an_empty_cell() -> None:
    """An empty cell is left out, also where the vocabulary has an empty word."""
    fields = [field("category", "word", ("x", 0), vocabulary=["", "a"])]
    keys = {"outputs": [output()], "fields": fields, "result": [result("values", "all")]}
    columns = Columns(interface(inputs=[tensor("x", "FP32", (1,))], **keys))
    assert columns.inputs(np.array([columns.columns[0].texts(["a", ""])]))[1] == [1]


def test_texts_are_remembered_up_to_a_bound() -> None:
    """A text is converted once, what means nothing is not kept, and no more is kept than the bound."""
    asked: list[str] = []

    def convert(text: str) -> float:
        asked.append(text)
        return math.nan if text == "bad" else float(text)

    texts = Texts({"one": 1.0}, convert)
    assert [texts["one"], texts["1"], texts["1"], texts["2"]] == [1, 1, 1, 2]
    assert math.isnan(texts["bad"])
    assert math.isnan(texts[None])
    assert asked == ["1", "2", "bad"]
    for value in range(MOST_TEXTS + 10):
        assert texts[str(value)] == value
    assert len(texts) == MOST_TEXTS
    assert math.isnan(Texts({"one": 1.0})["two"])


def test_columns_are_made_once_and_leave_with_their_model() -> None:
    """The columns of a model are shared by its streams; those of a model that is gone are gone."""
    model = interface()
    columns = weakref.ref(columns_of(model))
    assert columns_of(model) is columns()
    assert columns_of(RECORDS) is not columns()
    del model
    gc.collect()
    assert columns() is None


def test_one_element_needs_no_number() -> None:
    """An element alone is called as its tensor is."""
    assert numbered("total", 1) == ["total"]
    assert numbered("double", 2) == ["double[0]", "double[1]"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_numbers_are_json_numbers(text: str) -> None:
    """A text is read as a number if JSON reads it as one, with the same value and type, and is left alone if not."""
    found, expected = read_number(text), number(text)
    if len(text) > LONGEST_WHOLE:
        assert found == float("inf")
    else:
        assert (type(found), found) == (type(expected), expected)
