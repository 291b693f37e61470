"""Right and wrong tensors, with and without stored answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from loadtests.answers import check_outputs
from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Tensor

ROWS = np.array([3, 0, 3])


def right(examples: Examples) -> dict[str, list[object]]:
    """The stored outputs of the rows, as JSON would carry them."""
    return {name: array[ROWS].tolist() for name, array in examples.goldens.items()}


def possible(name: str, shape: tuple[int, ...]) -> Examples:
    """A model of one output without stored answers."""
    tensor = Tensor(name, "FP32", shape)
    return Examples("m", "1", (tensor,), (tensor,), {name: np.zeros((4, *shape))}, goldens={})


def test_stored_answers_are_right(examples: Examples) -> None:
    """The stored outputs of the rows that were sent, in their order, pass."""
    check_outputs(right(examples), examples, ROWS)


def test_another_order_is_wrong(examples: Examples) -> None:
    """Right answers in the wrong order are found: a batch that is mixed up cannot pass."""
    answer = {name: values[::-1] for name, values in right(examples).items()}
    check_outputs(answer, examples, ROWS[::-1])
    answer = {name: [values[1], values[0], values[2]] for name, values in right(examples).items()}
    with pytest.raises(WrongAnswer, match=r"double\[0\]\[0\] = 9.0 .* for example 3\. Received -18\.0"):
        check_outputs(answer, examples, ROWS)


@pytest.mark.parametrize(("off", "passes"), [(0.9, True), (1.1, False)])
def test_tolerance_is_the_signatures(examples: Examples, off: float, passes: bool) -> None:
    """An answer may lie atol + rtol · |stored| away, and no farther."""
    answer = right(examples)
    stored = float(examples.goldens["total"][3, 0])
    answer["total"][0] = [stored + off * (1e-6 + 1e-6 * abs(stored))]
    if passes:
        check_outputs(answer, examples, ROWS)
    else:
        with pytest.raises(WrongAnswer, match=r"total\[0\]\[0\]"):
            check_outputs(answer, examples, ROWS)


@pytest.mark.parametrize(
    "total",
    [
        [[1.0], [2.0]],
        [1.0, 2.0, 3.0],
        [[1.0], [2.0, 3.0], [4.0]],
        [["1"], ["2"], ["3"]],
        [[None], [None], [None]],
        [[True], [True], [True]],
        [[float("nan")]] * 3,
        "no list",
        None,
    ],
)
def test_other_things_than_rows_of_numbers_are_wrong(examples: Examples, total: object) -> None:
    """Too few rows, flat rows, ragged rows, texts, nothing, booleans and NaN are all wrong answers."""
    with pytest.raises(WrongAnswer, match="Expected"):
        check_outputs({**right(examples), "total": total}, examples, ROWS)


def test_outputs_must_be_complete(examples: Examples) -> None:
    """An output that is missing, or one too many, is a wrong answer."""
    answer = right(examples)
    with pytest.raises(WrongAnswer, match="outputs"):
        check_outputs({"double": answer["double"]}, examples, ROWS)
    with pytest.raises(WrongAnswer, match="outputs"):
        check_outputs({**answer, "more": answer["total"]}, examples, ROWS)


def test_without_stored_answers_possible_ones_pass() -> None:
    """Finite numbers of the right shape pass where nothing more is known."""
    check_outputs({"minutes": [[-3.5], [1e6]]}, possible("minutes", (1,)), np.array([0, 1]))
    check_outputs({"probabilities": [[0.25, 0.75]]}, possible("probabilities", (2,)), np.array([0]))


@pytest.mark.parametrize(
    ("name", "row"),
    [("probability", [1.01, 0.0]), ("probability", [-0.01, 0.0]), ("probabilities", [0.5, 0.4]), ("x", [1.0, np.inf])],
)
def test_without_stored_answers_impossible_ones_are_wrong(name: str, row: list[float]) -> None:
    """Probabilities outside 0 to 1 or with another sum than 1, and infinities, cannot be right."""
    with pytest.raises(WrongAnswer, match=name):
        check_outputs({name: [row]}, possible(name, (2,)), np.array([0]))


def test_boolean_outputs_are_booleans() -> None:
    """An output of BOOL takes true and false, no numbers."""
    known = possible("x", (1,))
    known = replace(known, outputs=(Tensor("x", "BOOL", (1,)),))
    check_outputs({"x": [[True]]}, known, np.array([0]))
    with pytest.raises(WrongAnswer, match="BOOL"):
        check_outputs({"x": [[1]]}, known, np.array([0]))
