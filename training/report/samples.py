"""A grid of real test images: what the model got wrong with the most confidence, then what it got right."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from numpy.typing import NDArray

from training.datasets.dataset import Rows
from training.report.style import picture

_COLUMNS = 10
_WORST_ROWS = 2
_ROW_INCHES = 1.32

Images = list[tuple[NDArray[np.uint8], str] | None]
"""Pixels and caption; None leaves a gap."""


def draw_samples(
    path: Path, title: str, rows: Rows, probabilities: NDArray[np.float32], labels: tuple[str, ...] | tuple[int, ...]
) -> None:
    """Write the grid as PNG.

    Args:
        path: The file to write.
        title: Of what.
        rows: The test rows: one input of shape (rows, height, width), uint8; one target, class numbers.
        probabilities: Shape (rows, classes).
        labels: By class number.
    """
    ((pixels,), (truth,)) = (list(part.values()) for part in (rows.inputs, rows.targets))
    wrong, right = worst_mistakes(truth, probabilities), first_right(truth, probabilities)
    chosen = probabilities.argmax(axis=1)

    def caption(row: int) -> str:
        answer = "" if chosen[row] == truth[row] else f"\n→ {labels[chosen[row]]}"
        return f"{labels[truth[row]]}{answer}\n{100 * probabilities[row].max():.2f} %"

    def images(positions: list[int]) -> Images:
        return [(pixels[row], caption(row)) if row >= 0 else None for row in positions]

    worst = wrong[: _COLUMNS * _WORST_ROWS]
    heights = [-(-max(len(worst), 1) // _COLUMNS), -(-len(right) // _COLUMNS)]
    with picture(path, title, _ROW_INCHES * sum(heights) + 1) as figure:
        top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
        share = f"{len(wrong):,} of {len(truth):,} test images are mistaken; those with the highest probability first"
        _draw_grid(top, f"Mistakes: label → answer, probability. {share}", images(worst))
        _draw_grid(bottom, "Right answers: the first of each label among the test images", images(right))


def worst_mistakes(truth: NDArray[Any], probabilities: NDArray[np.float32]) -> list[int]:
    """Positions of all wrong answers, those given with the highest probability first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != truth)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return [int(row) for row in wrong[order]]


def first_right(truth: NDArray[Any], probabilities: NDArray[np.float32]) -> list[int]:
    """Position of the first right answer of every class; -1 for a class that is never answered rightly."""
    right = probabilities.argmax(axis=1) == truth
    found = [np.flatnonzero(right & (truth == number)) for number in range(probabilities.shape[1])]
    return [int(rows[0]) if len(rows) else -1 for rows in found]


def _draw_grid(figure: SubFigure, title: str, images: Images) -> None:
    figure.suptitle(title, fontsize="medium")
    axes = figure.subplots(-(-max(len(images), 1) // _COLUMNS), _COLUMNS, squeeze=False).flatten()
    for axis, image in zip(axes, [*images, *[None] * (len(axes) - len(images))], strict=True):
        axis.set_axis_off()
        if image:
            _draw_image(axis, *image)


def _draw_image(axis: Axes, pixels: NDArray[np.uint8], caption: str) -> None:
    axis.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_title(caption, fontsize=8)
