"""The rules of V2's tensors are the same, in the same words, for JSON and for messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ServiceError
from service.interface import Interface
from service.protocols import openinference_tensors as rules
from service.signature import Signature
from tests import toy

MODEL = Interface(Signature.model_validate(toy.signature()), 1, max_rows=8)
X = MODEL.inputs["x"]


@given(st.lists(st.integers(-2, 9) | st.booleans() | st.floats() | st.none() | st.text(max_size=3), max_size=3))
def test_a_shape_is_the_inputs_with_a_batch_axis_or_refused(sizes: list[Any]) -> None:
    """Only whole numbers, the model's own sizes behind at least one row and no more than allowed, give rows."""
    fits = len(sizes) == 2 and all(type(size) is int for size in sizes) and sizes[1] == 2 and 1 <= sizes[0] <= 8
    if fits:
        assert rules.rows_of(sizes, X, MODEL, lambda: "what came") == sizes[0]
        return
    with pytest.raises(ServiceError) as caught:
        rules.rows_of(sizes, X, MODEL, lambda: "what came")
    assert caught.value.sentence in (
        "unexpected shape for input 'x' for model 'toy'. Expected [-1,2], got what came.",
        "inference request batch-size must be <= 8 for 'toy'",
    )


def test_unknown_names_are_told_in_part() -> None:
    """However long a name is, a message repeats no more than a part of it."""
    with pytest.raises(ServiceError) as caught:
        rules.input_named("n" * 9999, MODEL)
    for fault in (caught.value, rules.unknown_output("n" * 9999, MODEL)):
        assert fault.code == "unknown_input"
        assert len(fault.sentence) < 400


def test_inputs_are_complete_and_of_the_same_rows() -> None:
    """What is given comes in the model's order; what is missing is named."""
    assert list(rules.complete({"x": np.zeros((3, 2))}, MODEL)) == ["x"]
    with pytest.raises(ServiceError, match=r"got 0 inputs .* missing required input\(s\) \['x'\]"):
        rules.complete({}, MODEL)
    with pytest.raises(ServiceError, match="'x' twice"):
        rules.check_once("x", {"x": 1})


def test_classes_are_of_outputs_with_one_number_a_class() -> None:
    """The toy's outputs are; an output with two axes is not."""
    rules.check_classes("double", MODEL)
    signature = toy.signature(fields=False)
    signature["outputs"][0]["shape"] = [2, 2]
    with pytest.raises(ServiceError, match=r"one number a class.*\[-1, 2, 2\]"):
        rules.check_classes("double", Interface(Signature.model_validate(signature), 1, 8))


def test_shared_memory_is_refused() -> None:
    """Its key alone is enough, and without it nothing happens."""
    rules.refuse_shared_memory({"binary_data_size"}, "input 'x'")
    with pytest.raises(ServiceError, match="parameters of input 'x'"):
        rules.refuse_shared_memory({"shared_memory_region"}, "input 'x'")
