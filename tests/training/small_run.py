"""A run small enough for tests that trains with all that a run can have: dropout, moved images, Adam, cosine decay."""

import io
import itertools
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from training.config import Augmentation, TrainingConfig
from training.datasets import xor
from training.datasets.dataset import Dataset, Rows
from training.fitting.loop import fit
from training.fitting.state import History
from training.fitting.steps import Steps
from training.machine import Machine
from training.presets import find_preset

ROWS, CLASSES = 43, 3
"""With batches of 8, six steps an epoch, the last of three rows: nothing divides evenly."""

CONFIG = replace(
    find_preset("mnist", None),
    batch_rows=8,
    epochs=4,
    keep_best=False,
    patience=0,
    hold_out_validation=True,
    augmentation=Augmentation(shift_px=2, rotation_degrees=10, zoom=0.1, shear=0.1),
)


def dataset(rows: int = ROWS) -> Dataset:
    """Images of 8 by 8 random pixels with random labels; as many to watch as to train on."""
    numbers = np.random.default_rng(0)

    def some() -> Rows:
        images = numbers.integers(0, 256, (rows, 8, 8), dtype=np.uint8)
        return Rows({"image": images}, {"probabilities": numbers.integers(0, CLASSES, rows, dtype=np.int32)})

    return replace(xor.load(Path()), train=some(), validation=some())


def build(plain: bool = False, units: int = 12) -> keras.Model:
    """Hidden units and a normalisation over all devices; the same weights at every call.

    Args:
        plain: Without dropout, whose masks are each device's own, and with a constant step size.
        units: How many are hidden.
    """
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8), dtype="uint8", name="image"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(units, "tanh", use_bias=False, kernel_regularizer=keras.regularizers.L2(1e-3)),
            keras.layers.BatchNormalization(synchronized=True),
            *([] if plain else [keras.layers.Dropout(0.5)]),
            keras.layers.Dense(CLASSES, "softmax", dtype="float32", name="probabilities"),
        ]
    )
    rate = 0.01 if plain else keras.optimizers.schedules.CosineDecay(0.01, 4 * 6)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(
    config: TrainingConfig = CONFIG,
    machine: Machine | None = None,
    plain: bool = False,
    console: Console | None = None,
) -> tuple[keras.Model, History]:
    """The model after a run."""
    unseen = Console(file=io.StringIO(), width=200)
    return fit(lambda: build(plain), config, dataset(), machine or Machine(), console or unseen, "small")


def same(first: keras.Model, second: keras.Model) -> bool:
    """Whether two models have the same weights, bit for bit."""
    pairs: zip[tuple[NDArray[Any], NDArray[Any]]] = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def interrupted(
    machine: Machine, config: TrainingConfig = CONFIG, plain: bool = False, number: signal.Signals = signal.SIGINT
) -> None:
    """A run that gets a signal in its third epoch, when the weights have changed since the last state."""
    measures, calls = Steps.measures, itertools.count(1)

    def measures_or_end(steps: Steps) -> dict[str, float]:
        if next(calls) == 5:  # an epoch is measured twice
            os.kill(os.getpid(), number)
        return measures(steps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Steps, "measures", measures_or_end)
        with pytest.raises(KeyboardInterrupt):
            trained(config, machine, plain=plain)
