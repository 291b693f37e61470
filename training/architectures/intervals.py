"""A number with the interval around it that shall hold the truth four times in five.

    low  = answer - exp(a)        a tenth of the truths lies below
    high = answer + exp(b)        a tenth lies above

The widths are learned by the pinball loss and then made right on rows that training has not seen.

References:
    Koenker, Bassett: *Regression Quantiles*, https://doi.org/10.2307/1913643, 1978.
    Romano, Patterson, Candès: *Conformalized Quantile Regression*, https://arxiv.org/abs/1905.03222, 2019.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from training.datasets.dataset import INTERVAL, Dataset

TAIL_SHARE = 0.1
"""Share of the truths that shall lie below the interval, and above it."""

_HIDDEN_UNITS = 64


def with_interval(tensor: keras.KerasTensor, name: str, dataset: Dataset) -> dict[str, keras.KerasTensor]:
    """The answer `name`, and `NAME_interval` if the signature has it, by output name.

    Args:
        tensor: What the answer is drawn from, shape (rows, some).
        name: The target.
        dataset: Mean and deviation of its training rows; the signature.

    Returns:
        float32, shape (rows, 1); and shape (rows, 2), low and high.
    """
    target = dataset.train.targets[name]
    # One linear unit, stretched to the spread of its target, so that all targets are learned alike fast.
    unit = keras.layers.Dense(1, dtype="float32", name=f"{name}_scaled")(tensor)
    answer = keras.layers.Rescaling(float(target.std()), float(target.mean()), dtype="float32", name=name)(unit)
    if f"{name}{INTERVAL}" not in [output.name for output in dataset.signature.outputs]:
        return {name: answer}
    # The widths learn from what the answer has learned, and do not disturb it.
    given = ops.stop_gradient(tensor)
    hidden = keras.layers.Dense(_HIDDEN_UNITS, "relu", kernel_initializer="he_normal", name=f"{name}_doubt")(given)
    widths = keras.layers.Dense(
        2,
        "exponential",
        dtype="float32",
        kernel_initializer="zeros",
        bias_initializer=keras.initializers.Constant(math.log(float(target.std()) / 2)),
        name=_widths(name),
    )(hidden)
    signed = keras.layers.Rescaling([-1.0, 1.0], dtype="float32", name=f"{name}_signed_widths")(widths)
    interval = keras.layers.Add(dtype="float32", name=f"{name}{INTERVAL}")([ops.stop_gradient(answer), signed])
    return {name: answer, f"{name}{INTERVAL}": interval}


def scale_widths(model: keras.Model, name: str, low: float, high: float) -> None:
    """Multiply the widths below and above the answer `name`, in the weights of `model`."""
    layer = model.get_layer(_widths(name))
    layer.bias.assign(np.asarray(layer.bias) + np.log(np.array([low, high], np.float32)))


def pinball(truth: Any, interval: Any) -> Any:
    """The pinball loss of both ends of an interval, mean over rows and ends; smallest if each end is its quantile.

    loss = q * max(truth - end, 0) + (1 - q) * max(end - truth, 0), q = 0.1 for the low end and 0.9 for the high one.

    Args:
        truth: float32, shape (rows, 1) or (rows,).
        interval: float32, shape (rows, 2).

    Returns:
        float32, shape (rows,).
    """
    over = ops.reshape(truth, (-1, 1)) - interval
    share = ops.convert_to_tensor([TAIL_SHARE, 1 - TAIL_SHARE], dtype=over.dtype)
    return ops.mean(ops.maximum(share * over, (share - 1) * over), axis=-1)


def _widths(name: str) -> str:
    return f"{name}_widths"
