"""Whether tensors in an answer are the right ones: equal to the stored ones, or at least possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Rows, Tensor

RANGES = {"probabilities": (0.0, 1.0), "probability": (0.0, 1.0)}
"""Least and greatest value of outputs whose name says what they are; of all others, any finite number."""
SUM_ATOL = 1e-3
"""How far the sum of all probabilities may lie from one; wider than any engine's rounding, narrower than any mix-up."""


def check_outputs(received: Mapping[str, Any], examples: Examples, rows: Rows) -> None:
    """Hold the outputs of an answer against what is known of them.

    Args:
        received: Every output by name, as nested lists with one entry a row.
        examples: Where the rows came from.
        rows: Which of them were sent, in order.

    Raises:
        WrongAnswer: Names the first place that does not fit.
    """
    names = [tensor.name for tensor in examples.outputs]
    if set(received) != set(names):
        raise WrongAnswer.at(f"the outputs {names}", sorted(received))
    for tensor in examples.outputs:
        array = read_array(received[tensor.name], tensor, len(rows))
        if examples.goldens:
            check_close(array, examples.goldens[tensor.name][rows], tensor, rows)
        else:
            check_possible(array, tensor)


def read_array(value: Any, tensor: Tensor, rows: int) -> NDArray[Any]:
    """Nested lists as an array of the shape that the output must have.

    Raises:
        WrongAnswer: Another shape, another count of rows, or something that is no number.
    """
    shape = (rows, *tensor.shape)
    try:
        array = np.asarray(value)
    except ValueError:
        raise WrongAnswer.at(f"{tensor.name} of shape {list(shape)}", "rows of different lengths") from None
    if array.shape != shape:
        raise WrongAnswer.at(f"{tensor.name} of shape {list(shape)}", f"shape {list(array.shape)}")
    kinds = "b" if tensor.datatype == "BOOL" else "iuf"
    if array.dtype.kind not in kinds:
        raise WrongAnswer.at(f"numbers of {tensor.datatype} in {tensor.name}", array.ravel()[0])
    return array


def check_close(array: NDArray[Any], goldens: NDArray[Any], tensor: Tensor, rows: Rows) -> None:
    """Hold an output against the stored one: |answer - stored| <= atol + rtol · |stored|.

    Args:
        array: What came, shape [rows, …].
        goldens: What was stored, in the same shape.
        tensor: The output.
        rows: Positions of the examples that were sent, for the message.

    Raises:
        WrongAnswer: Names the first element that lies too far away.
    """
    stored = goldens.astype(np.float64)
    allowed = tensor.atol + tensor.rtol * np.abs(stored)
    # written so that a NaN is far from everything
    far = ~(np.abs(array.astype(np.float64) - stored) <= allowed)
    if far.any():
        place = tuple(int(index) for index in np.argwhere(far)[0])
        shown = tensor.name + "".join(f"[{index}]" for index in place)
        raise WrongAnswer.at(
            f"{shown} = {goldens[place]} ± {allowed[place]:.2g} for example {rows[place[0]]}", array[place]
        )


def check_possible(array: NDArray[Any], tensor: Tensor) -> None:
    """Hold an output without a stored answer against what its name promises.

    Raises:
        WrongAnswer: A number is not finite or out of range, or probabilities do not add up to one.
    """
    low, high = RANGES.get(tensor.name, (-np.inf, np.inf))
    values = array.astype(np.float64)
    wrong = ~(np.isfinite(values) & (values >= low) & (values <= high))
    if wrong.any():
        raise WrongAnswer.at(f"finite numbers of {low} to {high} in {tensor.name}", values[wrong][0])
    if tensor.name == "probabilities":
        sums = values.reshape(len(values), -1).sum(axis=1)
        if (np.abs(sums - 1) > SUM_ATOL).any():
            raise WrongAnswer.at(f"{tensor.name} that add up to 1", sums[np.argmax(np.abs(sums - 1))])
