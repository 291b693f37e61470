"""`training.export.interface`."""

from typing import Any

import keras
import numpy as np
import pytest

from training.export.interface import answer, input_names, inputs_of, output_names, outputs_of


def _inputs(*names: str) -> list[Any]:
    return [keras.Input((2,), name=name) for name in names]


def _scaled(tensor: Any, factor: int) -> Any:
    return keras.layers.Rescaling(float(factor), name=f"times_{factor}")(tensor)


def test_dictionaries_keep_their_own_order() -> None:
    """Entries stand as the model was written, not by the alphabet, and bear their keys."""
    z, a = _inputs("z", "a")
    model = keras.Model({"z": z, "a": a}, {"zz": _scaled(a, 2), "aa": _scaled(z, 3)})
    assert (input_names(model), output_names(model)) == (["z", "a"], ["zz", "aa"])
    given = {"a": np.full((1, 2), 1, np.float32), "z": np.full((1, 2), 10, np.float32)}
    assert {name: array.tolist() for name, array in answer(model, given).items()} == {"zz": [[2, 2]], "aa": [[30, 30]]}


def test_lists_bear_the_names_of_layers() -> None:
    """Outputs in a list are called what Keras' own `output_names` calls them."""
    x, y = _inputs("x", "y")
    model = keras.Model([x, y], [_scaled(y, 5), _scaled(x, 4)])
    assert output_names(model) == model.output_names == ["times_5", "times_4"]
    given = {"x": np.ones((1, 2), np.float32), "y": np.zeros((1, 2), np.float32)}
    assert {name: array.max() for name, array in answer(model, given).items()} == {"times_5": 0, "times_4": 4}


def test_one_level_of_nesting() -> None:
    """A key stands behind the keys above it; a list in a dictionary bears the names of its layers."""
    x, y, z = _inputs("x", "y", "z")
    outputs = {"left": {"near": _scaled(x, 2)}, "right": [_scaled(y, 3), _scaled(z, 4)]}
    model = keras.Model([x, {"q": y, "z": z}], outputs)
    assert input_names(model) == ["x", "q", "z"]
    assert output_names(model) == ["left_near", "times_3", "times_4"]
    given = {name: np.full((1, 2), at, np.float32) for at, name in enumerate(("x", "q", "z"), start=1)}
    assert [array.max() for array in answer(model, given).values()] == [2, 6, 12]


@pytest.mark.parametrize("model", [keras.Sequential([keras.Input((2,), name="x"), keras.layers.Rescaling(2.0)])])
def test_sequential(model: keras.Model) -> None:
    """One input, and one output that bears the name of the last layer."""
    assert (input_names(model), output_names(model)) == (["x"], [model.layers[-1].name])
    assert answer(model, {"x": np.ones((3, 2), np.float32)})[model.layers[-1].name].tolist() == [[2, 2]] * 3


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("plain", "plain"),
        ("Mixed_09", "Mixed_09"),
        ("a b", "a_b"),
        ("price-eur", "price_eur"),
        ("größe", "gr__e"),
        ("class", "class_"),
        ("self", "self_"),
        ("None", "None_"),
        ("_hidden", "tensor_hidden"),
        ("2nd", "tensor_2nd"),
    ],
)
def test_names_are_made_legal(label: str, name: str) -> None:
    """What TensorFlow would not take as an argument is replaced; what it would take is kept."""
    (x,) = _inputs(label)
    model = keras.Model(x, {"y": _scaled(x, 2)})
    assert input_names(model) == [name]
    assert [label for label, _ in inputs_of(model)] == [label]


def test_names_are_made_unique() -> None:
    """One layer called twice and an output that is an input get numbers; names that were unique keep theirs."""
    x, y = _inputs("x", "y")
    shared = keras.layers.Rescaling(2.0, name="shared")
    taken = keras.layers.Rescaling(3.0, name="shared_1")
    model = keras.Model([x, y], [shared(x), shared(y), taken(y), x])
    assert output_names(model) == ["shared", "shared_2", "shared_1", "x_1"]
    assert [label for label, _ in outputs_of(model)] == ["shared", "shared", "shared_1", "x"]
    given = {"x": np.full((1, 2), 1, np.float32), "y": np.full((1, 2), 10, np.float32)}
    assert [array.max() for array in answer(model, given).values()] == [2, 20, 30, 1]
