"""The texts of TensorFlow Serving that its clients match."""

from __future__ import annotations

import json

import pytest

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.tfserving import decode
from tests.toy_signatures import interface, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
BYTE, SCALAR, BITS = (
    interface(inputs=[tensor("x", dtype, shape)]) for dtype, shape in (("UINT8", (2,)), ("FP32", ()), ("BOOL", (2,)))
)
HALF = interface(inputs=[tensor(dtype="FP16")])
BOTH = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist"
PLAIN = (
    "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map"
)
COLUMN = (
    "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map"
)
NOPE = 'Serving signature name: "nope" not found in signature def'
UNEQUAL = "Expected inputs of the same first dimension. Received {'wide': 1, 'deep': 2}."
ELEMENT = "Failed to process element: {} of 'instances' list. Error: "
KEY = "Failed to process element: {} key: x of 'instances' list. Error: "
TYPED = "JSON Value: {} is not of expected type: float"
EQUAL = "keys must be equal to: "
NULL = TYPED.format("null Type: Null")
LACKS = ELEMENT.format(0) + 'JSON object: {"wide":[1,2]} keys must be equal to: deep,wide'
LARGE = "JSON Value: 256 Type: Number is not of expected type: uint8, a whole number from 0 to 255 at"
LONGER = ELEMENT.format(1) + "Expecting tensor size: 2 but got: 3. Expecting shape [2] but got: [3] at instances[1]"
LOSSY = "Cannot convert JSON value: {} to float without loss of precision at "

BODIES: list[tuple[Interface, str, str, str]] = [
    (XOR, "", "malformed_json", "JSON Parse error: The document is empty"),
    (XOR, '{"instances": [1, }', "malformed_json", "JSON Parse error: Invalid value. at offset: 18"),
    (XOR, "instances = [1, 2]", "malformed_json", "JSON Parse error: Invalid value. at offset: 0"),
    (XOR, "[1]", "malformed_request", "JSON Value: [1] Is not object"),
    (XOR, "7", "malformed_request", "JSON Value: 7 Is not object"),
    (XOR, '"a\\"b"', "malformed_request", 'JSON Value: "a\\"b" Is not object'),
    (XOR, '{"instances":[[1,2]],"inputs":[[1,2]]}', "malformed_request", BOTH),
    (XOR, '{"instances":[[1,2]],"records":[]}', "malformed_request", BOTH),
    (XOR, '{"inputs":[[1,2]],"records":[]}', "malformed_request", BOTH),
    (XOR, "{}", "malformed_request", "Missing 'inputs' or 'instances' key"),
    (XOR, '{"examples":[]}', "malformed_request", "Missing 'inputs' or 'instances' key"),
    (XOR, '{"instances":[[1,2]],"instances":[[1,2]]}', "malformed_request", "Expected each key once."),
    (XOR, '{"signature_name":"nope","instances":[[1,2]]}', "malformed_request", NOPE),
    (XOR, '{"signature_name":"nope"}', "malformed_request", NOPE),
    (XOR, '{"signature_name":1,"instances":[[1,2]]}', "wrong_type", "'signature_name' key must be a string value."),
    (XOR, '{"signature_name":null,"inputs":[[1,2]]}', "wrong_type", "'signature_name' key must be a string value."),
]
ROWS: list[tuple[Interface, str, str, str]] = [
    (XOR, '{"x":[1,2]}', "wrong_type", "Expecting 'instances' to be an list/array"),
    (XOR, "null", "wrong_type", "Expecting 'instances' to be an list/array"),
    (XOR, "[]", "malformed_request", "No values in 'instances' array"),
    (WIDE_DEEP, "[[1,2]]", "malformed_request", PLAIN),
    (WIDE_DEEP, '[{"b64":"aGk="}]', "malformed_request", PLAIN),
    (WIDE_DEEP, '[{"wide":[1,2]}]', "missing_input", LACKS),
    (XOR, '[{"x":[1,2],"z":1}]', "unknown_input", ELEMENT.format(0) + "JSON object: does not have named input: z. "),
    (XOR, '[{"x":[1,2],"z":1}]', "unknown_input", 'JSON object: {"x":[1,2],"z":1} keys must be equal to: x'),
    (XOR, '[{"x":[1,2]},{"z":1}]', "missing_input", ELEMENT.format(1) + "JSON object: does not have named input: z. "),
    (XOR, '[{"x":[1,2]},{}]', "missing_input", ELEMENT.format(1) + "JSON object: {} keys must be equal to: x"),
    (XOR, '[{"x":[1,2],"x":[1,2]}]', "unknown_input", EQUAL + "x"),
    (XOR, '[{"b64":1}]', "missing_input", EQUAL + "x"),
    (XOR, '[{"x":[1,2]},[1,2]]', "wrong_type", "Expecting object but got list at item 1 of input list"),
    (XOR, '[{"x":[1,2]},{"b64":"aGk="}]', "wrong_type", "Expecting object but got list at item 1 of input list"),
    (XOR, '[[1,2],{"x":[1,2]}]', "wrong_type", "Expecting value/list but got object at item 1 of input list"),
    (SCALAR, '[1,2,{"x":1}]', "wrong_type", "Expecting value/list but got object at item 2 of input list"),
    (XOR, '[{"b64":"aGk="}]', "wrong_shape", TYPED.format("an object Type: Object")),
    (XOR, '[[1,{"b64":"aGk="}]]', "wrong_type", TYPED.format("an object Type: Object") + " at instances[0][1]"),
    (XOR, '[["a",1]]', "wrong_type", ELEMENT.format(0) + TYPED.format('"a" Type: String') + " at instances[0][0]"),
    (XOR, '[[1,2],[1,null]]', "wrong_type", ELEMENT.format(1) + NULL + " at instances[1][1]"),
    (XOR, "[[1,true]]", "wrong_type", TYPED.format("true Type: True")),
    (XOR, "[[false,1]]", "wrong_type", TYPED.format("false Type: False")),
    (XOR, "[[1,{}]]", "wrong_type", TYPED.format("an object Type: Object")),
    (XOR, "[null]", "wrong_shape", NULL),
    (XOR, '["ab"]', "wrong_shape", TYPED.format('"ab" Type: String')),
    (SCALAR, '["a"]', "wrong_type", TYPED.format('"a" Type: String')),
    (XOR, '[{"x":[1,"a"]}]', "wrong_type", KEY.format(0) + TYPED.format('"a" Type: String') + " at instances[0].x[1]"),
    (BYTE, "[[1,1.0]]", "wrong_type", "JSON Value: 1.0 Type: Number is not of expected type: uint8"),
    (BYTE, "[[1,256]]", "out_of_range", LARGE),
    (BITS, "[[true,0]]", "wrong_type", "JSON Value: 0 Type: Number is not of expected type: bool"),
    (XOR, "[[1,2],[1,2,3]]", "ragged_rows", LONGER),
    (XOR, "[[1,2,3]]", "wrong_shape", "Expecting shape [2] but got: [3] at instances[0]"),
    (XOR, "[[]]", "wrong_shape", "Expecting tensor size: 2 but got: 0. Expecting shape [2] but got: [0]"),
    (XOR, "[[1,2],[[5,6]]]", "ragged_rows", ELEMENT.format(1) + "Expecting shape [2] but got: [1,2] at instances[1]"),
    (XOR, "[1,2]", "wrong_shape", "Expecting tensor size: 2 but got: 1. Expecting shape [2] but got: [], the number 1"),
    (SCALAR, "[1,[1]]", "ragged_rows", ELEMENT.format(1) + "Expecting shape [] but got: [1] at instances[1]"),
    (XOR, "[[[1],2]]", "ragged_rows", "Encountered list at unexpected size: expecting shape [2], got rows"),
    (XOR, "[[1,2],[3,1e39]]", "not_finite", LOSSY.format("1e+39") + "instances[1][1]"),
    (XOR, '[{"x":[1,2]},{"x":[3,-1e39]}]', "not_finite", LOSSY.format("-1e+39") + "instances[1].x[1]"),
    (SCALAR, "[1,2,3.5e38]", "not_finite", LOSSY.format("3.5e+38") + "instances[2]"),
]  # fmt: skip
COLUMNS: list[tuple[Interface, str, str, str]] = [
    (WIDE_DEEP, '{"wide":[[1,2]]}', "missing_input", "Missing named input: deep in 'inputs' object."),
    (XOR, "{}", "missing_input", "Missing named input: x in 'inputs' object."),
    (XOR, '{"b64":[[1,2]]}', "missing_input", "Missing named input: x in 'inputs' object."),
    (XOR, '{"x":[[1,2]],"x":[[1,2]]}', "missing_input", "Missing named input: x in 'inputs' object."),
    (WIDE_DEEP, "[[1,2]]", "malformed_request", COLUMN),
    (WIDE_DEEP, '{"b64":"aGk="}', "malformed_request", COLUMN),
    (WIDE_DEEP, '{"wide":[[1,2]],"deep":[[1,2],[3,4]]}', "wrong_shape", UNEQUAL),
    (XOR, '{"x":[[1,2],[3]]}', "ragged_rows", "Expecting shape [2] but got: [1] at inputs.x[1]"),
    (XOR, "[]", "wrong_shape", "Expected a list of rows of shape [2]. Received an empty list at inputs."),
    (XOR, "1", "wrong_shape", "Expected a list of rows of shape [2]. Received 1 at inputs."),
    (XOR, '{"x":2.5}', "wrong_shape", "Expected a list of rows of shape [2]. Received 2.5 at inputs.x."),
    (XOR, '{"x":null}', "wrong_type", NULL + ", a list of rows of shape [2] at inputs.x"),
    (XOR, "true", "wrong_type", TYPED.format("true Type: True")),
    (XOR, '{"b64":"aGk="}', "wrong_type", TYPED.format("an object Type: Object")),
    (XOR, '[[1,2],["a",1]]', "wrong_type", TYPED.format('"a" Type: String') + " at inputs[1][0]"),
    (XOR, "[[1,2],[1e39,2]]", "not_finite", LOSSY.format("1e+39") + "inputs[1][0]"),
]
RECORDS: list[tuple[Interface, str, str, str]] = [
    (XOR, "[]", "malformed_request", "Expected at least one record. Received an empty list at records."),
    (XOR, "{}", "wrong_type", "Expected a list of records. Received an object at records."),
    (XOR, '[{"x":[1]}]', "wrong_shape", "Expecting shape [2] but got: [1] at records[0].x"),
    (XOR, '[{"x":[1,2]},3]', "wrong_type", "Expecting object but got list at item 1 of input list: 3"),
    (XOR, '[{"y":[1,2]}]', "missing_input", "Failed to process element: 0 of 'records' list."),
]


def refused(body: bytes, model: Interface = XOR) -> ServiceError:
    """The fault of a body that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(body, model)
    return caught.value


@pytest.mark.parametrize(
    ("model", "body", "code", "text"),
    [
        *BODIES,
        *((model, f'{{"instances":{value}}}', code, text) for model, value, code, text in ROWS),
        *((model, f'{{"inputs":{value}}}', code, text) for model, value, code, text in COLUMNS),
        *((model, f'{{"records":{value}}}', code, text) for model, value, code, text in RECORDS),
    ],
)
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
    assert fault.sentence.startswith("Conversion of JSON Value: ")
    assert " to type: half " in fault.sentence


@pytest.mark.parametrize(
    ("dtype", "name"),
    [("FP32", "float"), ("FP64", "double"), ("INT32", "int32"), ("UINT64", "uint64"), ("BOOL", "bool")],
)
def test_types_have_tensorflows_names(dtype: str, name: str) -> None:
    """A value of the wrong type is told with TensorFlow's name of the right one."""
    fault = refused(b'{"instances":[["a",1]]}', interface(inputs=[tensor("x", dtype)]))
    assert f"is not of expected type: {name} at" in fault.sentence


@pytest.mark.parametrize("name", ["a.b", "x[0]", "instances", "key: z"])
def test_an_element_is_told_whatever_its_input_is_called(name: str) -> None:
    """Row and input are named apart, also where the input's own name looks like a place."""
    body = json.dumps({"instances": [{name: [1, 2]}, {name: [1, "a"]}]})
    fault = refused(body.encode(), interface(inputs=[tensor(name)]))
    assert fault.sentence.startswith(f"Failed to process element: 1 key: {name} of 'instances' list. Error: JSON Value")
    assert fault.sentence.endswith(f" at instances[1].{name}[1]")


def test_quoted_values_are_cut() -> None:
    """A message repeats at most 256 bytes of the body, and 40 of a key."""
    bodies = (
        {"instances": [{"a" * 10_000: 1}]},
        {"instances": [{"x": [1, 2]}, [1] * 10_000]},
        {"signature_name": "s" * 10_000, "inputs": []},
        [[1] * 10_000],
        "é" * 10_000,
    )
    for body in bodies:
        assert 256 <= len(refused(json.dumps(body, ensure_ascii=False).encode()).sentence.encode()) < 500
    assert len(refused(json.dumps({"inputs": [[1] * 10_000]}).encode(), HALF).sentence) < 500
