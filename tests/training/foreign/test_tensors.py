"""`training.foreign.tensors`."""

from typing import Any

import keras
import numpy as np
import pytest

from training.errors import ForeignModelError
from training.export import answer
from training.foreign.tensors import input_tensors, notes, output_tensors, task_of, unbounded
from training.signature import DTYPES, Bounded, Tensor

layers, ops = keras.layers, keras.ops


def _one(**keys: Any) -> keras.Model:
    x = keras.Input(**{"shape": (3,), "name": "x", **keys})
    return keras.Model(x, layers.Identity(name="identity", autocast=False)(x))


@pytest.mark.parametrize(("word", "dtype"), DTYPES.items())
def test_every_datatype_has_its_word(word: str, dtype: str) -> None:
    """Inputs and outputs of all twelve datatypes are described as they are."""
    model = _one(dtype=dtype, shape=(2, 3))
    (tensor,) = input_tensors(model)
    assert (tensor.name, tensor.dtype, tensor.shape) == ("x", word, (2, 3))
    (output,) = output_tensors(model, answer(model, {"x": np.ones((4, 2, 3), dtype)}))
    assert (output.dtype, output.shape) == (word, (2, 3))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"dtype": "string"}, "Received text; .* INT32 input into an Embedding"),
        ({"dtype": "bfloat16"}, "one of the datatypes bool, .* Received bfloat16"),
        ({"shape": (None, 3)}, r"fixed lengths .* Received \['free', 3\]"),
        ({"shape": (0,)}, r"fixed lengths .* Received \[0\]"),
        ({"shape": None, "batch_shape": (4, 3)}, r"a free batch axis .* Received shape \[4, 3\]"),
        ({"sparse": True}, "a dense tensor"),
    ],
)
def test_inputs_that_cannot_be_served(keys: dict[str, Any], message: str) -> None:
    """Text, datatypes that no dialect has, lengths that are not fixed, batches that are, sparse tensors."""
    with pytest.raises(ForeignModelError, match=message):
        input_tensors(_one(**keys))


def test_places_become_a_range() -> None:
    """An input that is looked up in tables has the range of the shortest; with fields of its own, none."""
    x = keras.Input((3,), dtype="int32", name="x")
    model = keras.Model(x, [layers.Embedding(9, 2)(x), layers.Embedding(5, 2)(x)])
    (tensor,) = input_tensors(model)
    assert isinstance(tensor, Bounded)
    assert (tensor.minimum, tensor.maximum) == (0, 4)
    assert not isinstance(unbounded(tensor), Bounded)
    assert type(input_tensors(_one())[0]) is Tensor


@pytest.mark.parametrize(
    ("largest", "rtol", "atol"),
    [(1, 1e-4, 1e-5), (0.5, 1e-4, 1e-5), (500, 1e-4, 5e-3), (1e-4, 1e-4, 1e-7), (0, 1e-4, 1e-5)],
)
def test_tolerances_grow_and_shrink_with_the_answers(largest: float, rtol: float, atol: float) -> None:
    """The absolute tolerance fits what the answers are, from millionths to thousands."""
    (output,) = output_tensors(_one(), {"identity": np.array([[largest, 0, -largest / 2]], np.float32)})
    assert output.rtol == rtol
    assert output.atol == pytest.approx(atol)


def test_tolerances_of_other_datatypes() -> None:
    """Whole numbers and truths must be equal; half precision, outside or inside, is coarse."""
    assert [
        (output.rtol, output.atol)
        for dtype in ("int32", "bool")
        for output in output_tensors(_one(dtype=dtype), {"identity": np.ones((1, 3), dtype)})
    ] == [(0, 0), (0, 0)]
    x = keras.Input((3,))
    mixed = keras.Model(x, layers.Dense(2, dtype="float32")(layers.Dense(2, dtype="mixed_float16")(x)))
    (output,) = output_tensors(mixed, {mixed.output_names[0]: np.ones((1, 2), np.float32)})
    assert (output.rtol, output.atol) == (1e-2, 1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_answers_must_be_finite(value: float) -> None:
    """A model that answers NaN to its examples is refused, with the name of the output."""
    with pytest.raises(ForeignModelError, match=r"finite answers .* as output identity; .* --examples"):
        output_tensors(_one(), {"identity": np.array([[0, 1, value]], np.float32)})


def test_the_task_is_that_of_the_last_activations() -> None:
    """Softmax and sigmoid, as an argument, a layer or an operation, in a model within the model; all or none."""
    x = keras.Input((3,))
    probable = layers.Dense(2, activation="softmax")(x)
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(1, activation="sigmoid")])(x)
    for outputs in (probable, layers.Softmax()(x), layers.Activation("sigmoid")(x), ops.sigmoid(x), [probable, inner]):
        assert task_of(keras.Model(x, outputs)) == "classification"
    for outputs in (
        x,
        layers.Dense(2, activation="relu")(x),
        [probable, layers.Dense(2)(x)],
        layers.Dense(2)(probable),
    ):
        assert task_of(keras.Model(x, outputs)) == "regression"


def test_what_a_person_should_know() -> None:
    """Names that were not kept, half precision, and tables that some of an input's numbers go into; else nothing."""
    assert notes(_one()) == []
    x = keras.Input((3,), dtype="float16", name="a b")
    said = notes(keras.Model(x, {"in": layers.Embedding(9, 2, name="table")(x[:, :1])}))
    assert [sentence.split(" ")[0] for sentence in said] == ["'a", "'in'", "Input", "Some"]
    assert "'a b' is served as a_b." in said
    assert "table of layer table, 0 to 8" in said[-1]
