"""Examples are the artifact's own rows, in every form that the model takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from service.artifact import Examples
from service.openapi import examples
from service.openapi.subject import Subject
from tests.service.openapi.described import KINDS, SUBJECTS, described, image_classes, the_toy
from tests.toy_signatures import interface, tensor, wide_deep


def forms(pairs: examples.Pairs) -> list[str]:
    """The names of the examples."""
    return list(pairs)


def test_every_form_is_shown() -> None:
    """Records, rows and columns; records of tensors where there are no fields; only records in half precision."""
    shown = {name: (forms(examples.predict(one)), forms(examples.infer(one))) for name, one in SUBJECTS.items()}
    every = (["records", "instances", "inputs"], ["inputs", "records"])
    assert shown["toy"] == shown["every kind of field and result"] == every
    assert shown["toy without fields"] == shown["several inputs and outputs"] == (every[0], ["inputs"])
    assert shown["half precision"] == ([], [])
    assert shown["half precision behind fields"] == (["records"], [])  # whose output in JSON is refused


def test_requests_and_answers_are_the_stored_rows() -> None:
    """The numbers of a request are those of the artifact's inputs, those of its answer those of its outputs."""
    subject = the_toy()
    inputs, outputs = subject.examples.inputs["x"].tolist(), subject.examples.outputs
    pairs = examples.predict(subject)
    assert pairs["records"][0] == {"records": subject.examples.records}
    assert pairs["instances"][0] == {"instances": inputs}
    assert pairs["inputs"] == ({"inputs": inputs}, {"outputs": {name: one.tolist() for name, one in outputs.items()}})
    body, answer = examples.infer(subject)["inputs"]
    assert body["inputs"][0]["data"] == [number for row in inputs for number in row]
    assert answer["outputs"][1]["data"] == outputs["total"].ravel().tolist()
    assert (answer["model_name"], answer["id"]) == ("toy", body["id"])


def test_several_inputs_are_named() -> None:
    """Rows are objects by input name, columns an object of columns."""
    pairs = examples.predict(described(wide_deep()))
    one, other = [0.0, 1.0], [2.0, 3.0]
    rows = [{"wide": one, "deep": one}, {"wide": other, "deep": other}]
    assert pairs["instances"][0] == {"instances": rows}
    assert pairs["inputs"][0] == {"inputs": {"wide": [one, other], "deep": [one, other]}}


def test_single_precision_is_shown_in_its_shortest_form() -> None:
    """No example has the digits that only double precision would have."""
    subject = the_toy(fields=False)
    array = np.array([[0.1, 0.2], [0.3, 0.7]], np.float32)
    shown = replace(subject, examples=replace_inputs(subject, {"x": array}))
    assert examples.predict(shown)["instances"][0] == {"instances": [[0.1, 0.2], [0.3, 0.7]]}


def replace_inputs(subject: Subject, inputs: dict[str, Any]) -> Examples:
    """The same examples with other inputs."""
    return Examples(inputs, subject.examples.outputs, subject.examples.records)


def test_large_rows_are_shown_one_at_a_time() -> None:
    """A picture fills the page: one row of it is enough; small rows are shown as they are kept."""
    large = described(interface(inputs=[tensor("x", "UINT8", (28, 28))]))
    body, answer = examples.predict(large)["instances"]
    assert len(body["instances"]) == 1
    assert answer == {"predictions": large.examples.outputs["y"][:1].tolist()}
    assert len(examples.predict(image_classes())["instances"][0]["instances"]) == 2


def test_no_more_rows_than_a_request_may_have() -> None:
    """Where one row is all that a request may have, one is shown."""
    single = described(wide_deep(max_rows=1))
    assert [len(body["instances"]) for body, _ in [examples.predict(single)["instances"]]] == [1]


def test_what_the_model_refuses_is_no_example() -> None:
    """A row that the service would not take is left out, and does not break the document."""
    subject = image_classes()
    bright = replace(subject, examples=replace_inputs(subject, {"picture": np.full((2, 3, 4), 255, np.uint8)}))
    assert forms(examples.predict(bright)) == []
    assert forms(examples.infer(bright)) == []


@pytest.mark.parametrize("name", ["toy", "every kind of field and result"])
def test_a_typed_call_is_one_record_and_one_answer(name: str) -> None:
    """What is shown for a typed API is the first record and its part of the answer."""
    subject = SUBJECTS[name]
    body, answer = examples.predict(subject)["records"]
    assert examples.typed(subject) == {"record": (body["records"][0], answer["predictions"][0])}


def test_models_without_fields_have_no_typed_call() -> None:
    """There is no record to show."""
    assert examples.typed(SUBJECTS["image"]) == {}


def test_examples_to_classify_are_records_or_flat_tensors() -> None:
    """With fields an example is a record, without them it has each input as a flat list."""
    ((body, answer),) = examples.with_examples(SUBJECTS["every kind of field and result"], "classify").values()
    assert body == {"examples": KINDS}
    assert [label for label, _ in answer["results"][0]] == ["a", "b", "c"]
    ((body, answer),) = examples.with_examples(SUBJECTS["image"], "classify").values()
    flat = SUBJECTS["image"].examples.inputs["picture"].reshape(2, 12).tolist()
    assert body == {"examples": [{"picture": row} for row in flat]}
    ((body, answer),) = examples.with_examples(the_toy(), "regress").values()
    assert answer == {"results": the_toy().examples.outputs["total"].ravel().tolist()}
