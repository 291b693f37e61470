"""`training.report.layers`."""

import keras

from training.report.layers import Layer, describe


def test_rows_add_up_to_the_model() -> None:
    """Every layer once, with the shape that comes out; a shared one is not counted twice; a model within is opened."""
    dense = keras.layers.Dense(3, name="shared")
    inner = keras.Sequential([keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(name="flat")], name="inner")
    one, two = keras.Input((8, 8, 1), name="one"), keras.Input((8, 8, 1), name="two")
    model = keras.Model([one, two], [dense(inner(one)), dense(inner(two))])
    layers = describe(model)
    assert {layer.name for layer in layers} == {"one", "two", "inner/conv", "inner/flat", "shared"}
    assert Layer("inner/conv", "Conv2D", "6 x 6 x 4", 40) in layers
    assert sum(layer.parameters for layer in layers) == model.count_params()


def test_several_outputs_and_none() -> None:
    """A layer of several outputs tells each; an output without axes is one number; a free axis is any length."""
    sequence = keras.Input((None, 4), name="sequence")
    recurrent = keras.layers.LSTM(3, return_sequences=True, return_state=True, name="recurrent")(sequence)
    total = keras.layers.Lambda(lambda x: keras.ops.sum(x, axis=-1), output_shape=(), name="total")(recurrent[1])
    shapes = {layer.name: layer.output_shape for layer in describe(keras.Model(sequence, [*recurrent, total]))}
    assert shapes == {"sequence": "any x 4", "recurrent": "any x 3, 3, 3", "total": "1"}
