"""Learning curves as a picture: the loss, then every metric, training against the rows that are watched."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from training.config import TrainingConfig
from training.report.style import BLUE, GREY, ROSE, picture

History = dict[str, list[float]]

LEARNING_RATE = "learning_rate"

_PANELS_A_ROW = 2
_PANEL_HEIGHT_INCHES = 3.2


def draw_curves(path: Path, title: str, config: TrainingConfig, history: History) -> None:
    """Write the learning curves as PNG.

    Args:
        path: The file to write.
        title: What was trained.
        config: Gives the labels of the axes, with their units.
        history: A list per loss and metric, one number per epoch; validation under `val_…`. A `learning_rate`
            that changes gets a panel of its own.
    """
    panels = {"loss": config.loss_label} | dict.fromkeys(metric_keys(config, history), config.metric_label)
    if len(set(history.get(LEARNING_RATE, ()))) > 1:
        panels[LEARNING_RATE] = "step size"
    rows = -(-len(panels) // _PANELS_A_ROW)
    with picture(path, title, _PANEL_HEIGHT_INCHES * rows) as figure:
        axes = figure.subplots(rows, _PANELS_A_ROW, squeeze=False).flatten()
        for axis, (key, label) in zip(axes, panels.items(), strict=False):
            _draw_panel(axis, key, label, config, history)
        for axis in axes[len(panels) :]:
            axis.remove()


def metric_keys(config: TrainingConfig, history: History) -> list[str]:
    """Keys of the metric in the history, one per output, as Keras names them."""
    return sorted(key for key in history if key.endswith(config.metric) and not key.startswith("val_"))


def kept_epoch(config: TrainingConfig, history: History) -> int:
    """The epoch whose weights were kept, counted from 1."""
    losses = history["val_loss"]
    return int(np.argmin(losses)) + 1 if config.keep_best else len(losses)


def _draw_panel(axis: Axes, key: str, label: str, config: TrainingConfig, history: History) -> None:
    epochs: Sequence[int] = range(1, len(history[key]) + 1)
    marker = "o" if len(epochs) <= 25 else ""
    name = "training (mean over the epoch)" if f"val_{key}" in history else None
    axis.plot(epochs, history[key], color=BLUE, marker=marker, markersize=3, label=name)
    if name:
        watched = history[f"val_{key}"]
        axis.plot(epochs, watched, color=ROSE, marker=marker, markersize=3, linestyle="--", label=config.watched)
        if config.keep_best:
            kept = kept_epoch(config, history)
            axis.axvline(kept, color=GREY, linewidth=1, linestyle=":", label=f"epoch kept: {kept}")
        axis.legend()
    else:
        axis.set_ylim(bottom=0)
    axis.set_title(key.removesuffix(f"_{config.metric}").replace("_", " "))
    axis.set_xlabel("epoch")
    axis.set_ylabel(label)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
