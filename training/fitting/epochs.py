"""Epochs one after the other, in calls of a few steps each."""

import time
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.fitting.distribution import shares_of
from training.fitting.inputs import WATCH_ROWS, steps_of, training_batches, watched_batches
from training.fitting.steps import Steps

_CALL_S = 0.05
"""What a call of TensorFlow should take: long beside the cost of calling, short for whoever presses Ctrl-C."""

_MOST_STEPS = 64
"""In one call: a GPU may be behind with its work when a call returns, and looks faster than it is."""


class Epochs:
    """The epochs of one run.

    Keras' own `fit` sets up data and callbacks anew for each, which takes longer than a small epoch itself.

    Args:
        model: Compiled, and built under the scope of the strategy.
        strategy: Its devices.
        config: Batches and augmentation.
        dataset: Rows to train on and to watch.
    """

    def __init__(
        self, model: keras.Model, strategy: tf.distribute.Strategy, config: TrainingConfig, dataset: Dataset
    ) -> None:
        self.steps = steps_of(len(dataset.train), config.batch_rows)
        self._model, self._config, self._dataset = model, config, dataset
        self._distribute = strategy.distribute_datasets_from_function
        self._devices = Steps(model, strategy)
        self._devices.build(dataset.train)
        self._per_call = 1
        # Workers meet in every step of a call, so that all must make the same calls, whatever their pace.
        self._most_per_call = 1 if strategy.cluster_resolver else _MOST_STEPS

    def start(self, first: int) -> None:
        """Make the next epoch the one with this number, counted from 0."""
        model, dataset = self._model, self._dataset

        def trained(context: tf.distribute.InputContext) -> tf.data.Dataset:
            return training_batches(model, dataset.train, self._config, first, shares_of(context))

        def watched(context: tf.distribute.InputContext) -> tf.data.Dataset:
            return watched_batches(model, dataset.validation, shares_of(context))

        self._batches: Any = iter(self._distribute(trained))
        self._watched: Any = iter(self._distribute(watched))

    def run(self, on_batch_end: Callable[[int], object]) -> dict[str, float]:
        """Train for an epoch, then watch.

        Args:
            on_batch_end: Told the number of the last step done, counted from 0, now and then.

        Returns:
            Loss and metrics, those of the watched rows under `val_…`, and the `learning_rate` at the end.
        """
        done = 0
        while done < self.steps:
            count = min(self._per_call, self.steps - done)
            started_s = time.monotonic()
            self._devices.train(self._batches, tf.constant(count))
            if time.monotonic() - started_s < _CALL_S / 2:
                self._per_call = min(2 * self._per_call, self._most_per_call)
            done += count
            on_batch_end(done - 1)
        logs = self._devices.measures()
        self._devices.watch(self._watched, tf.constant(steps_of(len(self._dataset.validation), WATCH_ROWS)))
        logs |= {f"val_{key}": value for key, value in self._devices.measures().items()}
        return logs | {"learning_rate": float(self._model.optimizer.learning_rate.numpy())}
