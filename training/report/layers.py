"""The layers of a model as a table: what each does, what comes out of it, what it has learned."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: Its name in the model; `OUTER/INNER` for a layer of a model within the model.
        kind: The Keras class.
        output_shape: Of each output, without the batch axis: `28 x 28 x 8`; `1` for no further axis.
        parameters: How many numbers it holds, trained or not.
    """

    name: str
    kind: str
    output_shape: str
    parameters: int


def describe(model: "keras.Model") -> list[Layer]:
    """The layers of a built model in its order; those of a model within it stand in its place."""
    return list(_walk(model, ""))


def _walk(model: "keras.Model", prefix: str) -> Iterator[Layer]:
    import keras

    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from _walk(layer, f"{name}/")
        else:
            yield Layer(name, type(layer).__name__, _shape(layer), layer.count_params())


def _shape(layer: "keras.Layer") -> str:
    import keras

    outputs: list[Any] = keras.tree.flatten(layer.output)
    return ", ".join(" x ".join(str(length or "any") for length in tensor.shape[1:]) or "1" for tensor in outputs)
