"""Schemas of infer: what is refused is not valid, what is valid is taken, and what is answered is valid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput, MissingInput, OutOfRange, ServiceError, WrongShape, WrongType
from service.openapi import examples, infer_schemas, predict_schemas
from service.openapi.subject import Subject
from service.protocols import openinference
from service.request import InferRequest, InferResult
from tests.service.openapi.described import SUBJECTS, component, described, the_toy
from tests.service.openapi.mutants import mutants
from tests.toy_signatures import wide_deep

READABLE = {name: one for name, one in SUBJECTS.items() if one.readable and one.interface.name != "kinds"}


def schemas(subject: Subject) -> dict[str, Any]:
    """All that an infer call refers to."""
    return predict_schemas.components(subject) | infer_schemas.components(subject)


def decoded(subject: Subject, body: Any) -> InferRequest | ServiceError:
    """What the service makes of a body."""
    try:
        return openinference.decode(json.dumps(body).encode(), subject.interface)
    except ServiceError as error:
        return error


def answered(subject: Subject, body: Any) -> Any:
    """The JSON answer to a body, from the stored outputs."""
    request = decoded(subject, body)
    assert isinstance(request, InferRequest)
    model = subject.interface
    return json.loads(openinference.encode(request, InferResult(model.name, 1, subject.examples.outputs), model).body)


@pytest.mark.parametrize("subject", READABLE.values(), ids=READABLE)
@given(data=st.data())
@settings(max_examples=60)
def test_a_request_is_taken_as_its_schema_says(subject: Subject, data: st.DataObject) -> None:
    """What the service takes is valid; what is valid is taken, but for lengths and the places of flat data."""
    body, _ = data.draw(st.sampled_from(list(examples.infer(subject).values())))
    changed = data.draw(mutants({key: value for key, value in body.items() if key != "id"}))
    found = decoded(subject, changed)
    valid = component(schemas(subject), subject.schema("InferRequest")).is_valid(changed)
    if isinstance(found, InferRequest):
        assert valid, changed
    elif valid:
        assert isinstance(found, WrongShape | OutOfRange | WrongType), (changed, found)


def test_rows_are_counted() -> None:
    """A shape has as many rows as the model takes, and not one more."""
    subject = the_toy()
    schema = component(schemas(subject), subject.schema("InferRequest"))
    for rows in (1, 8, 9, 0):
        given = {"name": "x", "datatype": "FP32", "shape": [rows, 2], "data": [[1, 1]] * min(rows, 8) or [[1, 1]]}
        assert schema.is_valid({"inputs": [given]}) == (1 <= rows <= 8)
        given["data"] = [[1, 1]] * rows
        assert isinstance(decoded(subject, {"inputs": [given]}), InferRequest) == (1 <= rows <= 8)


def test_every_input_is_asked_for_once() -> None:
    """Of several inputs each must be there, in any order."""
    subject = described(wide_deep())
    schema = component(schemas(subject), subject.schema("InferRequest"))
    ((body, _),) = examples.infer(subject).values()
    wide, deep = body["inputs"]
    assert schema.is_valid({"inputs": [deep, wide]})
    for inputs in ([wide], [wide, wide], [wide, deep, deep]):
        assert not schema.is_valid({"inputs": inputs})
        assert isinstance(decoded(subject, {"inputs": inputs}), MissingInput | BadInput)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"id": "r-1"},
        {"outputs": []},
        {"outputs": [{"name": "total"}]},
        {"outputs": [{"name": "double", "parameters": {"classification": 1}}, {"name": "total"}]},
        {"parameters": {"timeout": 1000, "priority": 0}},
    ],
)
def test_what_may_be_asked_for_besides_is_valid_and_so_is_the_answer(more: dict[str, Any]) -> None:
    """Outputs, classes, ids and parameters: the request is valid, and so is what comes back."""
    subject = the_toy()
    body = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [[1, 1], [2, 2]]}], **more}
    component(schemas(subject), subject.schema("InferRequest")).validate(body)
    component(infer_schemas.generic(), "InferRequest").validate(body)
    answer = answered(subject, body)
    component(schemas(subject), subject.schema("InferAnswer")).validate(answer)
    component(infer_schemas.generic(), "InferAnswer").validate(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"datatype": "FP64"},
        {"datatype": "BYTES"},
        {"name": "single"},
        {"shape": [2, 3]},
        {"shape": [2]},
        {"data": ["1"]},
        {"data": []},
    ],
)
def test_an_answer_of_another_kind_is_not_valid(change: dict[str, Any]) -> None:
    """Name, datatype, shape and elements of an output are those of the model."""
    subject = the_toy()
    schema = component(schemas(subject), subject.schema("InferAnswer"))
    double = {"name": "double", "datatype": "FP32", "shape": [2, 2], "data": [1.5, 2, 3, 4]}
    answer = {"model_name": "toy", "model_version": "1"}
    assert schema.is_valid({**answer, "outputs": [double]})
    assert not schema.is_valid({**answer, "outputs": [{**double, **change}]})
    assert not schema.is_valid({**answer, "model_name": "other", "outputs": [double]})


def test_half_precision_goes_as_bytes() -> None:
    """A model that takes half precision has no JSON request but by records; its answer is described all the same."""
    half, behind = SUBJECTS["half precision"], SUBJECTS["half precision behind fields"]
    assert list(infer_schemas.components(half)) == ["half.InferAnswer"]
    schema = component(schemas(behind), behind.schema("InferRequest"))
    assert schema.is_valid({"records": [{"size": 1}]})
    assert not schema.is_valid({"inputs": [{"name": "x", "datatype": "FP16", "shape": [1, 1], "data": [1]}]})
