"""`training.fitting.augmentation`."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from training.config import Augmentation
from training.fitting.augmentation import draw, move

NOTHING = Augmentation(shift_px=0, rotation_degrees=0, zoom=0, shear=0)
TURN, X_ZOOM, Y_ZOOM, SHEAR, X_SHIFT, Y_SHIFT = range(6)
SEED = tf.constant([1, 2], tf.int64)

Image = NDArray[np.uint8]


@pytest.fixture
def image() -> Image:
    """Nine by nine random pixels: the middle is a pixel."""
    return np.random.default_rng(0).integers(0, 256, (9, 9), dtype=np.uint8)


def _moved(image: Image, how: Augmentation, **drawn: float) -> Image:
    numbers = np.zeros((1, 6), np.float32)
    for name, value in drawn.items():
        numbers[0, globals()[name]] = value
    return np.asarray(move(tf.constant(image[None]), tf.constant(numbers), how)[0], np.uint8)


def test_nothing_moves_nothing(image: Image) -> None:
    """Whatever is drawn, an augmentation of nothing gives the images back, bit for bit."""
    images = tf.constant(np.stack([image] * 5))
    assert np.array_equal(move(images, draw(SEED, tf.constant(5)), NOTHING), images)


def test_shift(image: Image) -> None:
    """A shift by whole pixels moves them, along the axis asked for, and what comes in is black."""
    how = replace(NOTHING, shift_px=2)
    right, down = np.zeros_like(image), np.zeros_like(image)
    right[:, 2:], down[2:] = image[:, :-2], image[:-2]
    assert np.array_equal(_moved(image, how, X_SHIFT=-1), right)
    assert np.array_equal(_moved(image, how, Y_SHIFT=-1), down)


def test_turn(image: Image) -> None:
    """A turn by a right angle is a turn of the matrix of pixels, about the middle."""
    how = replace(NOTHING, rotation_degrees=90)
    assert np.array_equal(_moved(image, how, TURN=1), np.rot90(image))
    assert np.array_equal(_moved(image, how, TURN=-1), np.rot90(image, -1))


def test_shear(image: Image) -> None:
    """Each row moves by its distance from the middle."""
    sheared = _moved(image, replace(NOTHING, shear=1), SHEAR=1)
    for row in range(9):
        assert np.array_equal(sheared[row], _moved(image, replace(NOTHING, shift_px=1), X_SHIFT=row - 4)[row])


def test_zoom(image: Image) -> None:
    """Stretched to double, every other pixel of the result is one of the source, about the middle, per axis."""
    how = replace(NOTHING, zoom=0.5)
    assert np.array_equal(_moved(image, how, X_ZOOM=-1, Y_ZOOM=-1)[::2, ::2], image[2:7, 2:7])
    assert np.array_equal(_moved(image, how, X_ZOOM=-1)[:, ::2], image[:, 2:7])


def test_between_pixels(image: Image) -> None:
    """Half a pixel away lies the mean of two pixels, rounded, not cut off."""
    half = _moved(image, replace(NOTHING, shift_px=0.5), X_SHIFT=1)
    assert np.array_equal(half[:, :-1], np.rint((image[:, :-1] + image[:, 1:].astype(np.float32)) / 2))


def test_drawn_numbers() -> None:
    """The same seed draws the same numbers, another seed others; they fill -1 to 1, each image its own."""
    first, again = draw(SEED, tf.constant(1000)).numpy(), draw(SEED, tf.constant(1000)).numpy()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, draw(SEED + 1, tf.constant(1000)))
    assert len(np.unique(first)) > 5000
    assert first.min() < -0.99
    assert first.max() > 0.99
    assert np.abs(first).max() <= 1
