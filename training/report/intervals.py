"""Whether the intervals of a regressor hold the truth as often as they say, for small answers and for large ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.report.style import BLUE, GREY, picture

_PARTS = 10
_ROW_INCHES = 2.9

Ends = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""True values, shape (rows,); answers, shape (rows,); intervals, shape (rows, 2), low and high."""


def draw_intervals(path: Path, title: str, targets: dict[str, Ends], units: dict[str, str], level: float) -> None:
    """Write, for every target, coverage and width of the intervals by the size of the answer as PNG.

    Args:
        path: The file to write.
        title: Of what.
        targets: Truth, answers and intervals of the test rows.
        units: By target.
        level: The share of the truths that intervals shall hold, 0 to 1.
    """
    with picture(path, title, _ROW_INCHES * len(targets) + 0.4) as figure:
        axes = figure.subplots(len(targets), 2, squeeze=False)
        for (coverage, width), (target, (truth, answers, ends)) in zip(axes, targets.items(), strict=True):
            unit, name = units[target], target.replace("_", " ")
            middles, held, widths = by_size(truth, answers, ends)
            coverage.plot(middles, held, color=BLUE, marker="o", markersize=5, label="held")
            coverage.axhline(level, color=GREY, linestyle="--", linewidth=1, label=f"promised: {100 * level:.0f} %")
            coverage.set_ylim(0, 1.02)
            coverage.set_ylabel("share of truths in the interval")
            coverage.legend(loc="lower right")
            width.plot(middles, widths, color=BLUE, marker="o", markersize=5)
            width.set_ylim(bottom=0)
            width.set_ylabel(f"median width ({unit})")
            for axis in (coverage, width):
                axis.set_title(name)
                axis.set_xlabel(f"answer ({unit}), a tenth of the test rows each")


def by_size(
    truth: NDArray[Any], answers: NDArray[Any], ends: NDArray[Any]
) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
    """Median answer, share of truths held, and median width, of the rows cut into ten equal parts by the answer."""
    parts = np.array_split(np.argsort(answers, kind="stable"), min(_PARTS, len(answers)))
    held = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    widths = ends[:, 1] - ends[:, 0]
    middles, widest = ([float(np.median(values[part])) for part in parts] for values in (answers, widths))
    return middles, [float(held[part].mean()) for part in parts], widest
