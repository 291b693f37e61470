"""`training.foreign.lookups`."""

from collections.abc import Callable
from typing import Any

import keras
import pytest

from training.foreign.lookups import Table, tables

layers, ops = keras.layers, keras.ops

WHOLE = Table("table_9", 9, whole=True)
PART = Table("table_9", 9, whole=False)


def _look_up(tensor: Any, length: int = 9) -> Any:
    return layers.Embedding(length, 2, name=f"table_{length}")(tensor)


def _inner(tensor: Any) -> Any:
    inside = keras.Input((6,), dtype="int32")
    return keras.Model([inside], _look_up(inside))(tensor)


USES: dict[str, tuple[Callable[[Any], Any], set[Table]]] = {
    "at once": (_look_up, {WHOLE}),
    "reshaped": (lambda x: _look_up(layers.Reshape((2, 3))(layers.Flatten()(x))), {WHOLE}),
    "cast": (lambda x: _look_up(ops.cast(x, "int64")), {WHOLE}),
    "turned": (lambda x: _look_up(ops.transpose(ops.expand_dims(x, 1), (0, 2, 1))), {WHOLE}),
    "joined": (lambda x: _look_up(layers.Concatenate()([x, x])), {WHOLE}),
    "within a model": (_inner, {WHOLE}),
    "encoded": (layers.CategoryEncoding(9, output_mode="multi_hot", name="table_9"), {WHOLE}),
    "a column": (lambda x: _look_up(x[:, 1:2]), {PART}),
    "a column, reshaped": (lambda x: _look_up(layers.Flatten()(x[:, 0:1])), {PART}),
    "two tables": (lambda x: layers.Add()([_look_up(x), _look_up(x, 5)]), {WHOLE, Table("table_5", 5, whole=True)}),
    "no place any more": (lambda x: _look_up(x // 2), set()),
    "no table": (layers.Rescaling(2.0), set()),
}


@pytest.mark.parametrize(("use", "found"), USES.values(), ids=USES)
def test_what_numbers_are_places_in(use: Callable[[Any], Any], found: set[Table]) -> None:
    """A table is found through what hands numbers on unchanged, and known to be partial if some are left out."""
    x = keras.Input((6,), dtype="int32")
    assert set(tables(keras.Model(x, use(x)))[0]) == found


def test_each_input_has_its_own() -> None:
    """Tables stand in the order of the inputs, also in a Sequential model and in one that shares a layer."""
    shared = layers.Embedding(7, 2, name="shared")
    x, y, z = (keras.Input((3,), dtype="int32", name=name) for name in "xyz")
    model = keras.Model({"z": z, "x": x, "y": y}, [shared(x), shared(z), layers.Rescaling(2.0)(y)])
    one = Table("shared", 7, whole=True)
    assert tables(model) == [[one], [one], []]
    assert tables(keras.Sequential([keras.Input((3,)), layers.Embedding(7, 2, name="shared")])) == [[one]]
