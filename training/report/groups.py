"""Where a regressor errs: mean error by every field that the test rows were grouped by, and how many rows tell so."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from training.report.style import BLUE, GREY, ROSE, picture

Table = Sequence[dict[str, Any]]

_ERROR = "_mae_min"
_BIAS = "_bias_min"
_PANEL_INCHES = 1.9
_PANELS_A_ROW = 2
_NARROWEST = 6
"""A table of few rows is drawn as wide as one of so many, so that its title has room."""


def draw_groups(path: Path, title: str, tables: Mapping[str, Table]) -> None:
    """Write a column of panels per table: the errors of every target, then the rows of every group, as PNG.

    Args:
        path: The file to write.
        title: Of what.
        tables: By what was grouped, such as `carrier`: rows with `value`, `rows`, and for every target
            `TARGET_mae_min` and `TARGET_bias_min` in minutes.
    """
    names = list(tables)
    bands = [names[start : start + _PANELS_A_ROW] for start in range(0, len(names), _PANELS_A_ROW)]
    targets = [key.removesuffix(_ERROR) for key in tables[names[0]][0] if key.endswith(_ERROR)]
    height = (_PANEL_INCHES * len(targets) + 1.4) * len(bands) + 0.4
    with picture(path, title, height) as figure:
        for part, band in zip(figure.subfigures(len(bands), 1, squeeze=False)[:, 0], bands, strict=True):
            handles = _draw_band(part, targets, {name: tables[name] for name in band})
        figure.legend(*handles, loc="outside lower center", ncols=2)


def _draw_band(figure: SubFigure, targets: list[str], tables: Mapping[str, Table]) -> tuple[Any, Any]:
    """Draw some tables beside each other; returns what belongs into a legend."""
    heights = [*(1 for _ in targets), 0.4]
    widths = [max(len(table), _NARROWEST) for table in tables.values()]
    axes = figure.subplots(
        len(heights),
        len(tables),
        squeeze=False,
        sharex="col",
        sharey="row",
        height_ratios=heights,
        width_ratios=widths,
    )
    for column, (name, table) in enumerate(tables.items()):
        for axis, target in zip(axes[:-1, column], targets, strict=True):
            _draw_errors(axis, target, table)
        _draw_rows(axes[-1, column], name, table)
    for axis in axes[:-1, 0]:
        axis.set_ylabel("error (min)")
    axes[-1, 0].set_ylabel("test rows")
    axes[-1, 0].set_ylim(bottom=0.8)  # once all bars of the band are there, or they would be cut off
    handles: tuple[Any, Any] = axes[0, 0].get_legend_handles_labels()
    return handles


def _draw_errors(axis: Axes, target: str, table: Table) -> None:
    places = range(len(table))
    biases = [row[f"{target}{_BIAS}"] for row in table]
    axis.bar(places, [row[f"{target}{_ERROR}"] for row in table], color=BLUE, label="mean absolute error")
    axis.plot(places, biases, "D", color=ROSE, markersize=4, label="mean error (answer - truth)")
    axis.axhline(0, color=GREY, linewidth=1)
    axis.grid(visible=False, axis="x")
    axis.set_title(target.replace("_", " "))


def _draw_rows(axis: Axes, name: str, table: Table) -> None:
    axis.bar(range(len(table)), [row["rows"] for row in table], color=GREY)
    axis.set_yscale("log")
    axis.grid(visible=False, axis="x")
    axis.set_xticks(range(len(table)), [str(row["value"]) for row in table], fontsize="small")
    axis.set_xlabel(name.replace("_", " "))
