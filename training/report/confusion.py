"""Which label is taken for which: a matrix of counts, coloured by the share of the true label's rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import PowerNorm

from training.report.style import SHARE, picture

_INCHES_A_LABEL = 0.5
_MARGIN_INCHES = 2.2
_UPRIGHT_LETTERS = 5
"""Labels of more letters would run into each other unless they are turned."""

_WHITE_FROM = 0.3
"""From this share on a cell is so dark that its count must be white."""


def draw_confusion(path: Path, title: str, table: Sequence[dict[str, Any]]) -> None:
    """Write the matrix as PNG.

    Args:
        path: The file to write.
        title: Of what.
        table: A row per true label: `truth`, then the count of test rows for every answer, in the same order.
    """
    truths = [str(row["truth"]) for row in table]
    counts = np.array([list(row.values())[1:] for row in table], dtype=np.int64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = _MARGIN_INCHES + _INCHES_A_LABEL * len(truths)
    with picture(path, title, side, side + 1) as figure:
        axis = figure.subplots()
        # By the square root, so that a label mistaken in one row of a hundred has a colour of its own.
        image = axis.imshow(shares, cmap=SHARE, norm=PowerNorm(0.5, vmin=0, vmax=1))
        axis.grid(visible=False)
        turn: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        is_long = max(map(len, truths)) > _UPRIGHT_LETTERS
        axis.set_xticks(range(len(truths)), list(table[0])[1:], **turn if is_long else {})
        axis.set_yticks(range(len(truths)), truths)
        axis.set_xlabel("answer of the model")
        axis.set_ylabel("true label")
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] >= _WHITE_FROM else "black"
            if count:
                axis.text(column, row, f"{count:,}", color=colour, ha="center", va="center", fontsize="medium")
        bar = figure.colorbar(image, label="share of the true label's test rows", shrink=0.7)
        bar.set_ticks([0, 0.01, 0.05, 0.2, 0.5, 1], labels=["0", "1 %", "5 %", "20 %", "50 %", "100 %"])
