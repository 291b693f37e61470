"""Learning curves as a picture: one panel for the loss, one per metric, training against validation."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.config import TrainingConfig

History = dict[str, list[float]]

TRAINING_COLOUR = "#4477aa"
VALIDATION_COLOUR = "#cc6677"
"""Two colours of Tol's "muted" set, which differ in hue and in brightness for any eye.

References:
    Tol: *Colour Schemes*, https://personal.sron.nl/~pault/data/colourschemes.pdf, 2021.
"""

STYLE: dict[str, Any] = {
    "figure.dpi": 120,
    "font.size": 10,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}

_PANEL_INCHES = (4.6, 3.4)


def draw_curves(path: Path, title: str, config: TrainingConfig, history: History) -> None:
    """Write the learning curves as PNG.

    Args:
        path: The file to write.
        title: What was trained.
        config: Gives the labels of the axes, with their units.
        history: A list per loss and metric, one number per epoch; validation under `val_…`.
    """
    panels = {"loss": config.loss_label} | dict.fromkeys(metric_keys(config, history), config.metric_label)
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]  # its stubs want every key as a literal
        figure = Figure(figsize=(_PANEL_INCHES[0] * len(panels), _PANEL_INCHES[1]), layout="constrained")
        figure.suptitle(title)
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axis, (key, label) in zip(axes, panels.items(), strict=True):
            _draw_panel(axis, key, label, config, history)
        figure.savefig(path)


def metric_keys(config: TrainingConfig, history: History) -> list[str]:
    """Keys of the metric in the history, one per output, as Keras names them."""
    return sorted(key for key in history if key.endswith(config.metric) and not key.startswith("val_"))


def _draw_panel(axis: Axes, key: str, label: str, config: TrainingConfig, history: History) -> None:
    epochs = range(1, len(history[key]) + 1)
    marker = "o" if len(epochs) <= 25 else ""
    axis.plot(
        epochs, history[key], color=TRAINING_COLOUR, marker=marker, markersize=3, label="training (mean over the epoch)"
    )
    axis.plot(
        epochs,
        history[f"val_{key}"],
        color=VALIDATION_COLOUR,
        marker=marker,
        markersize=3,
        linestyle="--",
        label=config.watched,
    )
    axis.set_title(key.removesuffix(f"_{config.metric}").replace("_", " "))
    axis.set_xlabel("epoch")
    axis.set_ylabel(label)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend()
