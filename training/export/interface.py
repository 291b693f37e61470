"""The inputs and outputs of a Keras model by name: in the model's own order, whatever they are nested in.

An input bears the name of its `keras.Input`, an output that of the layer that makes it; what stands in a dictionary
bears its key, behind the keys above it (`{"left": {"mean": …}}` is `left_mean`). Keras itself would list the entries
of a dictionary by the alphabet.
"""

import keyword
import re
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

_RESERVED = {*keyword.kwlist, "self"}
"""What looks like a name and cannot be an argument of a TensorFlow function."""


def inputs_of(model: keras.Model) -> list[tuple[str, Any]]:
    """What Keras calls each input, and its symbolic tensor, in the model's order."""
    return _labelled(_structures(model)[0])


def outputs_of(model: keras.Model) -> list[tuple[str, Any]]:
    """What Keras calls each output, and its symbolic tensor, in the model's order."""
    return _labelled(_structures(model)[1])


def input_names(model: keras.Model) -> list[str]:
    """Names of the inputs, in the model's order."""
    return _names(model)[: len(inputs_of(model))]


def output_names(model: keras.Model) -> list[str]:
    """Names of the outputs, in the model's order."""
    return _names(model)[len(inputs_of(model)) :]


def answer(model: keras.Model, inputs: Arrays) -> Arrays:
    """The answers of the model in memory, by output name.

    Args:
        model: A Functional or Sequential model.
        inputs: By input name, shape (rows, …).
    """
    return {name: np.asarray(array) for name, array in call(model, inputs).items()}


def call(model: keras.Model, inputs: dict[str, Any]) -> dict[str, Any]:
    """As `answer`, for tensors of any kind."""
    structure, _ = _structures(model)
    given = {id(tensor): inputs[name] for name, (_, tensor) in zip(input_names(model), inputs_of(model), strict=True)}
    outputs = model(keras.tree.map_structure(lambda tensor: given[id(tensor)], structure), training=False)
    return dict(zip(output_names(model), (leaf for _, leaf in _leaves(outputs)), strict=True))


def _structures(model: keras.Model) -> tuple[Any, Any]:
    """The nested symbolic inputs and outputs; Keras has no public name for them."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return model._inputs_struct, model._outputs_struct


def _leaves(structure: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Tensors in a nested structure, each with its path of keys and positions, in the order as written."""
    if isinstance(structure, dict):
        for key, value in structure.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(structure, list | tuple):
        for position, value in enumerate(structure):
            yield from _leaves(value, (*path, position))
    else:
        yield path, structure


def _labelled(structure: Any) -> list[tuple[str, Any]]:
    found = []
    for path, tensor in _leaves(structure):
        keyed = bool(path) and isinstance(path[-1], str)
        keys = "_".join(key for key in path if isinstance(key, str))
        found.append((keys if keyed else tensor._keras_history.operation.name, tensor))
    return found


def _names(model: keras.Model) -> list[str]:
    """Names of inputs, then outputs, that TensorFlow takes as arguments and ONNX as different values."""
    wanted = [_legal(label) for label, _ in (*inputs_of(model), *outputs_of(model))]
    names: list[str] = []
    for name in wanted:
        free, number = name, 0
        while free in names or (number and free in wanted):
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names


def _legal(label: str) -> str:
    """Letters, digits and `_`, a letter first."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", label)
    name = name if name[:1].isalpha() else f"tensor_{name.lstrip('_')}"
    return f"{name}_" if name in _RESERVED else name
