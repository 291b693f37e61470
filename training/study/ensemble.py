"""Many nets of one shape, trained at once as one network whose arrays have one more axis: the net.

The loss is the sum of the nets' losses, so the gradient of each net is its own, and an optimizer that works
element by element, as Adam does, gives every net the updates of a run by itself.
"""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from training.datasets.dataset import Rows
from training.errors import TrainingError

Build = Callable[[], keras.Model]
"""Gives a model of dense layers with one output, compiled with a list of one loss; its weights are drawn."""


class Ensemble:
    """Nets that differ in nothing but their seed.

    Net i starts from what `build` draws after `keras.utils.set_random_seed(seeds[i])`: it is the very net that a
    run of this seed trains.
    """

    def __init__(self, build: Build, seeds: Iterable[int]) -> None:
        """Build one model after the other and keep their weights.

        Args:
            build: Called once per seed.
            seeds: At least one.

        Raises:
            TrainingError: If a layer is not dense.
        """
        drawn = []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            model = build()
            drawn.append(model.get_weights())
        self._activations = [_activation(layer) for layer in model.layers]
        self._loss = keras.losses.get(*model.loss)
        self._variables = [keras.Variable(np.stack(arrays)) for arrays in zip(*drawn, strict=True)]
        self._optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        self._optimizer.build(self._variables)

    def fit(self, rows: Rows, epochs: Iterable[int]) -> NDArray[np.bool_]:
        """Train every net on all rows, in one batch an epoch.

        Args:
            rows: One input, float32, shape (rows, features); one target, float32, shape (rows,), 0 or 1.
            epochs: Each is an update.

        Returns:
            Shape (epochs + 1, nets): whether a net has all rows right before its first update, before its second, …,
            and after its last. Keras, too, reports the accuracy of an epoch as it was before the update.
        """
        (inputs,), (targets,) = rows.inputs.values(), rows.targets.values()
        update = tf.function(lambda: self._update(inputs, targets[:, None]))
        right = [update().numpy() for _ in epochs]
        return np.stack([*right, _all_right(self._answers(inputs), targets[:, None]).numpy()])

    def weights(self, net: int) -> list[NDArray[np.float32]]:
        """The weights of net number `net`, in the order of its model's `get_weights`."""
        return [variable.numpy()[net] for variable in self._variables]

    def _update(self, inputs: NDArray[Any], targets: NDArray[Any]) -> tf.Tensor:
        with tf.GradientTape() as tape:
            answers = self._answers(inputs)
            loss = ops.sum(ops.mean(self._loss(targets[None], answers), axis=1))
        self._optimizer.apply(tape.gradient(loss, [variable.value for variable in self._variables]))
        return _all_right(answers, targets)

    def _answers(self, inputs: NDArray[Any]) -> tf.Tensor:
        """Of every net to every row, shape (nets, rows, 1)."""
        tensor = inputs[None]
        kernels, biases = self._variables[::2], self._variables[1::2]
        for activation, kernel, bias in zip(self._activations, kernels, biases, strict=True):
            tensor = activation(ops.matmul(tensor, kernel) + ops.expand_dims(bias, 1))
        return tensor


def _activation(layer: keras.layers.Layer) -> Callable[[tf.Tensor], tf.Tensor]:
    if not (isinstance(layer, keras.layers.Dense) and layer.use_bias):
        raise TrainingError(f"Expected dense layers with biases. Received {type(layer).__name__} {layer.name!r}.")
    activation: Callable[[tf.Tensor], tf.Tensor] = layer.activation
    return activation


def _all_right(answers: tf.Tensor, targets: NDArray[Any]) -> tf.Tensor:
    """Whether each net is right on every row, by the threshold of Keras' binary accuracy; shape (nets,)."""
    return ops.all((answers > 0.5) == (targets > 0.5), axis=(1, 2))
