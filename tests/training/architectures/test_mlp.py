"""`training.architectures.mlp`."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from training.architectures.mlp import binary_classifier, functional_image_classifier, image_classifier
from training.datasets.dataset import Dataset
from training.presets import find_preset


def _dense_units(model: keras.Model) -> list[tuple[int, str]]:
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return [(layer.units, layer.activation.__name__) for layer in dense]


@pytest.mark.parametrize(
    ("name", "preset", "layers"),
    [
        ("mnist", "mlp-512-256-128", [(512, "relu"), (256, "relu"), (128, "relu"), (10, "softmax")]),
        ("mnist", "functional-64-64", [(64, "relu"), (64, "relu"), (10, "softmax")]),
        ("fashion", "mlp-sigmoid-tanh", [(256, "sigmoid"), (64, "tanh"), (10, "softmax")]),
        ("xor", "hidden-16", [(16, "relu"), (1, "sigmoid")]),
        ("xor", "hidden-16-16", [(16, "relu"), (16, "relu"), (1, "sigmoid")]),
        ("xor", "hidden-32", [(32, "relu"), (1, "sigmoid")]),
    ],
)
def test_published_layers(
    small_datasets: dict[str, Dataset], name: str, preset: str, layers: list[tuple[int, str]]
) -> None:
    """The presets are the tutorials' networks, layer by layer, by the API that the tutorial used."""
    config = find_preset(name, preset)
    build = {
        "image_classifier": image_classifier,
        "functional_image_classifier": functional_image_classifier,
        "binary_classifier": binary_classifier,
    }[config.architecture.removeprefix("mlp:")]
    model = build(config, small_datasets[name])
    assert _dense_units(model) == layers
    assert isinstance(model, keras.Sequential) == (not preset.startswith("functional"))


def test_both_apis_build_the_same_net(small_datasets: dict[str, Dataset]) -> None:
    """From the same seed, the sequential and the functional net answer alike, bit for bit."""
    config = find_preset("mnist", "functional-64-64")
    answers = []
    for build in (image_classifier, functional_image_classifier):
        keras.utils.set_random_seed(1)
        answers.append(
            np.asarray(build(config, small_datasets["mnist"])(small_datasets["mnist"].examples.inputs["image"]))
        )
    assert np.array_equal(*answers)


def test_rescaling_is_inside(small_datasets: dict[str, Dataset]) -> None:
    """Raw grey levels go in: the first numbers that a hidden layer sees lie between 0 and 1, both included."""
    model = image_classifier(find_preset("mnist", "mlp-512-256-128"), small_datasets["mnist"])
    flat = keras.Model(model.inputs[0], model.get_layer("flat").output)
    seen = np.asarray(flat(np.array([0, 51, 255] * 784, np.uint8)[: 784 * 3].reshape(3, 28, 28)))
    assert np.allclose(np.unique(seen), [0, 0.2, 1])


def test_probabilities_add_up(small_datasets: dict[str, Dataset]) -> None:
    """Every row of answers is a distribution over the ten classes."""
    model = image_classifier(find_preset("mnist", "mlp-512-256-128"), small_datasets["mnist"])
    answers = np.asarray(model(small_datasets["mnist"].examples.inputs["image"]))
    assert answers.min() >= 0
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)


def test_dropout_follows_every_hidden_layer(small_datasets: dict[str, Dataset]) -> None:
    """As many dropouts as hidden layers, and none if the share is 0."""
    config = find_preset("mnist", "mlp-512-256-128")
    for share, count in ((0.2, 3), (0.0, 0)):
        model = image_classifier(replace(config, dropout=share), small_datasets["mnist"])
        assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == count
