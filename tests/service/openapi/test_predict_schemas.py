"""Schemas of predict accept what the service takes, and what it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput, TooLarge
from service.openapi import examples, predict_schemas
from service.openapi.subject import Subject
from service.protocols import tfserving
from tests.service.openapi.described import SUBJECTS, component, described, the_toy
from tests.service.openapi.mutants import mutants
from tests.toy_signatures import wide_deep

READABLE = {
    name: subject
    for name, subject in SUBJECTS.items()
    if subject.readable and name != "every kind of field and result"  # whose records are tested with their schemas
}


def takes(subject: Subject, body: Any) -> bool:
    """Whether the service takes a body."""
    try:
        tfserving.decode(json.dumps(body).encode(), subject.interface)
    except (BadInput, TooLarge):
        return False
    return True


@pytest.mark.parametrize("subject", READABLE.values(), ids=READABLE)
@given(data=st.data())
@settings(max_examples=60)
def test_a_request_is_taken_as_its_schema_says(subject: Subject, data: st.DataObject) -> None:
    """With one thing changed, a body is valid exactly if the service takes it."""
    body, _ = data.draw(st.sampled_from(list(examples.predict(subject).values())))
    changed = data.draw(mutants(body))
    schema = component(predict_schemas.components(subject), subject.schema("PredictRequest"))
    assert schema.is_valid(changed) == takes(subject, changed) or uneven(changed), changed


def uneven(body: dict[str, Any]) -> bool:
    """Whether columns differ in length, which no schema can say."""
    columns = body.get("inputs")
    return isinstance(columns, dict) and len({len(one) for one in columns.values() if isinstance(one, list)}) > 1


def test_rows_are_counted() -> None:
    """As many rows as the model takes, and not one more, in every form."""
    subject = the_toy()
    schema = component(predict_schemas.components(subject), subject.schema("PredictRequest"))
    rows: dict[str, Any] = {"records": {"size": 1}, "instances": [1, 1], "inputs": [1, 1]}
    for form, row in rows.items():
        assert schema.is_valid({form: [row] * 8})
        assert not schema.is_valid({form: [row] * 9})
        assert not schema.is_valid({form: []})


def test_only_one_form_at_a_time() -> None:
    """A body of two forms is refused, as the service refuses it; further keys are not looked at."""
    subject = the_toy()
    schema = component(predict_schemas.components(subject), subject.schema("PredictRequest"))
    one, other = {"records": [{"size": 1}]}, {"instances": [[1, 1]]}
    assert schema.is_valid({**one, "signature_name": "serving_default", "note": 1})
    assert not schema.is_valid({**one, **other})
    assert not schema.is_valid({**one, "signature_name": "classify"})
    assert not schema.is_valid({})


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_answers_are_of_their_schema_and_no_others(subject: Subject) -> None:
    """Every form's answer is valid, and no longer is if a row of it lacks something."""
    for form, (_, answer) in examples.predict(subject).items():
        schema = component(predict_schemas.components(subject), subject.schema("PredictAnswer"))
        schema.validate(answer)
        key = "outputs" if form == "inputs" else "predictions"
        assert not schema.is_valid({key: []})
        assert not schema.is_valid({"results": answer[key]})
        assert not schema.is_valid({**answer, "more": 1})
        assert not schema.is_valid({key: [*answer[key], "row"] if isinstance(answer[key], list) else {"y": "row"}})


def test_models_without_a_json_form_have_no_body() -> None:
    """Half precision goes by records where there are fields, and by nothing where there are none."""
    assert not predict_schemas.takes_json(SUBJECTS["half precision"])
    assert predict_schemas.components(SUBJECTS["half precision"]) == {}
    behind = SUBJECTS["half precision behind fields"]
    schema = component(predict_schemas.components(behind), behind.schema("PredictRequest"))
    assert schema.is_valid({"records": [{"size": 1}]})
    assert not schema.is_valid({"instances": [[1]]})


def test_the_generic_form_refuses_no_model() -> None:
    """What any model takes and answers is valid by the schemas of the templated paths."""
    generic = predict_schemas.generic()
    for subject in [*SUBJECTS.values(), described(wide_deep())]:
        for body, answer in examples.predict(subject).values():
            component(generic, "PredictRequest").validate(body)
            component(generic, "PredictAnswer").validate(answer)
    assert not component(generic, "PredictRequest").is_valid({"records": [{}], "instances": [1]})
    assert not component(generic, "PredictRequest").is_valid({})
    assert not component(generic, "PredictAnswer").is_valid({"results": [1]})
