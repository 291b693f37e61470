"""Examples to the model's inputs: records or tensors, flat or nested, with what the context adds."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.tfserving_examples import CLASSIFY
from service.request import InferRequest
from tests.nested import JSON, NUMBERS_NESTED, fits
from tests.toy_signatures import every_kind, field, interface, result, tensor

PIXELS = np.arange(12, dtype=np.uint8).reshape(3, 4)
FLAT, NESTED = PIXELS.ravel().tolist(), PIXELS.tolist()
RECORD = {"size": 1, "count": 2, "start": "01:00", "day": "2013-01-02", "colour": "blue"}
NUMBERS = [1, 2, 2, 60, 15707]
KINDS = every_kind()
PICTURE = interface(
    inputs=[tensor("image", "UINT8", (3, 4))],
    fields=[field("image", "image", ("image", None))],
    result=[result("values", "all")],
)
AGE = interface(
    inputs=[tensor("age", "FP32", (1,))],
    fields=[field("number", "age", ("age", 0), minimum=0, maximum=9)],
    result=[result("values", "all")],
)
XOR, BYTE, SCALAR = interface(), interface(inputs=[tensor("x", "UINT8")]), interface(inputs=[tensor("x", "FP32", ())])


def png(pixels: np.ndarray) -> str:
    """The base64 of a grey PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()


def read(examples: Any, model: Interface, **more: Any) -> InferRequest:
    """A request of examples, decoded."""
    return CLASSIFY.decode(json.dumps({"examples": examples, **more}).encode(), model)


def refused(examples: Any, model: Interface = XOR, **more: Any) -> ServiceError:
    """The fault of examples that are refused."""
    with pytest.raises(ServiceError) as caught:
        read(examples, model, **more)
    return caught.value


FP32 = np.dtype(np.float32)
pairs = st.lists(st.floats(-1e30, 1e30) | st.integers(-9, 9), min_size=2, max_size=2)
features = st.dictionaries(st.sampled_from(["x", "x", "x", "y"]), pairs | NUMBERS_NESTED | JSON, max_size=2)
ODD = "Feature: x has element with unexpected JSON type: "
OTHER = "Unexpected element type in feature: x expecting type: "

FAULTS: list[tuple[Interface, str, str, str]] = [
    (XOR, "[1]", "wrong_type", "Example must be JSON object but got JSON Array at examples[0]"),
    (XOR, "null", "wrong_type", "Example must be JSON object but got JSON Null at examples[0]"),
    (XOR, '{"x":[1,2],"x":[1,2]}', "malformed_request", "Received a feature twice at examples[0]."),
    (XOR, '{"x":[10,null]}', "wrong_type", ODD + "Null at examples[0].x[1]"),
    (XOR, '{"x":[10,{"test":10}]}', "wrong_type", ODD + "Object at"),
    (XOR, '{"x":[[10],20]}', "ragged_rows", ODD + "Array at examples[0].x"),
    (XOR, '{"x":[10,[20]]}', "ragged_rows", ODD + "Array at examples[0].x"),
    (XOR, '{"x":null}', "wrong_shape", ODD + "Null at examples[0].x"),
    (XOR, '{"x":{"b64":"aGk="}}', "wrong_shape", ODD + "Object at"),
    (XOR, '{"x":["a",1]}', "wrong_type", OTHER + 'float, received the string "a" at examples[0].x[0]'),
    (XOR, '{"x":"a"}', "wrong_shape", OTHER + "float, received"),
    (XOR, '{"x":[1,true]}', "wrong_type", OTHER + "float, received true"),
    (BYTE, '{"x":[10,10.0]}', "wrong_type", OTHER + "int64, received 10.0 at examples[0].x[1]"),
    (BYTE, '{"x":[10,256]}', "out_of_range", "256 Type: Number is not of expected type: uint8, a whole number from 0"),
    (XOR, '{"x":[1,1.7e308]}', "not_finite", "1.7e+308 to float without loss of precision at examples[0].x[1]"),
    (XOR, '{"x":[[1,1e39]]}', "wrong_shape", "Expecting shape [2] but got: [1,2] at examples[0].x"),
    (SCALAR, '{"x":1e39}', "not_finite", "1e+39 to float without loss of precision at examples[0].x"),
    (SCALAR, '{"x":"a"}', "wrong_type", OTHER + "float, received"),
    (XOR, '{"x":[1,2,3]}', "wrong_shape", "Expecting tensor size: 2 but got: 3. Expecting shape [2] but got: [3]"),
    (XOR, '{"x":[]}', "wrong_shape", "Expecting tensor size: 2 but got: 0."),
    (XOR, '{"x":1}', "wrong_shape", "Expecting tensor size: 2 but got: 1."),
    (XOR, "{}", "missing_input", "Feature: x (data type: float) is required but could not be found at examples[0]"),
    (XOR, '{"x":[1,2],"y":1}', "unknown_input", "Feature: y is none of the model's, which are x, at examples[0]"),
    (KINDS, '{"z":1}', "unknown_field", "which are size, count, colour, start, day, picture, x, at examples[0]"),
    (KINDS, '{"x":[1,2,0,60,15707],"size":1}', "unknown_input", "size is none of the model's inputs x, picture at"),
    (KINDS, '{"x":[1,2,0,60,15707]}', "missing_input", "Feature: picture (data type: uint8) is required but could not"),
    (KINDS, f'{{"x":[1,2,3,60,15707],"picture":{FLAT}}}', "out_of_range", "for colour. Received 3.0 at"),
    (PICTURE, '{"image":[0,1,2]}', "wrong_shape", "Expecting tensor size: 12 but got: 3."),
    (PICTURE, '{"image":[[0,1,2]]}', "wrong_shape", "Expected shape [3, 4]. Received [1, 3] at examples[0].image."),
    (PICTURE, '{"image":"AAAA"}', "wrong_type", "Expected the base64 of an 8-bit grey PNG of 4 x 3 pixels."),
    (PICTURE, "{}", "missing_field", "Expected the field image. Received none at examples[0].image."),
    (PICTURE, '{"picture":1}', "unknown_field", "Feature: picture is none of the model's, which are image, at"),
    (AGE, '{"age":[10]}', "out_of_range", "from 0 to 9 for age. Received 10.0 at examples[0].age[0]."),
    (AGE, '{"age":10}', "out_of_range", "Expected a number from 0 to 9. Received 10 at examples[0].age."),
]  # fmt: skip


@pytest.mark.parametrize(("model", "example", "code", "text"), FAULTS)
def test_a_fault_names_example_and_feature(model: Interface, example: str, code: str, text: str) -> None:
    """Faults of an example are 400, with TensorFlow Serving's words where it has any."""
    with pytest.raises(ServiceError) as caught:
        CLASSIFY.decode(f'{{"examples":[{example}]}}'.encode(), model)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert text in caught.value.sentence


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"size": [1], "count": [2]},
        {"size": 1.0},
        {"start": ["01:00"], "colour": ["blue"]},
        {"day": {"b64": base64.b64encode(b"2013-01-02").decode()}},
        {"day": [{"b64": base64.b64encode(b"2013-01-02").decode()}]},
        {"picture": FLAT},
        {"picture": png(PIXELS)},
        {"picture": {"b64": png(PIXELS)}},
        {"picture": [png(PIXELS)]},
    ],
    ids=str,
)
def test_fields_may_be_written_as_tensorflow_writes_features(change: dict[str, Any]) -> None:
    """A number or text, alone or in a list, text as base64, and a flat or nested image are the same record."""
    found = read([{**RECORD, "picture": NESTED, **change}], KINDS).inputs
    assert found["x"].tolist() == [NUMBERS]
    assert found["picture"].tolist() == [NESTED]


@pytest.mark.parametrize(
    "value", [FLAT, NESTED, png(PIXELS), {"b64": png(PIXELS)}], ids=["flat", "nested", "png", "b64"]
)
def test_a_name_of_both_field_and_input_takes_either(value: Any) -> None:
    """A flat list is the tensor's row and everything else the record's; they may stand side by side."""
    for examples in ([{"image": value}], [{"image": value}, {"image": FLAT}], [{"image": FLAT}, {"image": value}]):
        assert read(examples, PICTURE).inputs["image"].tolist() == [NESTED] * len(examples)


def test_inputs_are_taken_by_name() -> None:
    """An example that names an input is one of tensors, each flat or nested, also where fields share some names."""
    for picture in (FLAT, NESTED):
        found = read([{"x": NUMBERS, "picture": picture}, {"picture": FLAT, "x": NUMBERS}], KINDS).inputs
        assert found["x"].tolist() == [NUMBERS] * 2
        assert found["picture"].tolist() == [NESTED] * 2
    assert read([{"age": [3]}, {"age": 4}], AGE).inputs["age"].tolist() == [[3], [4]]
    for value in (3, [3], 2.5, [2.5]):
        assert read([{"x": value}], SCALAR).inputs["x"].tolist() == [np.ravel(value)[0]]
    table = interface(inputs=[tensor("x", "INT16", (2, 1)), tensor("flag", "BOOL", (1,)), tensor("flags", "BOOL")])
    for value in ([1, -2], [[1], [-2]]):
        found = read([{"x": value, "flag": True, "flags": [True, False]}], table).inputs
        assert found["x"].tolist() == [[[1], [-2]]]
        assert (found["flag"].tolist(), found["flags"].tolist()) == ([[True]], [[True, False]])


@pytest.mark.parametrize("text", ["A", "/w==", "*"])
def test_text_that_is_none_is_refused(text: str) -> None:
    """What is no base64, or not that of text, is told as such and where."""
    fault = refused([{**RECORD, "picture": NESTED}, {**RECORD, "colour": {"b64": text}}], KINDS)
    assert fault.code == "wrong_type"
    assert fault.sentence == "Unable to base64 decode. Expected the base64 of UTF-8 text at examples[1].colour."


def test_half_precision_is_unimplemented() -> None:
    """Half precision has no JSON form in this dialect: 501."""
    fault = refused([{"x": [1, 2]}], interface(inputs=[tensor("x", "FP16")]))
    assert (fault.status, fault.code) == (501, "unsupported")


@given(st.lists(st.none() | st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=8))
def test_the_context_stands_in_for_what_an_example_lacks(values: list[list[int] | None]) -> None:
    """Each example has the context's features, and its own where it has them."""
    examples = [{} if value is None else {"x": value} for value in values]
    found = read(examples, XOR, context={"x": [7, 8]}).inputs["x"]
    assert found.tolist() == [[7, 8] if value is None else value for value in values]


def test_the_context_completes_records_and_tensors() -> None:
    """Fields and inputs may stand partly in the context; a fault that it brings is told as its own."""
    found = read([{"picture": FLAT}, {"picture": NESTED, "size": 5}], KINDS, context=RECORD).inputs
    assert found["x"].tolist() == [NUMBERS, [5, *NUMBERS[1:]]]
    found = read([{"picture": FLAT}], KINDS, context={"x": NUMBERS}).inputs
    assert (found["x"].tolist(), found["picture"].tolist()) == ([NUMBERS], [NESTED])
    assert refused([{}, {}], context={"x": [1, "a"]}).sentence.endswith(" at context.x[1]")
    assert refused([{"x": [1, 2]}], context={"query": 1}).code == "unknown_input"


def test_nothing_hides_behind_the_context() -> None:
    """Lists that the context brings to many examples do not cover for lists in the place of numbers."""
    two = interface(inputs=[tensor("x"), tensor("y")])
    for bad in ([1, [2]], [[1], 2]):
        examples = [{"y": [1, 2]}] * 3 + [{"y": bad}]
        assert refused(examples, two, context={"x": [1, 2]}).sentence.endswith(" at examples[3].y")
        assert refused([{"y": [1, 2]}] * 3, two, context={"x": bad}).sentence.endswith(" at context.x")
    assert read([{"x": [1, 2]}] * 2, XOR, context={"x": [[[["unread"]]]]}).rows == 2


@given(features, features | JSON)
def test_any_example_is_read_exactly_or_refused(example: dict[str, Any], context: Any) -> None:
    """Whatever stands where an example or the context is expected, only what fits is read."""
    merged = {**context, **example} if isinstance(context, dict) else {}
    with np.errstate(over="ignore"):
        row = np.float64(merged["x"]).astype(FP32) if fits(merged.get("x"), (2,), FP32) else None
    if row is None or len(merged) != 1 or not np.isfinite(row).all():
        assert refused([example], context=context).status == 400
    else:
        assert read([example], XOR, context=context).inputs["x"].tobytes() == row.tobytes()
