"""Training steps on every device of a strategy at once, so that the result is that of one device.

Each device takes its share of a batch. Keras gives the mean loss over the share, divided by the number of devices;
times the weight of the share (its rows by the mean rows of a share) these add up to the mean over the whole batch,
however unevenly it is cut. So do the gradients, which Keras' optimizer sums over the devices before it steps.

Keras' own `fit` does the first without the second, and fails with several workers.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from training.datasets.dataset import Rows
from training.export import output_names


class Steps:
    """The steps of one model.

    Args:
        model: Compiled, and built under the scope of the strategy.
        strategy: Its devices.
    """

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy) -> None:
        self._model = model
        self._strategy = strategy
        (self._loss,) = (metric for metric in model.metrics if metric.name == "loss")

    def build(self, rows: Rows) -> None:
        """Make the variables of optimizer and metrics, which would otherwise be made within the first step.

        Args:
            rows: Tell dtypes and shapes of the targets.
        """
        targets = [rows.target(name) for name in output_names(self._model)]
        symbols = [keras.KerasTensor((None, *array.shape[1:]), array.dtype.name) for array in targets]
        with self._strategy.scope():
            # Keras has no public name for what its own `fit` calls here.
            self._model._symbolic_build(data_batch=(_as_argument(self._model.inputs), symbols))

    @tf.function  # type: ignore[untyped-decorator]
    def train(self, batches: Any, count: tf.Tensor) -> None:
        """Fit the weights to the next `count` batches."""
        for _ in tf.range(count):
            self._strategy.run(self._train_on_share, next(batches))

    @tf.function  # type: ignore[untyped-decorator]
    def watch(self, batches: Any, count: tf.Tensor) -> None:
        """Take loss and metrics of the next `count` batches."""
        for _ in tf.range(count):
            self._strategy.run(self._watch_share, next(batches))

    def measures(self) -> dict[str, float]:
        """Loss and metrics of all batches since the last call, over all devices."""
        results = {name: float(value) for name, value in self._model.get_metrics_result().items()}
        self._model.reset_metrics()
        return results

    def _train_on_share(self, inputs: Any, targets: Any, weight: tf.Tensor) -> None:
        weights = self._model.trainable_variables
        with tf.GradientTape() as tape:
            answers = self._model(_as_argument(inputs), training=True)
            loss = self._model.compute_loss(y=list(targets), y_pred=answers)
            scaled = self._model.optimizer.scale_loss(loss * weight)
        self._model.optimizer.apply(tape.gradient(scaled, weights), weights)
        self._note(inputs, targets, answers, loss)

    def _watch_share(self, inputs: Any, targets: Any, _: tf.Tensor) -> None:
        answers = self._model(_as_argument(inputs), training=False)
        loss = self._model.compute_loss(y=list(targets), y_pred=answers, training=False)
        self._note(inputs, targets, answers, loss)

    def _note(self, inputs: Any, targets: Any, answers: Any, loss: tf.Tensor) -> None:
        mean = loss * self._strategy.num_replicas_in_sync
        self._loss.update_state(mean, sample_weight=tf.shape(targets[0])[0])
        self._model.compute_metrics(_as_argument(inputs), list(targets), answers)


def _as_argument(inputs: Sequence[tf.Tensor]) -> Any:
    # A model built on one tensor wants that tensor, not a list of one.
    return list(inputs) if len(inputs) > 1 else inputs[0]
