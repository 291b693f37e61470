"""Schemas of classify and regress: what is valid is taken, and what is answered is valid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput, TooLarge
from service.openapi import example_schemas, examples, predict_schemas
from service.openapi.subject import Subject
from service.protocols.tfserving_examples import CLASSIFY, REGRESS
from tests.service.openapi.described import SUBJECTS, component, described, the_toy
from tests.service.openapi.mutants import mutants
from tests.toy_signatures import interface, output

CALLS = {"classify": CLASSIFY, "regress": REGRESS}
CALLED = [(name, subject, verb) for name, subject in SUBJECTS.items() for verb in example_schemas.verbs(subject)]


def schemas(subject: Subject) -> dict[str, Any]:
    """All that a request of examples refers to."""
    return predict_schemas.components(subject) | example_schemas.components(subject)


@pytest.mark.parametrize(("subject", "verb"), [case[1:] for case in CALLED], ids=[case[0] for case in CALLED])
@given(data=st.data())
@settings(max_examples=60)
def test_what_is_valid_is_taken(subject: Subject, verb: str, data: st.DataObject) -> None:
    """With one thing changed, a body without context that is valid is taken; only texts need a second look."""
    ((body, _),) = examples.with_examples(subject, verb).values()
    changed = data.draw(mutants(body))
    valid = component(schemas(subject), subject.schema("ExamplesRequest")).is_valid(changed)
    if not valid or (subject.interface.records and "picture" in json.dumps(changed["examples"])):
        return
    try:
        CALLS[verb].decode(json.dumps(changed).encode(), subject.interface)
    except (BadInput, TooLarge) as error:
        raise AssertionError(changed) from error


@pytest.mark.parametrize(("subject", "verb"), [case[1:] for case in CALLED], ids=[case[0] for case in CALLED])
def test_answers_are_of_their_schema(subject: Subject, verb: str) -> None:
    """The answer is valid by the model's schema and by that of the templated paths, and another is not."""
    ((body, answer),) = examples.with_examples(subject, verb).values()
    schema = component(schemas(subject), subject.schema("ExamplesAnswer"))
    schema.validate(answer)
    generic = example_schemas.generic()
    component(generic, "ExamplesRequest").validate(body)
    component(generic, f"{verb.capitalize()}Answer").validate(answer)
    assert not schema.is_valid({"results": ["one"]})
    assert not schema.is_valid({"predictions": answer["results"]})
    if verb == "classify":
        assert not schema.is_valid({"results": [[["a", 1, 2]]]})


def test_a_model_answers_the_call_of_its_task() -> None:
    """Classifiers classify, regressions with an output of one number regress, and neither does both."""
    assert {name: example_schemas.verbs(subject) for name, subject in SUBJECTS.items()} == {
        "toy": ("regress",),
        "toy without fields": ("regress",),
        "several inputs and outputs": ("classify",),
        "every kind of field and result": ("classify",),
        "image": ("classify",),
        "numbers without an axis": ("regress",),
        "half precision": (),
        "half precision behind fields": ("classify",),
    }
    wide = described(interface(task="regression", outputs=[output("y", (2,))]))
    assert example_schemas.verbs(wide) == ()
    assert example_schemas.components(wide) == {}


def test_labels_are_in_the_answer() -> None:
    """Every class once, by its label: that is what the schema of a labelled model asks for."""
    subject = SUBJECTS["every kind of field and result"]
    schema = component(schemas(subject), subject.schema("ExamplesAnswer"))
    assert schema.is_valid({"results": [[["a", 0.5], ["b", 0.25], ["c", 0.25]]]})
    assert not schema.is_valid({"results": [[["a", 0.5], ["b", 0.5]]]})
    assert not schema.is_valid({"results": [[["a", 0.5], ["b", 0.25], ["d", 0.25]]]})


def test_regress_may_name_the_output() -> None:
    """An output of one number is named by `signature_name`; one of several is not."""
    subject = the_toy()
    schema = component(schemas(subject), subject.schema("ExamplesRequest"))
    body = {"examples": [{"size": 1}]}
    assert schema.is_valid({**body, "signature_name": "total"})
    assert not schema.is_valid({**body, "signature_name": "double"})


def test_context_completes_examples() -> None:
    """With a context, examples may lack what it holds; without one they may not."""
    subject = the_toy()
    schema = component(schemas(subject), subject.schema("ExamplesRequest"))
    body: dict[str, Any] = {"examples": [{"colour": "red"}], "context": {"size": 1}}
    assert schema.is_valid(body)
    REGRESS.decode(json.dumps(body).encode(), subject.interface)
    assert not schema.is_valid({"examples": body["examples"]})
