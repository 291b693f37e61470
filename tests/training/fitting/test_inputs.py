"""`training.fitting.inputs`."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.small_run import CONFIG
from training.config import TrainingConfig
from training.datasets.dataset import Rows
from training.fitting.inputs import WATCH_ROWS, Shares, steps_of, training_batches, watched_batches

ROWS, STEPS = 43, 6
STILL = replace(CONFIG, augmentation=None)

Arrays = tuple[NDArray[np.uint8], NDArray[np.int32], float]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Anything with an input and an output: their names are all that counts."""
    image = keras.Input((8, 8), dtype="uint8", name="image")
    return keras.Model(image, keras.layers.Dense(3, name="probabilities")(keras.layers.Flatten()(image)))


def _rows(rows: int = ROWS) -> Rows:
    """The target of a row is its number."""
    images = np.random.default_rng(0).integers(0, 256, (rows, 8, 8), dtype=np.uint8)
    return Rows({"image": images}, {"probabilities": np.arange(rows, dtype=np.int32)})


def _train(
    model: keras.Model, config: TrainingConfig, first: int = 0, shares: Shares | None = None
) -> Iterator[Arrays]:
    batches = training_batches(model, _rows(), config, first, shares or Shares())
    return ((images, targets, weight) for (images,), (targets,), weight in batches.as_numpy_iterator())


def _order(model: keras.Model, config: TrainingConfig, epochs: int) -> list[list[int]]:
    batches = _train(model, config)
    return [[int(number) for _, targets, _ in islice(batches, STEPS) for number in targets] for _ in range(epochs)]


def test_an_epoch_has_every_row_once(model: keras.Model) -> None:
    """All rows come once, each with its own image, the rest of them in a last small batch."""
    batches = list(islice(_train(model, STILL), STEPS))
    assert [len(targets) for _, targets, _ in batches] == [8, 8, 8, 8, 8, 3]
    assert sorted(np.concatenate([targets for _, targets, _ in batches])) == list(range(ROWS))
    assert all(np.array_equal(images, _rows().inputs["image"][targets]) for images, targets, _ in batches)
    assert {weight for *_, weight in batches} == {1.0}


def test_the_order_follows_from_seed_and_epoch(model: keras.Model) -> None:
    """The same seed gives the same order, another seed another; no two epochs are in the same order."""
    first, second = _order(model, STILL, 2)
    assert first != second
    assert _order(model, STILL, 2) == [first, second]
    assert _order(model, replace(STILL, seed=2**32 - 1), 1) != [first]


def test_an_epoch_does_not_depend_on_those_before(model: keras.Model) -> None:
    """A run that begins with the third epoch sees, bit for bit, what a whole run sees from there on."""
    whole = islice(_train(model, CONFIG), 2 * STEPS, 4 * STEPS)
    for (images, targets, _), (other_images, other_targets, _) in zip(whole, _train(model, CONFIG, 2), strict=False):
        assert np.array_equal(images, other_images)
        assert np.array_equal(targets, other_targets)


def test_images_move_anew_in_every_epoch(model: keras.Model) -> None:
    """An augmented image is neither the original nor the one of the epoch before; it is uint8 still."""
    seen: list[NDArray[np.uint8]] = []
    batches = _train(model, CONFIG)
    for _ in range(2):
        epoch = {int(number): image for i, t, _ in islice(batches, STEPS) for image, number in zip(i, t, strict=True)}
        seen.append(np.stack([epoch[number] for number in range(ROWS)]))
    assert {images.dtype for images in seen} == {np.dtype(np.uint8)}
    for first, second in ((seen[0], seen[1]), (seen[0], _rows().inputs["image"])):
        assert (first != second).any(axis=(1, 2)).all()


@pytest.mark.parametrize("here", [1, 3])
def test_shares_make_the_batch(model: keras.Model, here: int) -> None:
    """What three devices get, each from its own pipeline or all from one, is one device's batch, moved alike."""
    pipelines = [_train(model, CONFIG, shares=Shares(3, first, here)) for first in range(0, 3, here)]
    for images, targets, _ in islice(_train(model, CONFIG), 2 * STEPS):
        shares = [next(pipeline) for pipeline in pipelines for _ in range(here)]
        assert np.array_equal(np.concatenate([share[0] for share in shares]), images)
        assert np.array_equal(np.concatenate([share[1] for share in shares]), targets)
        weights = [len(share[1]) * 3 / len(targets) for share in shares]
        assert [share[2] for share in shares] == pytest.approx(weights)


@pytest.mark.parametrize("shares", [1, 2])
def test_watched_rows_come_in_their_order_again_and_again(model: keras.Model, shares: int) -> None:
    """A pass has every row once, in order, in batches that differ by a row at most, cut into shares."""
    rows = _rows(WATCH_ROWS + 5)
    steps = steps_of(len(rows), WATCH_ROWS)
    batches = watched_batches(model, rows, Shares(shares, 0, shares)).as_numpy_iterator()
    for _ in range(2):
        numbers = [targets for _, (targets,), _ in islice(batches, steps * shares)]
        assert np.array_equal(np.concatenate(numbers), np.arange(len(rows)))
        lengths = {len(array) for array in numbers}
        assert max(lengths) - min(lengths) <= 1
