"""Batches by `tf.data`, made beside the training step so that the device never waits, and the same in every run.

The order of an epoch follows from (seed, epoch) and how its images move from (seed, epoch, step), so an epoch is the
same whether the run began before it or with it. Nothing is done row by row: a batch is one gather of slices.

Several devices share each batch: every share is made as if the whole batch were.
"""

from dataclasses import dataclass
from typing import TypeAlias

import keras
import tensorflow as tf

from training.config import TrainingConfig
from training.datasets.dataset import Rows
from training.export import input_names, output_names
from training.fitting import augmentation

Batch: TypeAlias = tuple[tuple[tf.Tensor, ...], tuple[tf.Tensor, ...], tf.Tensor]
"""Inputs and targets in the model's order, and the weight of the share: its rows by the mean rows of a share."""

WATCH_ROWS = 4_096
"""Rows per batch where no gradient is needed."""


@dataclass(frozen=True)
class Shares:
    """Into how many shares each batch is cut, and which of them are made here, one after the other.

    Attributes:
        total: Shares of a batch, one for each device.
        first: The first share made here.
        here: How many are made here.
    """

    total: int = 1
    first: int = 0
    here: int = 1


def steps_of(rows: int, batch_rows: int) -> int:
    """Batches that hold all rows; the last may hold fewer."""
    return -(-rows // batch_rows)


def training_batches(
    model: keras.Model, rows: Rows, config: TrainingConfig, first_epoch: int, shares: Shares
) -> tf.data.Dataset:
    """The batches of all epochs from `first_epoch` (counted from 0) on, without end; each epoch has all rows once."""
    inputs, targets = _tensors(model, rows)
    steps = steps_of(len(rows), config.batch_rows)

    def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        seed = tf.stack([tf.constant(config.seed, tf.int64), epoch])
        order = tf.random.experimental.stateless_shuffle(tf.range(len(rows), dtype=tf.int64), seed)

        def batch(number: tf.Tensor) -> Batch:
            step, share = number // shares.here, shares.first + number % shares.here
            start = step * config.batch_rows
            stop = tf.minimum(start + config.batch_rows, len(rows))
            low, high = _share(start, stop, share, shares)
            chosen = _take(inputs, order[low:high])
            if config.augmentation:
                drawn = augmentation.draw(tf.random.experimental.stateless_fold_in(seed, step), stop - start)
                move = augmentation.move
                chosen = tuple(move(one, drawn[low - start : high - start], config.augmentation) for one in chosen)
            return chosen, _take(targets, order[low:high]), _weight(start, stop, low, high, shares)

        return tf.data.Dataset.range(steps * shares.here).map(
            batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )

    return tf.data.Dataset.counter(first_epoch).flat_map(epoch_batches).apply(_endless)


def watched_batches(model: keras.Model, rows: Rows, shares: Shares) -> tf.data.Dataset:
    """All rows in their order, again and again, in `steps_of(len(rows), WATCH_ROWS)` batches of nearly equal size."""
    inputs, targets = _tensors(model, rows)
    steps = steps_of(len(rows), WATCH_ROWS)

    def batch(number: tf.Tensor) -> Batch:
        step, share = number // shares.here, shares.first + number % shares.here
        start, stop = step * len(rows) // steps, (step + 1) * len(rows) // steps
        low, high = _share(start, stop, share, shares)
        return (
            tuple(tensor[low:high] for tensor in inputs),
            tuple(tensor[low:high] for tensor in targets),
            _weight(start, stop, low, high, shares),
        )

    return tf.data.Dataset.range(steps * shares.here).map(batch).repeat().apply(_endless)


def _tensors(model: keras.Model, rows: Rows) -> tuple[tuple[tf.Tensor, ...], tuple[tf.Tensor, ...]]:
    # `tf.data` works on the CPU; tensors elsewhere would be copied back for every batch.
    with tf.device("CPU:0"):
        return (
            tuple(tf.constant(rows.inputs[name]) for name in input_names(model)),
            tuple(tf.constant(rows.target(name)) for name in output_names(model)),
        )


def _take(tensors: tuple[tf.Tensor, ...], rows: tf.Tensor) -> tuple[tf.Tensor, ...]:
    return tuple(tf.gather(tensor, rows) for tensor in tensors)


def _share(start: tf.Tensor, stop: tf.Tensor, share: tf.Tensor, shares: Shares) -> tuple[tf.Tensor, tf.Tensor]:
    length = stop - start
    return start + length * share // shares.total, start + length * (share + 1) // shares.total


def _weight(start: tf.Tensor, stop: tf.Tensor, low: tf.Tensor, high: tf.Tensor, shares: Shares) -> tf.Tensor:
    return tf.cast((high - low) * shares.total, tf.float32) / tf.cast(stop - start, tf.float32)


def _endless(batches: tf.data.Dataset) -> tf.data.Dataset:
    # Of a data set that may end, several workers would ask one another at every step whether it has.
    return batches.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)).prefetch(4)
