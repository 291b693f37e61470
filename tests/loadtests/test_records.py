"""Records: what is sent, and which answers pass."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Tensor
from loadtests.records import Records
from tests.loadtests.double import predict

ROWS = np.array([4, 1])
FORM = Records()


def classifier(*probabilities: float, atol: float = 0.0) -> Examples:
    """One row of a model that says a label and its probabilities."""
    output = Tensor("probabilities", "FP32", (len(probabilities),), 0.0, atol)
    result = (
        {"name": "digit", "kind": "label", "output": "probabilities", "labels": list(range(len(probabilities)))},
        {"name": "probabilities", "kind": "values", "output": "probabilities"},
    )
    goldens = {"probabilities": np.array([probabilities])}
    return Examples(
        "m", "1", (Tensor("x", "FP32", (1,)),), (output,), {"x": np.zeros((1, 1))}, goldens, (b"{}",), result
    )


def say(examples: Examples, digit: Any, *probabilities: float) -> None:
    """Check an answer of the classifier."""
    answer = {"predictions": [{"digit": digit, "probabilities": list(probabilities)}]}
    FORM.check(answer, examples, np.array([0]), "")


def test_body_holds_the_stored_lines(examples: Examples) -> None:
    """Records are sent as they are stored, in the order of the rows."""
    sent = json.loads(FORM.body(examples, ROWS, ""))["records"]
    assert sent == [json.loads(examples.records[row]) for row in ROWS]


def test_right_answer_passes(examples: Examples) -> None:
    """What the model answers to the records is accepted."""
    body = json.loads(FORM.body(examples, ROWS, ""))
    FORM.check(predict(FORM.path("toy"), body), examples, ROWS, "")


@pytest.mark.parametrize(
    "spoilt", [{"total": -3.0}, {"large": True}, {"large": 0}, {"total": None}, {"more": 1}, {"total": True}]
)
def test_wrong_answers_are_found(examples: Examples, spoilt: dict[str, Any]) -> None:
    """A changed number or decision, another type and a key too many are wrong."""
    answer: Any = {"predictions": [{"total": 10.0, "large": True}, {"total": -3.5, "large": False}]}
    FORM.check(answer, examples, ROWS, "")
    answer["predictions"][1].update(spoilt)
    with pytest.raises(WrongAnswer, match="Expected"):
        FORM.check(answer, examples, ROWS, "")


def test_label_is_that_of_the_largest_output() -> None:
    """The label follows the stored outputs."""
    say(classifier(0.1, 0.7, 0.2), 1, 0.1, 0.7, 0.2)
    with pytest.raises(WrongAnswer, match=r"digit = 1 for example 0\. Received 2"):
        say(classifier(0.1, 0.7, 0.2), 2, 0.1, 0.7, 0.2)


def test_label_of_another_type_is_wrong() -> None:
    """``true`` and ``"1"`` are not the label 1."""
    for label in (True, "1", 1.0, None):
        with pytest.raises(WrongAnswer, match="digit"):
            say(classifier(0.1, 0.7, 0.2), label, 0.1, 0.7, 0.2)


def test_rounding_may_decide_between_equals() -> None:
    """Where two outputs lie within the tolerance, both labels are right, and no third."""
    tie = classifier(0.1, 0.45, 0.450001, atol=1e-5)
    for label in (1, 2):
        say(tie, label, 0.1, 0.45, 0.450001)
    with pytest.raises(WrongAnswer, match="digit = 1 or 2"):
        say(tie, 0, 0.1, 0.45, 0.450001)


def test_rounding_may_decide_a_threshold() -> None:
    """An output at its threshold, give or take the tolerance, may fall on either side."""
    output = Tensor("p", "FP32", (1,), 0.0, 1e-5)
    entry = {"name": "loyal", "kind": "threshold", "output": "p", "index": 0, "threshold": 0.5}
    goldens = {"p": np.array([[0.499999]])}
    known = Examples("m", "1", (output,), (output,), goldens, goldens, (b"{}",), (entry,))
    for answer in (True, False):
        FORM.check({"predictions": [{"loyal": answer}]}, known, np.array([0]), "")


def test_models_without_fields_answer_raw_outputs(examples: Examples) -> None:
    """Without a ``result`` the answer is checked as that of ``instances``."""
    plain = Examples("m", "1", examples.inputs, examples.outputs, examples.arrays, examples.goldens, examples.records)
    rows = [
        {"double": double.tolist(), "total": total.tolist()}
        for double, total in zip(*(array[ROWS] for array in examples.goldens.values()), strict=True)
    ]
    FORM.check({"predictions": rows}, plain, ROWS, "")
    with pytest.raises(WrongAnswer, match="for example"):
        FORM.check({"predictions": rows[::-1]}, plain, ROWS, "")
