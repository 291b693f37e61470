"""Schemas of tensors accept what the service reads, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.errors import BadInput
from service.json_tensor import parse, read_row
from service.openapi import tensor_schemas
from service.signature import DTYPES, Signature, Tensor
from service.tensors import Bounds, bounds_of, check
from tests.toy_signatures import field, one_tensor, result, signature, tensor

NUMBERS = st.sampled_from(
    [-(2**63), -129, -1, 0, 1, 2.5, 127, 255, 256, 2**31, 2**64 - 1, 1e39, 1e300, True, None, "1"]
)
SHAPES: list[tuple[Any, bool]] = [
    ([[1, 2], [3, 4], [5, 6]], True),
    ([[1, 2], [3, 4]], False),
    ([[1, 2], [3], [5, 6]], False),
    ([[1, 2], [3, 4, 4], [5, 6]], False),
    ([1, 2, 3, 4, 5, 6], False),
    (1, False),
    ([[], [], []], False),
    ([[[1, 2]]] * 3, False),
]


def takes(one: Tensor, value: Any, bounds: Bounds | None = None) -> bool:
    """Whether the service takes a row."""
    document = parse(json.dumps([value]).encode())
    document.brackets -= 1
    try:
        row = read_row(document, document.root[0], one, "row")
        document.settle()
        check(row[np.newaxis], one, bounds, "row")
    except BadInput:
        return False
    return True


def accepts(one: Tensor, value: Any, bounds: Bounds | None = None) -> bool:
    """Whether the schema of a row does."""
    return Draft202012Validator(tensor_schemas.row(one, bounds)).is_valid(value)


def fielded() -> Signature:
    """Five numbers with a range each: of a colour, of a time, a date, one open, one whole and open above."""
    fields = [
        field("category", "colour", ("x", 0)),
        field("time", "start", ("x", 1)),
        field("date", "day", ("x", 2)),
        field("number", "size", ("x", 3)),
        field("number", "count", ("x", 4), whole=True, minimum=0),
    ]
    return signature(inputs=[tensor("x", "FP32", (5,))], fields=fields, result=[result("values", "all")])


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype != "FP16"])
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=3))
@settings(max_examples=40)
def test_a_row_is_taken_as_its_schema_says(dtype: str, numbers: list[Any]) -> None:
    """For every datatype: exactly what is valid is read, by type, range and length."""
    one = one_tensor(dtype)
    assert accepts(one, numbers) == takes(one, numbers)


@pytest.mark.parametrize(("value", "sound"), SHAPES)
def test_rows_nest_as_deep_as_the_shape(value: Any, sound: bool) -> None:
    """A row of [3, 2] is three lists of two, and no other nesting."""
    one = one_tensor("FP32", (3, 2))
    assert accepts(one, value) == takes(one, value) == sound


@pytest.mark.parametrize("value", [0, 1.5, True, [0], None])
def test_a_row_without_an_axis_is_one_element(value: Any) -> None:
    """A row of [] is the element itself."""
    one = one_tensor("FP32", ())
    assert accepts(one, value) == takes(one, value)


@given(place=st.integers(0, 4), number=st.sampled_from([-1, 0, 1, 2, 3, 1439, 1440, 15705, 16070, 0.5, -1e9, 1e9]))
def test_every_element_has_the_range_of_its_field(place: int, number: float) -> None:
    """With fields of several ranges, each place of a row takes what its field allows, and is told by its name."""
    found = fielded()
    row: list[float] = [0, 0, 15800, 0, 0]
    row[place] = number
    bounds = bounds_of(found)["x"]
    assert accepts(found.inputs[0], row, bounds) == takes(found.inputs[0], row, bounds)
    places = tensor_schemas.row(found.inputs[0], bounds)["prefixItems"]
    assert [one["description"] for one in places] == ["colour", "start", "day", "size", "count"]


def test_fields_of_one_range_are_still_told_by_name() -> None:
    """Two fields that take the same numbers are two places; an input with a range of its own is one."""
    fields = [field("number", name, ("x", at), minimum=0, maximum=1) for at, name in enumerate(("young", "rich"))]
    found = signature(fields=fields, result=[result("values", "all")])
    places = tensor_schemas.row(found.inputs[0], bounds_of(found)["x"])["prefixItems"]
    assert [one["description"] for one in places] == ["young", "rich"]
    whole = signature(inputs=[{**tensor("x"), "minimum": 0, "maximum": 1}])
    schema = tensor_schemas.row(whole.inputs[0], bounds_of(whole)["x"])
    assert schema["items"] == {"type": "number", "format": "float", "minimum": 0, "maximum": 1}


def test_places_nest_as_the_tensor_does() -> None:
    """Ranges that differ along two axes stand where their elements do."""
    fields = [field("number", f"f{at}", ("x", at), minimum=at, maximum=at) for at in range(6)]
    found = signature(inputs=[tensor("x", "INT8", (2, 3))], fields=fields, result=[result("values", "all")])
    bounds = bounds_of(found)["x"]
    assert accepts(found.inputs[0], [[0, 1, 2], [3, 4, 5]], bounds)
    assert not accepts(found.inputs[0], [[0, 1, 2], [3, 5, 4]], bounds)
    assert not accepts(found.inputs[0], [[0, 1, 2, 3], [3, 4, 5]], bounds)


def test_many_ranges_are_told_by_their_hull() -> None:
    """A long row is not described element by element: its schema stays short, and refuses nothing that is taken."""
    size = tensor_schemas.MAX_PLACES + 1
    fields = [field("number", f"f{at}", ("x", at), minimum=at, maximum=at + 1) for at in range(size)]
    found = signature(inputs=[tensor("x", "FP32", (size,))], fields=fields, result=[result("values", "all")])
    schema = tensor_schemas.row(found.inputs[0], bounds_of(found)["x"])
    assert schema["items"] == {"type": "number", "format": "float", "minimum": 0, "maximum": size}


def test_flat_data_takes_what_any_place_takes() -> None:
    """The schema of elements without a place is as wide as the widest place."""
    found = fielded()
    schema = Draft202012Validator(tensor_schemas.loosest(found.inputs[0], bounds_of(found)["x"]))
    assert all(schema.is_valid(number) for number in (0, 2, 1439, 15800, 0.5, -5))
    assert not schema.is_valid("0")


@pytest.mark.parametrize(
    ("dtype", "kind", "form"),
    [
        ("BOOL", "boolean", None),
        ("UINT8", "integer", "uint8"),
        ("INT64", "integer", "int64"),
        ("FP64", "number", "double"),
    ],
)
def test_answers_have_type_format_and_shape(dtype: str, kind: str, form: str | None) -> None:
    """An output's row says what a generated client needs: type, format, lengths, the model's own sentence."""
    found = tensor_schemas.answered(one_tensor(dtype, (2, 3)))
    assert (found["minItems"], found["maxItems"], found["items"]["maxItems"]) == (2, 2, 3)
    element = found["items"]["items"]
    assert (element["type"], element.get("format")) == (kind, form)
    assert found["description"] == f"Numbers. {dtype} of shape [2, 3]."


def test_lists_have_a_least_and_a_most() -> None:
    """`listed` asks for one row at least and as many as allowed, `exactly` for one number of them."""
    assert tensor_schemas.listed({}) == {"type": "array", "items": {}, "minItems": 1}
    assert tensor_schemas.listed({}, 4)["maxItems"] == 4
    assert tensor_schemas.exactly({}, 3) == {"type": "array", "items": {}, "minItems": 3, "maxItems": 3}
