"""TensorFlow Serving's predict: rows, columns and records, and how they are answered."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.tfserving import decode, encode
from service.request import Answer, InferRequest, InferResult
from tests.toy_signatures import every_kind, interface, output, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
numbers = st.floats(-(2.0**100), 2.0**100, width=32)
tables = st.integers(1, 6).flatmap(lambda rows: arrays.arrays(np.float32, (rows, 2), elements=numbers))


def refused(body: bytes, model: Interface = XOR) -> ServiceError:
    """The fault of a body that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(body, model)
    return caught.value


def answered(request: InferRequest, result: InferResult, model: Interface) -> Any:
    """The answer to a request, as a client reads it."""
    return orjson.loads(encode(request, result, model).body)


@pytest.mark.parametrize("form", ["instances", "inputs", "records"])
def test_more_rows_than_allowed_are_too_large(form: str) -> None:
    """The limit itself is answered; one row more is 413, in every form, before a number is read."""
    row: Any = {"x": [1, 2]} if form == "records" else [1, 2]
    assert decode(json.dumps({form: [row] * 8}).encode(), XOR).rows == 8
    fault = refused(json.dumps({form: [row] * 8 + ["unread"]}).encode())
    assert (fault.status, fault.code, fault.sentence) == (413, "too_large", "Expected at most 8 rows. Received 9.")


@given(tables, tables)
def test_rows_and_columns_are_the_same_request(wide: np.ndarray, deep: np.ndarray) -> None:
    """Both forms give bit for bit the arrays that were written."""
    rows = min(len(wide), len(deep))
    wide, deep = wide[:rows], deep[:rows]
    instances = [{"deep": d.tolist(), "wide": w.tolist()} for w, d in zip(wide, deep, strict=True)]
    by_row = decode(orjson.dumps({"instances": instances}), WIDE_DEEP)
    by_column = decode(orjson.dumps({"inputs": {"deep": deep.tolist(), "wide": wide.tolist()}}), WIDE_DEEP)
    for request, form in ((by_row, "instances"), (by_column, "inputs")):
        assert list(request.inputs) == ["wide", "deep"]
        assert request.inputs["wide"].tobytes() == wide.tobytes()
        assert request.inputs["deep"].tobytes() == deep.tobytes()
        assert (request.rows, request.outputs, request.form) == (rows, ("main", "aux"), form)


@given(tables)
def test_one_input_may_be_named_or_not(rows: np.ndarray) -> None:
    """Plain values, one-key objects, a plain column and a named column are the same request."""
    plain = rows.tolist()
    bodies: list[dict[str, Any]] = [
        {"instances": plain},
        {"instances": [{"x": row} for row in plain]},
        {"inputs": plain},
        {"inputs": {"x": plain, "surplus": [["["]]}},
        {"records": [{"x": row} for row in plain]},
        {"instances": plain, "signature_name": "serving_default", "context": "[[["},
        {"instances": plain, "signature_name": ""},
    ]
    for body in bodies:
        assert decode(json.dumps(body).encode(), XOR).inputs["x"].tobytes() == rows.tobytes()


def test_fields_are_kept_in_every_form() -> None:
    """A model with fields refuses tensors outside their ranges as it refuses such records."""
    model = every_kind()
    row = {"x": [1, 2, 0, 300, 15800], "picture": [[0] * 4] * 3}
    assert decode(json.dumps({"instances": [row]}).encode(), model).rows == 1
    for place, value in ((0, 11), (1, -1), (2, 3), (3, 1440), (4, 99999)):
        numbers = [*row["x"][:place], value, *row["x"][place + 1 :]]
        for body in ({"instances": [{**row, "x": numbers}]}, {"inputs": {"x": [numbers], "picture": [row["picture"]]}}):
            fault = refused(json.dumps(body).encode(), model)
            assert fault.code == "out_of_range"
            assert fault.place.endswith(f"[{place}]")


@given(tables)
def test_answers_are_read_back_as_they_were(values: np.ndarray) -> None:
    """Every number of an answer, written in its shortest form, is read back to the bit, in either form."""
    results = InferResult("wide_deep", 3, {"main": values, "aux": values[:, ::-1]})
    rows = answered(InferRequest({}, len(values), (), form="instances"), results, WIDE_DEEP)
    columns = answered(InferRequest({}, len(values), (), form="inputs"), results, WIDE_DEEP)
    assert np.float32(columns["outputs"]["main"]).tobytes() == values.tobytes()
    assert np.float32(columns["outputs"]["aux"]).tobytes() == values[:, ::-1].tobytes()
    assert [{name: column[row] for name, column in columns["outputs"].items()} for row in range(len(values))] == rows[
        "predictions"
    ]


def test_one_output_is_not_named() -> None:
    """A model of one output answers a list of values, whole floats with `.0`."""
    result = InferResult("xor", 3, {"y": np.float32([[1], [0.25]])})
    request = InferRequest({}, 2, ("y",), form="instances")
    assert encode(request, result, XOR).body == b'{"predictions":[[1.0],[0.25]]}'
    request.form = "inputs"
    assert encode(request, result, XOR).body == b'{"outputs":[[1.0],[0.25]]}'
    request.form = "records"
    assert encode(request, result, XOR).body == b'{"predictions":[[1.0],[0.25]]}'


def test_records_are_answered_as_records() -> None:
    """A model with fields answers records with its result's keys, and tensors with tensors."""
    model = every_kind()
    result = InferResult("xor", 3, {"y": np.float32([[0.25, 0.5, 0.75]])})
    answer = answered(InferRequest({}, 1, ("y",), form="records"), result, model)
    assert answer == {"predictions": [{"winner": "c", "all": [0.25, 0.5, 0.75], "second": 0.5, "large": True}]}
    rows = encode(InferRequest({}, 1, ("y",), form="instances"), result, model)
    assert rows == Answer(b'{"predictions":[[0.25,0.5,0.75]]}', b"application/json", ())


@pytest.mark.parametrize("dtype", ["BOOL", "UINT8", "INT64", "FP16", "FP32", "FP64"])
@pytest.mark.parametrize("form", ["instances", "inputs"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 2)])
def test_every_datatype_and_shape_can_be_answered(dtype: str, form: str, shape: tuple[int, ...]) -> None:
    """Outputs of any datatype and rank, contiguous or not, are written as JSON of that type."""
    model = interface(outputs=[output("a", shape, dtype), output("b", shape, dtype)])
    values = np.ones((4, *shape), model.outputs["a"].numpy)[::2]
    answer = answered(InferRequest({}, 2, (), form=form), InferResult("xor", 3, {"a": values, "b": values}), model)
    found = answer["outputs"]["a"] if form == "inputs" else [row["a"] for row in answer["predictions"]]
    assert found == values.tolist()
    assert re.findall(r"\d\.?\d?|true", json.dumps(found))[0] == json.dumps(values.reshape(-1)[0].item())


def test_headers_change_nothing() -> None:
    """A body is what it is, whatever content type it is sent with: curl's form type as well."""
    body = b'{"instances":[[1,2]]}'
    form = decode(body, XOR, {b"content-type": b"application/x-www-form-urlencoded"})
    assert form.inputs["x"].tobytes() == decode(body, XOR).inputs["x"].tobytes()


@pytest.mark.parametrize(
    ("dtype", "written", "read"),
    [
        ("FP32", "[1, 2.0, -3, 5.003, 1e-9]", [1, 2, -3, 5.003, 1e-9]),
        ("FP64", "[1.0, 2, 0.662, 9007199254740992]", [1, 2, 0.662, 2**53]),
        ("FP32", "[16777217]", [2**24]),
        ("INT8", "[-128, 127]", [-128, 127]),
        ("UINT64", "[0, 18446744073709551615]", [0, 2**64 - 1]),
        ("BOOL", "[true, false]", [True, False]),
    ],
)
def test_scalars_are_rows(dtype: str, written: str, read: list[Any]) -> None:
    """A model of one number a row takes a flat list in either form; floats take whole numbers as well."""
    model = interface(inputs=[tensor("x", dtype, ())])
    for form in ("instances", "inputs"):
        found = decode(f'{{"{form}": {written}}}'.encode(), model)
        assert found.rows == len(read)
        assert found.inputs["x"].tolist() == np.asarray(read, model.inputs["x"].numpy).tolist()


@pytest.mark.parametrize(("dtype", "wrong"), [("INT32", "1.0"), ("INT32", "true"), ("BOOL", "1"), ("FP32", "true")])
def test_no_type_is_taken_for_another(dtype: str, wrong: str) -> None:
    """1.0 is no whole number, 1 is not true, and true is no number."""
    model = interface(inputs=[tensor("x", dtype, ())])
    for form in ("instances", "inputs"):
        assert refused(f'{{"{form}": [{wrong}]}}'.encode(), model).code == "wrong_type"


@pytest.mark.parametrize("order", [("x", "b64"), ("b64", "x")])
def test_an_input_may_be_named_like_the_mark_of_base64(order: tuple[str, str]) -> None:
    """Only an object of the one key `b64` whose value is a string is a value; others name inputs, in any order."""
    model = interface(inputs=[tensor("x"), tensor("b64")])
    row = {name: [1, 2] for name in order}
    assert decode(json.dumps({"instances": [row]}).encode(), model).inputs["b64"].tolist() == [[1, 2]]
    alone = interface(inputs=[tensor("b64")])
    for body in ({"instances": [{"b64": [1, 2]}]}, {"inputs": {"b64": [[1, 2]]}}):
        assert decode(json.dumps(body).encode(), alone).inputs["b64"].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("dtype", "values", "text"),
    [
        ("FP32", [1, 0.1, 9e6, 1e20, 1e-9, 16777216], "[1.0,0.1,9000000.0,1e+20,1e-9,16777216.0]"),
        ("FP64", [1, 0.1, 1e15, 1e20], "[1.0,0.1,1000000000000000.0,1e+20]"),
        ("INT64", [1, -(2**53)], "[1,-9007199254740992]"),
        ("BOOL", [True, False], "[true,false]"),
    ],
)
def test_numbers_are_written_short_and_of_their_own_type(dtype: str, values: list[Any], text: str) -> None:
    """Floats have a point or an exponent, whole numbers have neither; also where rows are scalars."""
    model = interface(outputs=[output("y", (), dtype)])
    array = np.asarray(values, model.outputs["y"].numpy)
    result = InferResult("xor", 3, {"y": array})
    request = InferRequest({}, len(values), ("y",), form="instances")
    assert encode(request, result, model).body.decode() == f'{{"predictions":{text}}}'
    both = interface(outputs=[output("y", (), dtype), output("z", (), dtype)])
    rows = encode(request, InferResult("xor", 3, {"y": array, "z": array}), both).body.decode()
    expected = ",".join(f'{{"y":{one},"z":{one}}}' for one in text[1:-1].split(","))
    assert rows == f'{{"predictions":[{expected}]}}'
