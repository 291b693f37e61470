"""The three forms of tensors: what is sent, and which answers pass."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Tensor
from loadtests.forms import Form, Infer, Inputs, Instances
from tests.loadtests.double import predict

FORMS = [Instances(), Inputs(), Infer()]
ROWS = np.array([4, 1])

in_every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
INFER = Infer()


def wide_and_deep() -> Examples:
    """Two inputs and one output."""
    wide, deep = Tensor("wide", "FP32", (2,)), Tensor("deep", "INT32", (1,))
    arrays = {"wide": np.arange(10, dtype=np.float32).reshape(5, 2), "deep": np.arange(5, dtype=np.int32)[:, None]}
    goldens = {"y": np.arange(5, dtype=np.float32)[:, None]}
    return Examples("both", "7", (wide, deep), (Tensor("y", "FP32", (1,)),), arrays, goldens)


def asked(form: Form, examples: Examples) -> Any:
    """A request, parsed."""
    return json.loads(form.body(examples, ROWS, "id-1"))


def answered(form: Form, examples: Examples) -> Any:
    """The right answer to it."""
    return predict(form.path("toy"), asked(form, examples))


@in_every_form
def test_right_answer_passes(form: Form, examples: Examples) -> None:
    """What the model answers to a request is accepted as its answer."""
    form.check(answered(form, examples), examples, ROWS, "id-1")


@in_every_form
def test_every_changed_number_is_found(form: Form, examples: Examples) -> None:
    """No number of an answer can change unseen."""
    plain = json.dumps(answered(form, examples))
    # the answers for the rows [9, 1] and [-4.5, 1]
    numbers = [match.span() for match in re.finditer(r"-?\d+\.\d+", plain)]
    assert len(numbers) == 6
    for start, end in numbers:
        changed = f"{plain[:start]}{float(plain[start:end]) + 0.01}{plain[end:]}"
        with pytest.raises(WrongAnswer, match="for example"):
            form.check(json.loads(changed), examples, ROWS, "id-1")


@in_every_form
def test_answer_of_another_row_is_wrong(form: Form, examples: Examples) -> None:
    """Neighbours' answers are not taken for one's own."""
    answer = predict(form.path("toy"), json.loads(form.body(examples, ROWS[::-1], "id-1")))
    with pytest.raises(WrongAnswer, match="for example"):
        form.check(answer, examples, ROWS, "id-1")


@in_every_form
def test_missing_row_is_wrong(form: Form, examples: Examples) -> None:
    """Fewer answers than rows are never right."""
    answer = predict(form.path("toy"), json.loads(form.body(examples, ROWS[:1], "id-1")))
    with pytest.raises(WrongAnswer, match="Expected"):
        form.check(answer, examples, ROWS, "id-1")


@pytest.mark.parametrize("answer", [None, [], {}, "text", {"predictions": 3, "outputs": 3}, {"error": "busy"}])
@in_every_form
def test_other_json_is_wrong(form: Form, examples: Examples, answer: Any) -> None:
    """JSON of another form is a wrong answer, not a crash of the check."""
    with pytest.raises(WrongAnswer, match="Expected"):
        form.check(answer, examples, ROWS, "id-1")


@in_every_form
def test_several_inputs_go_by_name(form: Form) -> None:
    """With several inputs every form names them, and each row keeps its own values."""
    body = asked(form, wide_and_deep())
    if form.name == "instances":
        assert body == {"instances": [{"wide": [8.0, 9.0], "deep": [4]}, {"wide": [2.0, 3.0], "deep": [1]}]}
    elif form.name == "inputs":
        assert body == {"inputs": {"wide": [[8.0, 9.0], [2.0, 3.0]], "deep": [[4], [1]]}}
    else:
        assert body["inputs"][1] == {"name": "deep", "datatype": "INT32", "shape": [2, 1], "data": [4, 1]}


@in_every_form
def test_single_output_has_no_name_around_it(form: Form) -> None:
    """With one output the rows themselves are the answer, as TensorFlow Serving writes it."""
    if form.name == "infer":
        tensor = {"name": "y", "datatype": "FP32", "shape": [2, 1], "data": [4.0, 1.0]}
        answer: Any = {"id": "id-1", "model_name": "both", "model_version": "7", "outputs": [tensor]}
    else:
        answer = {"predictions" if form.name == "instances" else "outputs": [[4.0], [1.0]]}
    form.check(answer, wide_and_deep(), ROWS, "id-1")


@pytest.mark.parametrize(
    ("key", "value"), [("id", "id-2"), ("model_name", "toyota"), ("model_version", "2"), ("outputs", [])]
)
def test_infer_says_whose_answer_it_is(examples: Examples, key: str, value: Any) -> None:
    """An answer of another request, model or version is found by what it says of itself."""
    with pytest.raises(WrongAnswer, match=key):
        INFER.check({**answered(INFER, examples), key: value}, examples, ROWS, "id-1")


@pytest.mark.parametrize("spoilt", [{"datatype": "FP64"}, {"shape": [1, 4]}, {"data": [1.0]}, {"name": "other"}])
def test_infer_tensors_fit_the_signature(examples: Examples, spoilt: dict[str, Any]) -> None:
    """Name, datatype, shape and count of an output are held against the signature."""
    answer = answered(INFER, examples)
    answer["outputs"][0].update(spoilt)
    with pytest.raises(WrongAnswer, match="Expected"):
        INFER.check(answer, examples, ROWS, "id-1")


@in_every_form
def test_names_are_quoted_in_paths(form: Form) -> None:
    """A name with other characters cannot change the path."""
    assert "a%20b" in form.path("a b")
