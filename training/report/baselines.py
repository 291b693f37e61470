"""The model beside its baselines, each with its 95 % interval: bars that overlap are not told apart by these rows."""

from pathlib import Path

from matplotlib.axes import Axes

from training.evaluation.evaluation import Evaluation
from training.report.style import BLUE, GREY, picture

_SHOWN = {"accuracy": "accuracy (share of rows)", "log_loss": "log loss (nats)", "mae_min": "mean absolute error (min)"}
"""Metrics that get a panel, by the end of their key, and what stands at their axis."""

MODEL = "model"
"""Name of the model in the table of contenders."""


def draw_baselines(path: Path, title: str, evaluation: Evaluation) -> None:
    """Write a panel per metric, with a dot and an interval for every contender, as PNG.

    Args:
        path: The file to write.
        title: Of what.
        evaluation: Its table `baselines` has a row for the model, then one for each contender.
    """
    table = evaluation.tables["baselines"]
    panels = {key: label for key in table[0] for end, label in _SHOWN.items() if key.endswith(end)}
    with picture(path, title, 1.5 + 0.42 * len(table)) as figure:
        axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        for axis, (key, label) in zip(axes, panels.items(), strict=True):
            for place, row in enumerate(reversed(table)):
                interval = evaluation.intervals.get(metric_of(evaluation, row["contender"], key))
                _draw_contender(axis, place, row[key], interval, BLUE if row["contender"] == MODEL else GREY)
            axis.set_yticks(range(len(table)), [row["contender"].replace("_", " ") for row in reversed(table)])
            axis.set_ylim(-0.6, len(table) - 0.4)
            axis.margins(x=0.12)
            axis.set_xlabel(label)
            axis.set_title(_target(key))


def metric_of(evaluation: Evaluation, contender: str, column: str) -> str:
    """Key in `metrics` of a column of the table of contenders."""
    if contender != MODEL:
        return f"{contender}_{column}"
    return column if column in evaluation.metrics else f"test_{column}"


def _draw_contender(axis: Axes, place: int, value: float, interval: tuple[float, float] | None, colour: str) -> None:
    if interval:
        axis.plot(interval, [place, place], color=colour, linewidth=3, solid_capstyle="butt", alpha=0.6)
    axis.plot([value], [place], color=colour, marker="o", markersize=6)
    axis.annotate(f"{value:#.4g}", (value, place), (0, 6), textcoords="offset points", ha="center", fontsize="small")


def _target(key: str) -> str:
    return next(key.removesuffix(end).strip("_").replace("_", " ") for end in _SHOWN if key.endswith(end))
