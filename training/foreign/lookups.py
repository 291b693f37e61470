"""Inputs whose numbers are places in a table, such as the ids of words: found by walking from the input to the layer.

A place beyond the table is an error of the engine on a CPU, a row of zeros on a GPU, and a negative one counts from
the end. So the length of the table becomes the range of the input, and the service refuses the id itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from training.export.interface import inputs_of

_KEEP = {
    *("Cast", "Concatenate", "Copy", "Dropout", "ExpandDims", "Flatten", "Identity", "Moveaxis", "Permute", "Ravel"),
    *("RepeatVector", "Reshape", "Squeeze", "Stack", "Swapaxes", "Transpose"),
}
"""Layers and operations that hand on all numbers as they are."""

_CHOOSE = {"ArraySplit", "Dsplit", "GetItem", "Hsplit", "Slice", "Split", "Take", "Unstack", "Vsplit"}
"""Those that hand on some of them."""


@dataclass(frozen=True)
class Table:
    """What the numbers of an input are places in.

    Attributes:
        layer: Name of the layer that looks them up.
        length: Entries in its table; places are 0 to `length` - 1.
        whole: Whether all numbers of the input are such places, and not some of them.
    """

    layer: str
    length: int
    whole: bool


def tables(model: keras.Model) -> list[list[Table]]:
    """For each input, in the model's order, the tables that its numbers are looked up in."""
    users = _users(model)
    return [list(_reached(users, tensor, whole=True)) for _, tensor in inputs_of(model)]


def _users(model: keras.Model) -> dict[int, list[Any]]:
    """By the identity of a symbolic tensor, the calls that take it."""
    users: dict[int, list[Any]] = {}
    # A Sequential model keeps its graph in a Functional one.
    graph = keras.Model(model.inputs, model.outputs) if isinstance(model, keras.Sequential) else model
    for nodes in graph._nodes_by_depth.values():
        for node in nodes:
            for tensor in node.input_tensors:
                users.setdefault(id(tensor), []).append(node)
    return users


def _reached(users: dict[int, list[Any]], tensor: Any, *, whole: bool) -> Iterator[Table]:
    for node in users.get(id(tensor), []):
        layer, kind = node.operation, type(node.operation).__name__
        if isinstance(layer, keras.layers.Embedding):
            yield Table(layer.name, layer.input_dim, whole)
        elif isinstance(layer, keras.layers.CategoryEncoding):
            yield Table(layer.name, layer.num_tokens, whole)
        elif isinstance(layer, keras.Model):
            position = [id(one) for one in node.input_tensors].index(id(tensor))
            yield from _reached(_users(layer), layer.inputs[position], whole=whole)
        elif kind in _KEEP or kind in _CHOOSE:
            for output in node.output_tensors:
                yield from _reached(users, output, whole=whole and kind in _KEEP)
