"""The messages of ModelInfer: tensors there and back, and the texts that clients match."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult, service_pb2
from tritonclient.grpc._utils import _get_inference_request

from service import request as ours
from service.errors import ServiceError
from service.interface import Interface
from service.rpc import inference_pb2 as pb
from service.rpc.messages import decode, encode
from service.signature import DTYPES
from tests.toy_signatures import field, interface, output, result, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
ROW = np.array([[1, 2]], np.float32).tobytes()
MISSING = (
    "expected 2 inputs but got 1 inputs for model 'wide_deep'. Got input(s) ['wide'], but missing required input(s) "
    "['deep']. Please provide all required input(s)."
)
TYPE = "inference input 'x' data-type is '{}', but model 'xor' expects 'FP32'"
SHAPE = "unexpected shape for input 'x' for model 'xor'. Expected [-1,2], got "
SIZE = "input byte size mismatch for input 'x' for model 'xor'. Expected 8, got "


def x(**keys: Any) -> dict[str, Any]:
    """The input `x` of one row, with keys changed."""
    return {"name": "x", "datatype": "FP32", "shape": [1, 2], **keys}


def message(*inputs: dict[str, Any], **keys: Any) -> pb.ModelInferRequest:
    """A request with these inputs, one raw row for each unless told otherwise."""
    return pb.ModelInferRequest(inputs=inputs, **{"raw_input_contents": [ROW] * len(inputs), **keys})


def refused(sent: pb.ModelInferRequest, model: Interface = XOR) -> ServiceError:
    """The fault of a request that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(sent, model)
    return caught.value


NUMBERS = {"fp32_contents": [1, 2]}
TEXTS: list[tuple[Interface, pb.ModelInferRequest, str, str]] = [
    (XOR, message(x(datatype="FP64")), "wrong_type", TYPE.format("FP64")),
    (XOR, message(x(datatype="")), "wrong_type", TYPE.format("")),
    (XOR, message(x(shape=[1, 3])), "wrong_shape", SHAPE + "[1,3]."),
    (XOR, message(x(shape=[2])), "wrong_shape", SHAPE + "[2]."),
    (XOR, message(x(shape=[])), "wrong_shape", SHAPE + "[]."),
    (XOR, message(x(shape=[0, 2])), "wrong_shape", SHAPE + "[0,2]."),
    (XOR, message(x(shape=[-1, 2])), "wrong_shape", SHAPE + "[-1,2]."),
    (XOR, message(x(shape=[1] * 99)), "wrong_shape", SHAPE + f"[{','.join('1' * 16)}]."),
    (XOR, message(x(shape=[9, 2])), "too_large", "inference request batch-size must be <= 8 for 'xor'"),
    (XOR, message(x(), raw_input_contents=[ROW[:-1]]), "wrong_shape", SIZE + "7"),
    (XOR, message(x(), raw_input_contents=[ROW + b"."]), "wrong_shape", SIZE + "9"),
    (XOR, message(x(), raw_input_contents=[ROW, ROW]), "malformed_request", "(1) does not match the expected number"),
    (XOR, message(x(contents=NUMBERS)), "malformed_request", "must not be specified when using raw_input_contents"),
    (XOR, message(x(contents={})), "malformed_request", "must not be specified when using raw_input_contents"),
    (XOR, message(x(), raw_input_contents=[]), "missing_input", "unable to find data for input tensor 'x'"),
    (XOR, message(), "missing_input", "expected 1 inputs but got 0 inputs for model 'xor'. Got input(s) [], but"),
    (WIDE_DEEP, message(x(name="wide")), "missing_input", MISSING),
    (XOR, message(x(name="z")), "unknown_input", "unexpected inference input 'z' for model 'xor'"),
    (XOR, message(x(), x()), "malformed_request", "Expected each input once. Received 'x' twice."),
    (XOR, message(x(), outputs=[{"name": "z"}]), "unknown_input", "unexpected inference output 'z' for model 'xor'"),
    (
        WIDE_DEEP,
        message(x(name="wide"), x(name="deep", shape=[2, 2]), raw_input_contents=[ROW, ROW + ROW]),
        "wrong_shape",
        "Received {'wide': 1, 'deep': 2}.",
    ),
    (XOR, message(x(parameters={"shared_memory_region": {"string_param": "r"}})), "unsupported", "of input 'x'"),
    (
        XOR,
        message(x(), outputs=[{"name": "y", "parameters": {"shared_memory_region": {"string_param": "r"}}}]),
        "unsupported",
        "of output 'y'",
    ),
    (XOR, message(x(), raw_input_contents=[b"\x00\x00\xc0\x7f" * 2]), "not_finite", "inputs.x[0][0]"),
]


@pytest.mark.parametrize(("model", "sent", "code", "text"), TEXTS)
def test_faults_in_the_words_of_triton(model: Interface, sent: pb.ModelInferRequest, code: str, text: str) -> None:
    """What does not fit the model is refused by its code word, in Triton's text where it has one."""
    error = refused(sent, model)
    assert error.code == code
    assert text in error.sentence
    assert error.status == (501 if code == "unsupported" else 400)


PARAMETERS: list[tuple[dict[str, Any], str]] = [
    ({"triton_x": {"int64_param": 1}}, "malformed_request"),
    ({"triton_other": {"bool_param": True}}, "malformed_request"),
    ({"sequence_id": {"int64_param": 1}}, "unsupported"),
    ({"sequence_id": {"string_param": "a"}}, "unsupported"),
    ({"sequence_start": {"bool_param": True}}, "unsupported"),
    ({"timeout": {"string_param": "1"}}, "malformed_request"),
    ({"timeout": {"bool_param": True}}, "malformed_request"),
    ({"timeout": {"double_param": 1.0}}, "malformed_request"),
    ({"timeout": {"int64_param": -1}}, "malformed_request"),
    ({"timeout": {}}, "malformed_request"),
]


@pytest.mark.parametrize(("parameters", "code"), PARAMETERS)
def test_parameters_that_are_refused(parameters: dict[str, Any], code: str) -> None:
    """Reserved keys, sequences and a time of another type are refused."""
    assert refused(message(x(), parameters=parameters)).code == code


@pytest.mark.parametrize(
    ("parameters", "timeout_s"),
    [
        ({"timeout": {"int64_param": 1_500_000}}, 1.5),
        ({"timeout": {"uint64_param": 1}}, 1e-6),
        ({"timeout": {"int64_param": 0}}, None),
        ({"priority": {"uint64_param": 3}, "my_own": {"string_param": "a"}}, None),
        ({"sequence_id": {"int64_param": 0}, "sequence_end": {"bool_param": False}}, None),
    ],
)
def test_parameters_that_are_read(parameters: dict[str, Any], timeout_s: float | None) -> None:
    """A time in microseconds is the request's time; what means nothing is ignored."""
    assert decode(message(x(), parameters=parameters), XOR).timeout_s == timeout_s


def test_a_reserved_parameter_that_the_caller_answers() -> None:
    """The key that streams know is allowed where it is theirs, and no other."""
    sent = message(x(), parameters={"triton_enable_empty_final_response": {"bool_param": True}})
    assert decode(sent, XOR).rows == 1


FINITE = {"allow_nan": False, "allow_infinity": False}
tables = st.tuples(st.sampled_from(sorted(DTYPES)), st.integers(1, 4)).flatmap(
    lambda case: st.tuples(
        st.just(case[0]),
        arrays.arrays(DTYPES[case[0]], (case[1], 2, 3), elements=FINITE if case[0].startswith("FP") else None),
    )
)


@given(tables)
def test_raw_tensors_come_back_as_they_were(case: tuple[str, np.ndarray]) -> None:
    """What Triton's client sends is read bit for bit, and what we answer is read bit for bit by that client."""
    dtype, array = case
    model = interface(inputs=[tensor("x", dtype, (2, 3))], outputs=[output("y", (2, 3), dtype)])
    sending = InferInput("x", array.shape, dtype)
    sending.set_data_from_numpy(array)
    theirs = _get_inference_request("xor", [sending], "", "r-17", None, 0, False, False, 0, None, None)
    request = decode(pb.ModelInferRequest.FromString(theirs.SerializeToString()), model)
    assert (request.rows, request.id, request.outputs) == (len(array), "r-17", ("y",))
    assert request.inputs["x"].dtype == DTYPES[dtype]
    assert request.inputs["x"].tobytes() == array.tobytes()
    answer = encode(request, ours.InferResult("xor", 3, {"y": request.inputs["x"]}), model)
    found = InferResult(service_pb2.ModelInferResponse.FromString(answer.SerializeToString()))
    assert found.as_numpy("y").tobytes() == array.tobytes()
    assert found.as_numpy("y").shape == array.shape
    assert (found.get_response().model_version, found.get_response().id) == ("3", "r-17")


def test_inputs_may_come_in_any_order() -> None:
    """Raw contents belong to the inputs in the order of the message; the request has the model's order."""
    deep = np.array([[3, 4]], np.float32).tobytes()
    sent = message(x(name="deep"), x(name="wide"), raw_input_contents=[deep, ROW])
    request = decode(sent, WIDE_DEEP)
    assert list(request.inputs) == ["wide", "deep"]
    assert request.inputs["wide"].tolist() == [[1, 2]]
    assert request.inputs["deep"].tolist() == [[3, 4]]


def test_numbers_in_place_of_bytes() -> None:
    """Without raw contents, each input brings its numbers itself."""
    request = decode(message(x(contents=NUMBERS), raw_input_contents=[]), XOR)
    assert request.inputs["x"].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [([], ["main", "aux"]), (["aux"], ["aux"]), (["aux", "main", "aux"], ["aux", "main"])],
)
def test_the_outputs_that_are_asked_for(asked: list[str], answered: list[str]) -> None:
    """All if none are named, else those, each once, in their order; every one as raw bytes."""
    sent = message(x(name="wide"), x(name="deep"), outputs=[{"name": name} for name in asked])
    request = decode(sent, WIDE_DEEP)
    outputs = {"main": np.zeros((1, 1), np.float32), "aux": np.ones((1, 1), np.float32)}
    answer = encode(request, ours.InferResult("wide_deep", 3, outputs), WIDE_DEEP)
    assert [one.name for one in answer.outputs] == answered
    assert not any(one.HasField("contents") for one in answer.outputs)
    assert list(answer.raw_output_contents) == [outputs[name].tobytes() for name in answered]


def test_a_view_is_answered_row_by_row() -> None:
    """An array whose rows do not lie one behind the other is written row-major all the same."""
    request = decode(message(x()), XOR)
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    answer = encode(request, ours.InferResult("xor", 3, {"y": turned}), XOR)
    assert np.frombuffer(answer.raw_output_contents[0], np.float32).tolist() == [0, 3, 1, 4, 2, 5]


def test_of_an_output_that_is_asked_for_twice_the_first_counts() -> None:
    """It is answered once, in the form that was asked for first, as over HTTP."""
    model = interface(outputs=[output("y", (3,))])
    twice = [{"name": "y", "parameters": {"classification": {"int64_param": 2}}}, {"name": "y"}]
    request = decode(message(x(), outputs=twice), model)
    assert (request.outputs, request.classes) == (("y",), {"y": 2})


def classified(count: int, **changes: Any) -> list[str]:
    """The best classes of three, as Triton's client reads them."""
    model = interface(outputs=[output("y", (3,))], **changes)
    wanted = InferRequestedOutput("y", class_count=count)
    sent = service_pb2.ModelInferRequest(inputs=[x()], raw_input_contents=[ROW], outputs=[wanted._get_tensor()])
    request = decode(pb.ModelInferRequest.FromString(sent.SerializeToString()), model)
    answer = encode(request, ours.InferResult("xor", 3, {"y": np.array([[0.25, 0.5, 0.125]], np.float32)}), model)
    found = InferResult(service_pb2.ModelInferResponse.FromString(answer.SerializeToString()))
    return [text.decode() for text in found.as_numpy("y")[0]]


def test_the_best_classes_of_an_output() -> None:
    """Asked for classes, an output is texts of score, index and label, the best first, and at most as many as exist."""
    assert classified(2) == ["0.5:1", "0.25:0"]
    assert classified(9) == ["0.5:1", "0.25:0", "0.125:2"]
    fields = [field("number", "size"), field("number", "weight", ("x", 1))]
    labels = [result("label", "winner", labels=["a", "b", "c"])]
    assert classified(1, fields=fields, result=labels) == ["0.5:1:b"]


@pytest.mark.parametrize(("dtype", "shape", "code"), [("BOOL", (3,), "wrong_type"), ("FP32", (3, 2), "wrong_shape")])
def test_an_output_that_has_no_classes(dtype: str, shape: tuple[int, ...], code: str) -> None:
    """Classes of what is no number a class are refused; a count of none is none."""
    model = interface(outputs=[output("y", shape, dtype)])
    one, none = (
        message(x(), outputs=[{"name": "y", "parameters": {"classification": {"int64_param": count}}}])
        for count in (1, 0)
    )
    assert refused(one, model).code == code
    assert decode(none, model).classes == {}
