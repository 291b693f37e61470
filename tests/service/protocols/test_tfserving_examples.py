"""TensorFlow Serving's classify and regress: which models take them, which output answers, and how."""

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
from service.protocols.tfserving_examples import CLASSIFY, REGRESS, ExampleCall
from service.request import Answer, InferResult
from tests.toy_signatures import field, interface, output, result, tensor, wide_deep

BINARY = [result("threshold", "yes", index=0, threshold=0.5)]
FIELDS = [field("number", "a"), field("number", "b", ("x", 1))]
XOR = interface(fields=FIELDS, result=BINARY)
REGRESSION = interface(task="regression")
FLIGHTS = wide_deep(task="regression")
BODY = b'{"examples":[{"x":[1,2]}]}'
SHAPE = "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got "
NOPE = 'Serving signature name: "nope" not found in signature def'
WAS = "Was: tensorflow/serving/predict, of a model for "


def body(model: Interface, rows: int = 1, **more: Any) -> bytes:
    """A sound request of so many examples by input name."""
    example = {name: [1] * one.size for name, one in model.inputs.items()}
    return json.dumps({"examples": [example] * rows, **more}).encode()


def answer(call: ExampleCall, model: Interface, outputs: dict[str, np.ndarray], **more: Any) -> Any:
    """The results of a sound request, if these are the engine's outputs."""
    request = call.decode(body(model, len(next(iter(outputs.values()))), **more), model)
    written = call.encode(request, InferResult(model.name, 3, outputs), model)
    assert written == Answer(written.body, b"application/json", ())
    found = orjson.loads(written.body)
    assert list(found) == ["results"]
    return found["results"]


def refused(call: ExampleCall, text: bytes, model: Interface) -> ServiceError:
    """The fault of a body that is refused."""
    with pytest.raises(ServiceError) as caught:
        call.decode(text, model)
    return caught.value


FAULTS: list[tuple[str, str, str]] = [
    ("", "malformed_json", "JSON Parse error: The document is empty"),
    ("[]", "malformed_request", "JSON Value: [] Is not object"),
    ("{}", "malformed_request", "key 'examples' is expected and was not found"),
    ('{"instances":[[1,2]]}', "malformed_request", "key 'examples' is expected and was not found"),
    ('{"examples":{"x":[1,2]}}', "wrong_type", "Expecting 'examples' value to be an list/array"),
    ('{"examples":null}', "wrong_type", "Expecting 'examples' value to be an list/array"),
    ('{"examples":[]}', "malformed_request", "'examples' value is an empty array"),
    ('{"examples":[],"examples":[]}', "malformed_request", "Expected each key once."),
    ('{"signature_name":"nope","examples":[{"x":[1,2]}]}', "malformed_request", NOPE),
    ('{"signature_name":["y"],"examples":[{"x":[1,2]}]}', "wrong_type", "'signature_name' key must be a string value."),
    ('{"context":[{"x":1}],"examples":[{"x":[1,2]}]}', "wrong_type", "object but got JSON Array at context"),
    ('{"context":null,"examples":[{"x":[1,2]}]}', "wrong_type", "object but got JSON Null at context"),
    ('{"context":{"x":1,"x":1},"examples":[{}]}', "malformed_request", "Received a feature twice at context."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "words"), FAULTS)
@pytest.mark.parametrize("call", [CLASSIFY, REGRESS], ids=["classify", "regress"])
def test_a_fault_has_tensorflow_servings_words(call: ExampleCall, text: str, code: str, words: str) -> None:
    """Clients that match the text of an error find it, with status 400 and our code word beside it."""
    fault = refused(call, text.encode(), interface() if call is CLASSIFY else REGRESSION)
    assert (fault.code, fault.status) == (code, 400)
    assert words in fault.sentence


def test_a_model_for_another_task_is_refused() -> None:
    """A classification is not regressed and a regression not classified; a broken body is told first."""
    classified, regressed = refused(CLASSIFY, BODY, REGRESSION), refused(REGRESS, BODY, interface())
    assert classified.sentence.startswith("Expected classification signature method_name to be tensorflow/serving/cl")
    assert classified.sentence.endswith(WAS + "regression")
    assert regressed.sentence.startswith("Expected regression signature method_name to be tensorflow/serving/regress.")
    assert regressed.sentence.endswith(WAS + "classification")
    assert (classified.status, classified.code, regressed.status) == (400, "malformed_request", 400)
    assert refused(CLASSIFY, b"{", REGRESSION).code == "malformed_json"


@pytest.mark.parametrize("call", [CLASSIFY, REGRESS], ids=["classify", "regress"])
def test_more_examples_than_allowed_are_too_large(call: ExampleCall) -> None:
    """The limit itself is answered; one example more is 413, before it is read."""
    model = interface() if call is CLASSIFY else REGRESSION
    assert call.decode(body(model, 8), model).rows == 8
    fault = refused(call, b'{"examples":[' + b"0," * 8 + b"0]}", model)
    assert (fault.status, fault.code, fault.sentence) == (413, "too_large", "Expected at most 8 rows. Received 9.")


def test_classes_stand_in_the_models_order_with_its_labels() -> None:
    """Every class with its score, not sorted; a label is text even where the model's are numbers."""
    scores = np.float32([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]])
    three = {"outputs": [output("y", (3,))], "fields": FIELDS}
    worded = interface(result=[*BINARY, result("label", "word", labels=["a", "b", "c"])], **three)
    assert answer(CLASSIFY, worded, {"y": scores}) == [
        [["a", 0.1], ["b", 0.7], ["c", 0.2]],
        [["a", 0.5], ["b", 0.25], ["c", 0.25]],
    ]
    numbered = interface(result=[result("label", "number", labels=[7, 8, 9])], **three)
    assert answer(CLASSIFY, numbered, {"y": scores[:1]}) == [[["7", 0.1], ["8", 0.7], ["9", 0.2]]]


@given(arrays.arrays(np.float32, (3, 1), elements=st.floats(0, 1, width=32)))
def test_a_probability_is_two_classes(scores: np.ndarray) -> None:
    """One number that a threshold splits is answered as TensorFlow's binary heads do: "0" has the rest, as float32."""
    found = answer(CLASSIFY, XOR, {"y": scores})
    for row, score in zip(found, scores[:, 0], strict=True):
        assert [label for label, _ in row] == ["0", "1"]
        assert np.float32([row[0][1], row[1][1]]).tobytes() == np.float32([np.float32(1) - score, score]).tobytes()


@pytest.mark.parametrize(
    ("shape", "threshold"), [((2,), 0.5), ((1,), 0.0), ((1,), 1.0), ((1,), -3.0), ((2, 1), None), ((1,), None)]
)
def test_classes_without_labels_are_numbered(shape: tuple[int, ...], threshold: float | None) -> None:
    """Without labels, and where a threshold splits no probability, a class is called by its place in the output."""
    told = (
        {}
        if threshold is None
        else {"fields": FIELDS, "result": [result("threshold", "t", index=0, threshold=threshold)]}
    )
    model = interface(outputs=[output("y", shape)], **told)
    scores = np.arange(2 * model.outputs["y"].size, dtype=np.float32).reshape(2, *shape)
    expected = [[[str(place), float(score)] for place, score in enumerate(row.ravel())] for row in scores]
    assert answer(CLASSIFY, model, {"y": scores}) == expected


def test_the_output_with_the_classes_is_the_one_that_is_read() -> None:
    """Labels, else a threshold, say which output; the first one without either."""
    both = [output("y", (2,)), output("z", (2,))]
    found = {"y": np.float32([[1, 2]]), "z": np.float32([[3, 4]])}
    labelled = result("label", "l", labels=["no", "yes"], output="z")
    split = result("threshold", "t", index=1, threshold=0.5)
    first = interface(outputs=both)
    assert answer(CLASSIFY, first, found) == [[["0", 1.0], ["1", 2.0]]]
    by_label = interface(outputs=both, fields=FIELDS, result=[split, labelled])
    assert answer(CLASSIFY, by_label, found) == [[["no", 3.0], ["yes", 4.0]]]
    by_threshold = interface(outputs=both[::-1], fields=FIELDS, result=[split])
    assert answer(CLASSIFY, by_threshold, found) == [[["0", 1.0], ["1", 2.0]]]
    for name in ("", "serving_default"):
        assert answer(CLASSIFY, first, found, signature_name=name) == [[["0", 1.0], ["1", 2.0]]]
    assert NOPE in refused(CLASSIFY, body(first, signature_name="nope"), first).sentence
    assert "not found" in refused(CLASSIFY, body(first, signature_name="z"), first).sentence


def test_a_signature_may_name_the_output_that_regresses() -> None:
    """The first output of one number answers, or the one that is named if it is of one number."""
    model = wide_deep(task="regression", outputs=[output("many", (2,)), output("main"), output("aux", ())])
    found = {"many": np.float32([[1, 2]] * 2), "main": np.float32([[3], [4]]), "aux": np.float32([5, 6])}
    for more, expected in (
        ({}, [3.0, 4.0]),
        ({"signature_name": "main"}, [3.0, 4.0]),
        ({"signature_name": "aux"}, [5.0, 6.0]),
    ):
        assert answer(REGRESS, model, found, **more) == expected
    for name in ("", "serving_default"):
        assert answer(REGRESS, model, found, signature_name=name) == [3.0, 4.0]
    assert refused(REGRESS, body(model, signature_name="many"), model).sentence == SHAPE + "many [-1,2]"
    assert refused(REGRESS, body(model, signature_name="nope"), model).sentence == NOPE
    wide = interface(task="regression", outputs=[output("y", (2,)), output("z", (2, 2))])
    fault = refused(REGRESS, body(wide), wide)
    assert (fault.status, fault.sentence) == (400, SHAPE + "y [-1,2], z [-1,2,2]")


@given(arrays.arrays(np.float32, (4, 1), elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_values_are_read_back_as_they_were(values: np.ndarray) -> None:
    """Every value in its shortest form is read back to the bit, from arrays in one block or not."""
    assert np.float32(answer(REGRESS, REGRESSION, {"y": values})).tobytes() == values.tobytes()
    assert np.float32(answer(REGRESS, REGRESSION, {"y": values[::-2]})).tobytes() == values[::-2].tobytes()


@pytest.mark.parametrize("dtype", ["INT32", "BOOL", "FP64", "FP16"])
def test_scores_are_floats_whatever_the_output_is(dtype: str) -> None:
    """Whole numbers and truth values are written with a point."""
    one = {"outputs": [output("y", (1,), dtype)]}
    values = np.ones((1, 1), interface(**one).outputs["y"].numpy)
    assert repr(answer(CLASSIFY, interface(**one), {"y": values})) == "[[['0', 1.0]]]"
    assert repr(answer(REGRESS, interface(task="regression", **one), {"y": values})) == "[1.0]"


def test_a_call_asks_for_the_one_output_that_it_answers() -> None:
    """A request carries the output that will be written, and the inputs in the model's order."""
    request = REGRESS.decode(body(FLIGHTS, signature_name="aux"), FLIGHTS, {b"content-type": b"text/plain"})
    assert (request.outputs, list(request.inputs), request.rows) == (("aux",), ["wide", "deep"], 1)
    assert CLASSIFY.decode(BODY, interface(inputs=[tensor("x", "FP64")])).inputs["x"].dtype == np.float64
