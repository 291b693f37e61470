"""TensorFlow Serving's predict: rows, columns and records, and the texts that its clients match."""

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
from service.request import InferRequest, InferResult
from tests.toy_signatures import every_kind, interface, output, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
HALF = interface(inputs=[tensor(dtype="FP16")])
BOTH = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist"
PLAIN = (
    "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map"
)
AWAY = "Encountered list at unexpected size: expecting shape [2], got "
NOPE = 'Serving signature name: "nope" not found in signature def'
UNEQUAL = "Expected inputs of the same first dimension. Received {'wide': 1, 'deep': 2}."
TYPED = "JSON Value: {} is not of expected type: float at instances[0][{}]"
ELEMENT = "Failed to process element: 0 of 'instances' list. Error: "
LACKS = ELEMENT + '{"wide":[1,2]} keys must be equal to: deep,wide'
numbers = st.floats(-(2.0**100), 2.0**100, width=32)
tables = st.integers(1, 6).flatmap(lambda rows: arrays.arrays(np.float32, (rows, 2), elements=numbers))

TEXTS: list[tuple[Interface, str, str, str]] = [
    (XOR, "", "malformed_json", "JSON Parse error: The document is empty"),
    (XOR, '{"instances": [1, }', "malformed_json", "JSON Parse error: Invalid value. at offset: 18"),
    (XOR, "[1]", "malformed_request", "JSON Value: [1] Is not object"),
    (XOR, "7", "malformed_request", "JSON Value: 7 Is not object"),
    (XOR, '{"instances":[[1,2]],"inputs":[[1,2]]}', "malformed_request", BOTH),
    (XOR, '{"instances":[[1,2]],"records":[]}', "malformed_request", BOTH),
    (XOR, '{"inputs":[[1,2]],"records":[]}', "malformed_request", BOTH),
    (XOR, "{}", "malformed_request", "Missing 'inputs' or 'instances' key"),
    (XOR, '{"examples":[]}', "malformed_request", "Missing 'inputs' or 'instances' key"),
    (XOR, '{"instances":{"x":[1,2]}}', "wrong_type", "Expecting 'instances' to be an list/array"),
    (XOR, '{"instances":null}', "wrong_type", "Expecting 'instances' to be an list/array"),
    (XOR, '{"instances":[]}', "malformed_request", "No values in 'instances' array"),
    (WIDE_DEEP, '{"instances":[[1,2]]}', "malformed_request", PLAIN),
    (WIDE_DEEP, '{"instances":[{"wide":[1,2]}]}', "missing_input", LACKS),
    (XOR, '{"instances":[{"x":[1,2],"z":1}]}', "unknown_input", ELEMENT + '{"x":[1,2],"z":1} keys must be equal to: x'),
    (XOR, '{"instances":[{"b64":"aGk="}]}', "missing_input", ELEMENT + '{"b64":"aGk="} keys must be equal to: x'),
    (XOR, '{"instances":[{"x":[1,2]},[1,2]]}', "wrong_type", "1 of 'instances' list. Error: JSON Value: [1,2] Is not"),
    (XOR, '{"instances":[["a",1]]}', "wrong_type", TYPED.format('"a" Type: String', 0)),
    (XOR, '{"instances":[[1,null]]}', "wrong_type", TYPED.format("null Type: Null", 1)),
    (XOR, '{"instances":[[1,true]]}', "wrong_type", TYPED.format("true Type: True", 1)),
    (XOR, '{"instances":[[1,{}]]}', "wrong_type", TYPED.format("an object Type: Object", 1)),
    (XOR, '{"instances":[[1,2],[1,2,3]]}', "ragged_rows", "Expecting shape [2] but got: [3] at instances[1]"),
    (XOR, '{"instances":[[1,2,3]]}', "wrong_shape", "Expecting shape [2] but got: [3] at instances[0]"),
    (XOR, '{"instances":[1,2]}', "wrong_shape", AWAY + "the number 1 at instances[0]"),
    (XOR, '{"instances":[[[1],2]]}', "ragged_rows", AWAY + "rows of different lengths at instances[0]"),
    (XOR, '{"signature_name":"nope","instances":[[1,2]]}', "malformed_request", NOPE),
    (XOR, '{"signature_name":1,"instances":[[1,2]]}', "wrong_type", "'signature_name' key must be a string value."),
    (WIDE_DEEP, '{"inputs":{"wide":[[1,2]]}}', "missing_input", "Missing named input: deep in 'inputs' object."),
    (WIDE_DEEP, '{"inputs":[[1,2]]}', "missing_input", "Missing named input: wide in 'inputs' object."),
    (WIDE_DEEP, '{"inputs":{"wide":[[1,2]],"deep":[[1,2],[3,4]]}}', "wrong_shape", UNEQUAL),
    (XOR, '{"inputs":{"x":[[1,2],[3]]}}', "ragged_rows", "Expecting shape [2] but got: [1] at inputs.x[1]"),
    (XOR, '{"inputs":[]}', "wrong_shape", "Received an empty list at inputs."),
    (XOR, '{"inputs":1}', "wrong_shape", "Received 1 at inputs."),
    (XOR, '{"inputs":{"x":null}}', "wrong_shape", "Received null at inputs.x."),
    (XOR, '{"instances":[[1,2]],"instances":[[1,2]]}', "malformed_request", "Expected each key once."),
    (XOR, '{"instances":[{"x":[1,2],"x":[1,2]}]}', "unknown_input", "keys must be equal to: x"),
    (XOR, '{"inputs":{"x":[[1,2]],"x":[[1,2]]}}', "missing_input", "Missing named input: x"),
    (XOR, '{"instances":[[1e39,2]]}', "not_finite", "Expected a finite FP32 number. Received inf at instances[0][0]."),
    (XOR, '{"instances":[{"x":[1,1e39]}]}', "not_finite", "Received inf at instances[0].x[1]."),
    (XOR, '{"records":[]}', "malformed_request", "Expected at least one record. Received an empty list at records."),
    (XOR, '{"records":{}}', "wrong_type", "Expected a list of records. Received an object at records."),
    (XOR, '{"records":[{"x":[1]}]}', "wrong_shape", "Expecting shape [2] but got: [1] at records[0].x"),
]  # fmt: skip


def refused(body: bytes, model: Interface = XOR) -> ServiceError:
    """The fault of a body that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(body, model)
    return caught.value


@pytest.mark.parametrize(("model", "body", "code", "text"), TEXTS)
def test_a_fault_has_tensorflow_servings_words(model: Interface, body: str, code: str, text: str) -> None:
    """Clients that match the text of an error find it, with status 400 and our code word beside it."""
    fault = refused(body.encode(), model)
    assert (fault.code, fault.status) == (code, 400)
    assert text in fault.sentence


@pytest.mark.parametrize("form", ['{"instances":[[1,2]]}', '{"instances":[{"x":[1,2]}]}', '{"inputs":[[1,2]]}'])
def test_half_precision_is_unimplemented(form: str) -> None:
    """Half precision has no JSON form in this dialect: 501."""
    fault = refused(form.encode(), HALF)
    assert (fault.status, fault.code) == (501, "unsupported")


@pytest.mark.parametrize("form", ["instances", "inputs", "records"])
def test_more_rows_than_allowed_are_too_large(form: str) -> None:
    """The limit itself is answered; one row more is 413, in every form, before a number is read."""
    row: Any = {"x": [1, 2]} if form == "records" else [1, 2]
    assert decode(json.dumps({form: [row] * 8}).encode(), XOR).rows == 8
    fault = refused(json.dumps({form: [row] * 8 + ["unread"]}).encode())
    assert (fault.status, fault.code, fault.sentence) == (413, "too_large", "Expected at most 8 rows. Received 9.")


def test_quoted_values_are_cut() -> None:
    """A message repeats at most 256 bytes of the body."""
    fault = refused(json.dumps({"instances": [{"a" * 10_000: 1}]}).encode())
    assert len(fault.sentence) < 400
    assert len(refused(json.dumps({"signature_name": "s" * 10_000, "inputs": []}).encode()).sentence) < 400
    assert len(refused(json.dumps([[1] * 10_000]).encode()).sentence) < 400


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
    rows = orjson.loads(encode(InferRequest({}, len(values), (), form="instances"), results, WIDE_DEEP))
    columns = orjson.loads(encode(InferRequest({}, len(values), (), form="inputs"), results, WIDE_DEEP))
    assert np.float32(columns["outputs"]["main"]).tobytes() == values.tobytes()
    assert np.float32(columns["outputs"]["aux"]).tobytes() == values[:, ::-1].tobytes()
    assert [{name: column[row] for name, column in columns["outputs"].items()} for row in range(len(values))] == rows[
        "predictions"
    ]


def test_one_output_is_not_named() -> None:
    """A model of one output answers a list of values, whole floats with `.0`."""
    result = InferResult("xor", 3, {"y": np.float32([[1], [0.25]])})
    request = InferRequest({}, 2, ("y",), form="instances")
    assert encode(request, result, XOR) == b'{"predictions":[[1.0],[0.25]]}'
    request.form = "inputs"
    assert encode(request, result, XOR) == b'{"outputs":[[1.0],[0.25]]}'
    request.form = "records"
    assert encode(request, result, XOR) == b'{"predictions":[[1.0],[0.25]]}'


def test_records_are_answered_as_records() -> None:
    """A model with fields answers records with its result's keys, and tensors with tensors."""
    model = every_kind()
    result = InferResult("xor", 3, {"y": np.float32([[0.25, 0.5, 0.75]])})
    answer = orjson.loads(encode(InferRequest({}, 1, ("y",), form="records"), result, model))
    assert answer == {"predictions": [{"winner": "c", "all": [0.25, 0.5, 0.75], "second": 0.5, "large": True}]}
    assert encode(InferRequest({}, 1, ("y",), form="instances"), result, model) == b'{"predictions":[[0.25,0.5,0.75]]}'


@pytest.mark.parametrize("dtype", ["BOOL", "UINT8", "INT64", "FP16", "FP32", "FP64"])
@pytest.mark.parametrize("form", ["instances", "inputs"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 2)])
def test_every_datatype_and_shape_can_be_answered(dtype: str, form: str, shape: tuple[int, ...]) -> None:
    """Outputs of any datatype and rank, contiguous or not, are written as JSON of that type."""
    model = interface(outputs=[output("a", shape, dtype), output("b", shape, dtype)])
    values = np.ones((4, *shape), model.outputs["a"].numpy)[::2]
    answer = orjson.loads(
        encode(InferRequest({}, 2, (), form=form), InferResult("xor", 3, {"a": values, "b": values}), model)
    )
    found = answer["outputs"]["a"] if form == "inputs" else [row["a"] for row in answer["predictions"]]
    assert found == values.tolist()
    assert re.findall(r"\d\.?\d?|true", json.dumps(found))[0] == json.dumps(values.reshape(-1)[0].item())
