"""Open Inference Protocol V2: infer with JSON tensors, and the texts that its clients match."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.openinference import decode, encode
from service.request import InferRequest, InferResult
from service.signature import DTYPES
from tests.toy_signatures import every_kind, interface, output, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
numbers = st.floats(-(2.0**100), 2.0**100, width=32)
tables = st.integers(1, 6).flatmap(lambda rows: arrays.arrays(np.float32, (rows, 2), elements=numbers))
X: dict[str, Any] = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}
MISSING = (
    "expected 2 inputs but got 1 inputs for model 'wide_deep'. Got input(s) ['wide'], but missing required input(s) "
    "['deep']. Please provide all required input(s)."
)


def body(*inputs: Any, **keys: Any) -> bytes:
    """The body of a call with these inputs."""
    return json.dumps({"inputs": list(inputs), **keys}).encode()


def x(**keys: Any) -> dict[str, Any]:
    """The input `x`, with keys changed; `...` removes one."""
    return {key: value for key, value in {**X, **keys}.items() if value is not ...}


def refused(sent: bytes, model: Interface = XOR) -> ServiceError:
    """The fault of a body that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(sent, model)
    return caught.value


TYPE = "inference input 'x' data-type is '{}', but model 'xor' expects 'FP32'"
WIDE, DEEP = x(name="wide"), x(name="deep", shape=[2, 2], data=[1, 2, 3, 4])
THREE = x(data=[[1, 2], [3]], shape=[2, 2])
SHAPE = "unexpected shape for input 'x' for model 'xor'. Expected [-1,2], got "
TEXTS: list[tuple[Interface, bytes, str, str]] = [
    (XOR, body(x(datatype="FP64")), "wrong_type", TYPE.format("FP64")),
    (XOR, body(x(datatype=32)), "wrong_type", TYPE.format("32")),
    (XOR, body(x(datatype=...)), "wrong_type", TYPE.format("null")),
    (XOR, body(x(shape=[1, 3])), "wrong_shape", SHAPE + "[1,3]."),
    (XOR, body(x(shape=[2])), "wrong_shape", SHAPE + "[2]."),
    (XOR, body(x(shape=[])), "wrong_shape", SHAPE + "[]."),
    (XOR, body(x(shape=...)), "wrong_shape", SHAPE + "[]."),
    (XOR, body(x(shape=[0, 2])), "wrong_shape", SHAPE + "[0,2]."),
    (XOR, body(x(shape=[-1, 2])), "wrong_shape", SHAPE + "[-1,2]."),
    (XOR, body(x(shape=[True, 2])), "wrong_shape", SHAPE + "[true,2]."),
    (XOR, body(x(shape=[1.0, 2])), "wrong_shape", SHAPE + "[1.0,2]."),
    (XOR, body(x(shape=["1", 2])), "wrong_shape", SHAPE + '["1",2].'),
    (XOR, body(x(shape=[[1, 2]])), "wrong_shape", SHAPE + "[[1,2]]."),
    (WIDE_DEEP, body(x(name="wide")), "missing_input", MISSING),
    (XOR, body(), "missing_input", "expected 1 inputs but got 0 inputs for model 'xor'. Got input(s) [], but missing"),
    (XOR, body(x(), x(name="z")), "unknown_input", "unexpected inference input 'z' for model 'xor'"),
    (XOR, body(x(), x()), "malformed_request", "Expected each input once. Received 'x' twice."),
    (XOR, body(x(shape=[9, 2])), "too_large", "inference request batch-size must be <= 8 for 'xor'"),
    (XOR, body(x(), outputs=[{"name": "z"}]), "unknown_input", "unexpected inference output 'z' for model 'xor'"),
    (XOR, body(x(), outputs=[{}]), "unknown_input", "unexpected inference output 'null' for model 'xor'"),
    (XOR, body(x(), outputs=["y"]), "malformed_request", "Expected an output as a JSON object."),
    (XOR, body(x(), outputs={"name": "y"}), "malformed_request", "Expected 'outputs' as a list. Received an object."),
    (XOR, body(x(), parameters={"triton_x": 1}), "malformed_request", "begins with 'triton_'"),
    (XOR, body(x(), parameters=[]), "malformed_request", "Expected 'parameters' as a JSON object. Received a list."),
    (XOR, body(x(name=1)), "malformed_request", "Expected 'name' of an input as a string. Received 1."),
    (XOR, body("x"), "malformed_request", 'Expected an input as a JSON object. Received the string "x".'),
    (XOR, b'{"inputs":{}}', "malformed_request", "Expected 'inputs' as a list of tensors. Received an object."),
    (XOR, b"{}", "malformed_request", "Expected 'inputs' as a list of tensors. Received null."),
    (XOR, b"[]", "malformed_request", "Expected the request as a JSON object. Received a list."),
    (XOR, b'{"inputs":[],"inputs":[]}', "malformed_request", "Expected each key of the request once."),
    (XOR, b'{"inputs":[{"name":"x","name":"x"}]}', "malformed_request", "Expected each key of an input once."),
    (XOR, b"", "malformed_json", "JSON Parse error: The document is empty"),
    (XOR, body(x(data=...)), "malformed_request", "Expected 'data' of input 'x' as a list. Received null."),
    (XOR, body(x(data="12")), "malformed_request", "Expected 'data' of input 'x' as a list. Received the string"),
    (XOR, body(x(data=[1])), "wrong_shape", "Expected 2 numbers as the shape says. Received 1 at inputs.x.data."),
    (XOR, body(x(data=[[1, 2], [3, 4]])), "wrong_shape", "Expected 1 rows as the shape says. Received 2 at"),
    (XOR, body(x(data=[[1], [2]], shape=[2, 2])), "wrong_shape", "shape [2]. Received [1] at inputs.x.data[0]."),
    (XOR, body(THREE), "ragged_rows", "Received [1] at inputs.x.data[1]."),
    (XOR, body(x(data=[1, "a"])), "wrong_type", 'Expected a number. Received the string "a" at inputs.x.data[1].'),
    (XOR, body(x(data=[1, [2]])), "ragged_rows", "at inputs.x.data."),
    (XOR, body(x(data=[1, None])), "wrong_type", "Received null at inputs.x.data[1]."),
    (XOR, body(x(data=[1, 1e39])), "not_finite", "Expected a finite FP32 number. Received inf at inputs.x[0][1]."),
    (WIDE_DEEP, body(WIDE, DEEP), "wrong_shape", "inputs of the same batch size. Received {'wide': 1, 'deep': 2}."),
]  # fmt: skip


@pytest.mark.parametrize(("model", "sent", "code", "text"), TEXTS)
def test_a_fault_has_tritons_words(model: Interface, sent: bytes, code: str, text: str) -> None:
    """Clients that match the text of an error find it, with status 400 and our code word beside it."""
    fault = refused(sent, model)
    assert (fault.code, fault.status) == (code, 400)
    assert text in fault.sentence


@pytest.mark.parametrize("key", ["sequence_id", "sequence_start", "sequence_end"])
def test_sequences_are_not_served(key: str) -> None:
    """A request that belongs to a sequence is refused as unsupported instead of being answered alone."""
    fault = refused(body(x(), parameters={key: 1}))
    assert (fault.status, fault.code) == (501, "unsupported")


def test_half_precision_by_json_is_refused_as_triton_refuses_it() -> None:
    """FP16 must come as binary data: 400, in Triton's words."""
    fault = refused(body(x(datatype="FP16")), interface(inputs=[tensor(dtype="FP16")]))
    assert (fault.status, fault.code) == (400, "unsupported")
    assert fault.sentence.startswith("receiving FP16 data via JSON is not supported")


def test_long_names_are_cut() -> None:
    """A message repeats at most a part of what came, however long or deep that is."""
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    for sent in (x(name="n" * 9999), x(datatype="d" * 9999), x(shape=[1] * 9999), x(shape=deep), x(data="d" * 9999)):
        assert len(refused(body(sent)).sentence) < 500
    assert len(refused(body(x(), outputs=[{"name": "n" * 9999}])).sentence) < 500


@given(tables, tables, st.booleans())
def test_nested_and_flat_data_are_the_same_request(wide: np.ndarray, deep: np.ndarray, flat: bool) -> None:
    """Data nested as the shape says or flat, inputs in any order, give bit for bit the arrays that were written."""
    rows = min(len(wide), len(deep))
    sent = []
    for name, values in (("deep", deep[:rows]), ("wide", wide[:rows])):
        data = values.reshape(-1) if flat == (name == "wide") else values
        sent.append(x(name=name, shape=list(values.shape), data=data.tolist()))
    request = decode(body(*sent), WIDE_DEEP)
    assert list(request.inputs) == ["wide", "deep"]
    assert request.inputs["wide"].tobytes() == wide[:rows].tobytes()
    assert request.inputs["deep"].tobytes() == deep[:rows].tobytes()
    assert (request.rows, request.outputs) == (rows, ("main", "aux"))


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "FP16"])
@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_every_datatype_and_shape_goes_through(dtype: str, shape: tuple[int, ...]) -> None:
    """What is sent and what is answered have the datatype and the shape of the tensor, flat in the answer."""
    model = interface(inputs=[tensor("x", dtype, shape)], outputs=[output("y", shape, dtype)])
    values = np.ones((2, *shape), model.inputs["x"].numpy)
    for data in (values.tolist(), values.reshape(-1).tolist()):
        request = decode(body(x(shape=list(values.shape), datatype=dtype, data=data)), model)
        assert request.inputs["x"].dtype == values.dtype
        assert np.array_equal(request.inputs["x"], values)
    answer = orjson.loads(encode(request, InferResult("xor", 3, {"y": values}), model).body)["outputs"][0]
    expected = {"name": "y", "datatype": dtype, "shape": list(values.shape), "data": values.reshape(-1).tolist()}
    assert answer == expected
    assert [type(item) for item in answer["data"]] == [type(item) for item in expected["data"]]


@given(tables)
def test_answers_are_read_back_as_they_were(values: np.ndarray) -> None:
    """Flat data and the shape beside it give the output back to the bit, contiguous in memory or not."""
    result = InferResult("wide_deep", 3, {"main": values, "aux": values[:, ::-1]})
    answer = orjson.loads(encode(InferRequest({}, len(values), ("aux", "main")), result, WIDE_DEEP).body)
    assert (answer["model_name"], answer["model_version"]) == ("wide_deep", "3")
    assert [one["name"] for one in answer["outputs"]] == ["aux", "main"]
    for one, sent in zip(answer["outputs"], (values[:, ::-1], values), strict=True):
        assert np.float32(one["data"]).reshape(one["shape"]).tobytes() == np.ascontiguousarray(sent).tobytes()


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({}, ("main", "aux")),
        ({"outputs": None}, ("main", "aux")),
        ({"outputs": []}, ("main", "aux")),
        ({"outputs": [{"name": "aux"}]}, ("aux",)),
        ({"outputs": [{"name": "aux", "parameters": {"binary_data": False}}, {"name": "main"}]}, ("aux", "main")),
        ({"outputs": [{"name": "aux"}, {"name": "aux"}]}, ("aux",)),
    ],
)
def test_the_client_chooses_outputs_and_their_order(sent: dict[str, Any], names: tuple[str, ...]) -> None:
    """Without outputs, or with an empty list, all are answered; otherwise those that are named, each once."""
    assert decode(body(x(name="wide"), x(name="deep"), **sent), WIDE_DEEP).outputs == names


@pytest.mark.parametrize(
    ("sent", "echoed"), [("r-17", {"id": "r-17"}), ("", {}), (None, {}), (17, {}), ("é\n", {"id": "é\n"})]
)
def test_an_id_is_echoed_if_it_is_one(sent: Any, echoed: dict[str, str]) -> None:
    """A text that is not empty comes back; anything else is left out."""
    request = decode(body(x(), id=sent), XOR)
    answer = orjson.loads(encode(request, InferResult("xor", 3, {"y": np.float32([[1]])}), XOR).body)
    assert {key: value for key, value in answer.items() if key == "id"} == echoed


def test_unknown_keys_and_known_parameters_are_let_pass() -> None:
    """What KServe's and Triton's clients add beside the tensors changes nothing."""
    parameters = {"priority": 1, "timeout": 1000, "binary_data_output": False}
    sent = body(x(parameters={}, note="[["), id="", model_name="xor", parameters=parameters, extra=[[[1]]])
    assert decode(sent, XOR).inputs["x"].tolist() == [[1, 2]]


def test_fields_are_kept_in_this_dialect_too() -> None:
    """A category outside its vocabulary is refused before it can join a batch."""
    picture = {"name": "picture", "shape": [1, 3, 4], "datatype": "UINT8", "data": [0] * 12}
    fault = refused(body(x(shape=[1, 5], data=[0, 0, 3, 0, 15800]), picture), every_kind())
    assert (fault.code, fault.place) == ("out_of_range", "inputs.x[0][2]")
    assert fault.sentence == "Expected a number from 0 to 2 for colour. Received 3.0 at inputs.x[0][2]."
