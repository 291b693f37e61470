"""`training.architectures.convolutional`."""

import keras
import numpy as np
import pytest

from training.architectures.convolutional import image_classifier
from training.datasets.dataset import Dataset
from training.presets import find_preset


@pytest.fixture(scope="module")
def model(small_datasets: dict[str, Dataset]) -> keras.Model:
    """The default digit classifier, untrained."""
    keras.utils.set_random_seed(0)
    return image_classifier(find_preset("mnist", "cnn-24-48-96"), small_datasets["mnist"])


def test_sides_shrink_before_the_costly_layers(model: keras.Model) -> None:
    """28 pixels a side become 14, 7 and 5, with the filters of the configuration."""
    shapes = [layer.output.shape[1:] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert shapes == [(14, 14, 24), (14, 14, 48), (14, 14, 48), (7, 7, 96), (5, 5, 96)]


def test_raw_grey_levels_give_probabilities(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """uint8 images go in, every row that comes out is a distribution over the ten classes."""
    answers = np.asarray(model(small_datasets["mnist"].examples.inputs["image"]))
    assert answers.shape == (64, 10)
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)


def test_a_row_does_not_depend_on_its_batch(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """Served, batch normalisation uses what it has learned, not the rows that came along."""
    images = small_datasets["mnist"].examples.inputs["image"]
    assert np.allclose(np.asarray(model(images))[:4], np.asarray(model(images[:4])), atol=1e-5)
