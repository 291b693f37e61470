"""What a regressor answered against what was true, and how its errors are spread."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.report.style import BLUE, DENSITY, GREY, ROSE, picture

_ROW_INCHES = 3.7
_SHOWN_PERCENT = (0.1, 99.9)
"""Percentiles that the panels reach to: a single flight that is a day late would press all others into a corner."""

Pairs = dict[str, tuple[NDArray[Any], NDArray[Any]]]
"""By target: the true values and the answers, shape (rows,) each."""


def draw_residuals(path: Path, title: str, pairs: Pairs, units: dict[str, str]) -> None:
    """Write, for every target, the density of answer against truth and a histogram of the errors as PNG.

    Args:
        path: The file to write.
        title: Of what.
        pairs: Truth and answers of the test rows.
        units: By target.
    """
    with picture(path, title, _ROW_INCHES * len(pairs) + 0.4) as figure:
        axes = figure.subplots(len(pairs), 2, squeeze=False, width_ratios=(1.25, 1))
        for (density, histogram), (target, (truth, answers)) in zip(axes, pairs.items(), strict=True):
            _draw_density(figure, density, target, units[target], truth, answers)
            _draw_histogram(histogram, target, units[target], answers - truth)


def _draw_density(
    figure: Figure, axis: Axes, target: str, unit: str, truth: NDArray[Any], answers: NDArray[Any]
) -> None:
    lowest, highest = np.percentile(truth, _SHOWN_PERCENT)
    extent = (lowest, highest, lowest, highest)
    bins = axis.hexbin(truth, answers, gridsize=60, bins="log", mincnt=1, extent=extent, cmap=DENSITY, linewidths=0.1)
    figure.colorbar(bins, ax=axis, label="test rows")
    axis.plot([lowest, highest], [lowest, highest], color=ROSE, linestyle="--", label="answer = truth")
    axis.set_xlim(lowest, highest)
    axis.set_ylim(lowest, highest)
    axis.legend(loc="upper left")
    name = target.replace("_", " ")
    axis.set_title(name)
    axis.set_xlabel(f"true {name} ({unit})")
    axis.set_ylabel(f"answer ({unit})")


def _draw_histogram(axis: Axes, target: str, unit: str, errors: NDArray[Any]) -> None:
    lowest, highest = np.percentile(errors, _SHOWN_PERCENT)
    axis.hist(errors, bins=80, range=(lowest, highest), color=BLUE)
    axis.axvline(0, color=GREY, linewidth=1, linestyle="--", label="no error")
    axis.axvline(float(np.median(errors)), color=ROSE, label=f"median {np.median(errors):+.1f} {unit}")
    axis.set_xlim(lowest, highest)
    axis.legend(loc="upper left")
    axis.set_title(f"error of the {target.replace('_', ' ')}")
    axis.set_xlabel(f"answer - truth ({unit})")
    axis.set_ylabel("test rows")
