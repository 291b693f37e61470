"""Open Inference Protocol V2: what a request asks for beside its tensors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ServiceError
from service.protocols.openinference import decode
from service.request import InferRequest
from tests.toy_signatures import interface, output, tensor

MODEL = interface(
    inputs=[tensor()],
    outputs=[output("y", (3,)), output("z", (2, 2)), output("half", (3,), "FP16"), output("b", (3,), "BOOL")],
)
INPUT = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}
CLASSES: dict[str, Any] = {"classification": 2}


def asked(outputs: Any = ..., parameters: Any = ...) -> InferRequest:
    """What becomes of a request with these outputs and parameters; `...` leaves them out."""
    document = {"inputs": [INPUT], "outputs": outputs, "parameters": parameters}
    return decode(json.dumps({key: value for key, value in document.items() if value is not ...}).encode(), MODEL)


def refused(outputs: Any = ..., parameters: Any = ...) -> ServiceError:
    """The fault of such a request."""
    with pytest.raises(ServiceError) as caught:
        asked(outputs, parameters)
    return caught.value


def y(**parameters: Any) -> list[dict[str, Any]]:
    """A list of one output with parameters."""
    return [{"name": "y", "parameters": parameters}]


BINARY: list[tuple[Any, Any, set[str]]] = [
    ([{"name": "y"}, {"name": "z"}], ..., set()),
    ([{"name": "y"}, {"name": "z"}], {"binary_data_output": False}, set()),
    ([{"name": "y"}, {"name": "z"}], {"binary_data_output": True}, {"y", "z"}),
    ([*y(binary_data=False), {"name": "z"}], {"binary_data_output": True}, {"z"}),
    ([*y(binary_data=True), {"name": "z"}], {"binary_data_output": False}, {"y"}),
    ([*y(binary_data=True), {"name": "z"}], ..., {"y"}),
    ([*y(binary_data=None)], {"binary_data_output": True}, {"y"}),
    ([*y(), *y(binary_data=True)], ..., set()),
    (..., {"binary_data_output": True}, {"y", "z", "half", "b"}),
    ([], {"binary_data_output": True}, {"y", "z", "half", "b"}),
    (None, {"binary_data_output": True}, {"y", "z", "half", "b"}),
]


@pytest.mark.parametrize(("outputs", "parameters", "binary"), BINARY)
def test_what_an_output_says_wins_over_what_the_request_says(outputs: Any, parameters: Any, binary: set[str]) -> None:
    """Each output is binary if it says so, else if the request says so; of an output named twice, the first counts."""
    assert asked(outputs, parameters).binary == binary


@pytest.mark.parametrize(
    ("outputs", "classes"),
    [
        (y(), {}),
        (y(classification=0), {}),
        (y(classification=None), {}),
        (y(classification=2), {"y": 2}),
        (y(classification=2**64 - 1), {"y": 2**64 - 1}),
        ([*y(classification=1), {"name": "half", "parameters": CLASSES}], {"y": 1, "half": 2}),
    ],
)
def test_classes_are_asked_for_by_output(outputs: Any, classes: dict[str, int]) -> None:
    """As many classes as an output asks for stand for its numbers; none if it asks for none."""
    assert asked(outputs).classes == classes


@pytest.mark.parametrize(
    ("outputs", "code", "text"),
    [
        (y(classification=-1), "malformed_request", "Expected a whole number from 0. Received -1."),
        (y(classification="2"), "malformed_request", "Unable to parse 'classification' in output 'y'."),
        (y(classification=True), "malformed_request", "Received true."),
        (y(classification=1.5), "malformed_request", "Received 1.5."),
        (y(binary_data=1), "malformed_request", "Unable to parse 'binary_data' in output 'y'. Expected true or false."),
        (y(binary_data="true"), "malformed_request", 'Received the string "true".'),
        ([{"name": "y", "parameters": [1]}], "malformed_request", "'parameters' of output 'y' as a JSON object."),
        ([{"name": "z", "parameters": CLASSES}], "wrong_shape", "Received it for output 'z' of shape [-1, 2, 2]."),
        ([{"name": "b", "parameters": CLASSES}], "wrong_type", "due to unsupported type 'BOOL'"),
    ],
)
def test_a_wrong_wish_is_named(outputs: Any, code: str, text: str) -> None:
    """A parameter of an output that makes no sense is refused with 400, naming it, the output and what came."""
    fault = refused(outputs)
    assert (fault.code, fault.status) == (code, 400)
    assert text in fault.sentence


@pytest.mark.parametrize(
    ("outputs", "parameters"),
    [
        (..., ...),
        ([{"name": "half"}], ...),
        ([{"name": "half", "parameters": {"binary_data": False}}], {"binary_data_output": True}),
    ],
)
def test_half_precision_by_json_is_refused_as_triton_refuses_it(outputs: Any, parameters: Any) -> None:
    """An FP16 output must be asked for as bytes: 400 in Triton's words, before anything is computed."""
    fault = refused(outputs, parameters)
    assert (fault.code, fault.status) == ("unsupported", 400)
    assert fault.sentence.startswith("sending FP16 data via JSON is not supported")


@pytest.mark.parametrize(
    ("timeout", "seconds"), [(1, 1e-6), (1_500_000, 1.5), (0, None), (None, None), (2**63, 2**63 / 1e6)]
)
def test_a_timeout_is_in_microseconds(timeout: Any, seconds: float | None) -> None:
    """The request's timeout becomes seconds; 0 is none, as with Triton."""
    assert asked(y(), {"timeout": timeout}).timeout_s == seconds


@pytest.mark.parametrize("value", [-1, 1.5, "5", True, [], {}])
@pytest.mark.parametrize("key", ["timeout", "binary_data_output"])
def test_a_parameter_of_another_type_is_refused(key: str, value: Any) -> None:
    """A number of microseconds must be whole, and a wish for bytes true or false."""
    if key == "binary_data_output" and value is True:
        value = "true"
    fault = refused(y(), {key: value})
    assert (fault.code, fault.status) == ("malformed_request", 400)
    assert fault.sentence.startswith(f"Unable to parse '{key}' in 'parameters'.")


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"sequence_id": 7, "sequence_start": True, "sequence_end": False}, 501),
        ({"sequence_id": "s"}, 501),
        ({"sequence_start": True}, 501),
        ({"sequence_end": True}, 501),
        ({"sequence_id": 0, "sequence_start": False, "sequence_end": False}, 200),
        ({"sequence_id": "", "sequence_start": False}, 200),
        ({"priority": 3, "headers": {"a": [1]}, "mine": [[1]]}, 200),
        ({"triton_enable_empty_final_response": True}, 400),
    ],
)
def test_sequences_are_refused_and_the_rest_let_pass(parameters: dict[str, Any], status: int) -> None:
    """Only a request that says it belongs to a sequence is unsupported; unknown keys and priorities change nothing."""
    if status == 200:
        assert asked(y(), parameters).inputs["x"].tolist() == [[1, 2]]
    else:
        assert refused(y(), parameters).status == status


def test_shared_memory_is_refused() -> None:
    """A tensor in shared memory is unsupported on both sides, instead of being taken as missing."""
    fault = refused(y(shared_memory_region="r", shared_memory_byte_size=12))
    assert (fault.code, fault.status) == ("unsupported", 501)
    entry = {**INPUT, "data": None, "parameters": {"shared_memory_region": "r"}}
    with pytest.raises(ServiceError) as caught:
        decode(json.dumps({"inputs": [entry]}).encode(), MODEL)
    assert caught.value.code == "unsupported"


@given(st.lists(st.sampled_from(["y", "z", "b"]), max_size=4), st.booleans())
def test_outputs_come_in_the_order_of_the_wish(names: list[str], binary: bool) -> None:
    """Each output that is named comes once, where it was named first."""
    document = [{"name": name, "parameters": {"binary_data": binary}} for name in names]
    if names:
        assert asked(document).outputs == tuple(dict.fromkeys(names))
