"""What is set right on the validation rows once the weights are fitted: probabilities, and the width of intervals.

Both are a change of the last layer's weights, so every exported format has it.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.architectures.intervals import TAIL_SHARE, scale_widths
from training.datasets.dataset import INTERVAL, Answers, Rows
from training.evaluation.calibration import fit_temperature
from training.evaluation.conformal import tail_scales


def calibrate(model: keras.Model, rows: Rows, answers: Answers) -> list[str]:
    """Set right what the validation rows show to be askew.

    Args:
        model: Its weights are changed.
        rows: The validation rows.
        answers: The model's answers to them, by output name.

    Returns:
        A sentence for each change, for the model card.
    """
    remarks = []
    for name in rows.targets:
        layer = model.get_layer(name)
        if isinstance(layer, keras.layers.Dense) and layer.activation is keras.activations.softmax:
            remarks.append(_set_temperature(layer, rows.targets[name], answers[name]))
        if (interval := f"{name}{INTERVAL}") in answers:
            remarks.append(_set_widths(model, name, rows.targets[name], answers[name][:, 0], answers[interval]))
    return remarks


def _set_temperature(layer: Any, truth: NDArray[Any], probabilities: NDArray[np.float32]) -> str:
    """Divide the logits, which are linear in the weights, by the temperature."""
    temperature = fit_temperature(probabilities, truth)
    for weight in layer.weights:
        weight.assign(np.asarray(weight) / np.float32(temperature))
    how = "less" if temperature > 1 else "more"
    return (
        f"Temperature scaling, fitted on the {len(truth):,} validation rows: logits are divided by {temperature:.3f}, "
        f"which makes the probabilities {how} sure and leaves every answer's order as it was."
    )


def _set_widths(
    model: keras.Model,
    name: str,
    truth: NDArray[Any],
    answer: NDArray[np.float32],
    interval: NDArray[np.float32],
) -> str:
    low, high = tail_scales(truth, answer, interval[:, 0], interval[:, 1], TAIL_SHARE)
    scale_widths(model, name, low, high)
    return (
        f"The interval of {name.replace('_', ' ')} was widened {low:.3f} times downwards and {high:.3f} times upwards, "
        f"so that a tenth of the {len(truth):,} validation rows lies on either side of it."
    )
