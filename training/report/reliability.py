"""Whether probabilities mean what they say: of the answers given with 80 %, 80 % should be right.

References:
    Guo, Pleiss, Sun, Weinberger: *On Calibration of Modern Neural Networks*, https://arxiv.org/abs/1706.04599, 2017.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.report.style import BLUE, GREY, picture


def draw_reliability(path: Path, title: str, table: Sequence[dict[str, Any]]) -> None:
    """Write the reliability curve, with the number of rows behind each point, as PNG.

    Args:
        path: The file to write.
        title: Of what.
        table: Per bin of the probability of the answer: `from` and `to` of the bin, `rows` in it, their mean
            probability (`confidence`) and the share of them that is right (`accuracy`).
    """
    with picture(path, title, 5.6, 6.4) as figure:
        curve, count = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        curve.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
        points = [[row[key] for row in table] for key in ("confidence", "accuracy")]
        curve.plot(*points, color=BLUE, marker="o", markersize=5, label="the model")
        curve.set_ylabel("share of right answers")
        curve.set_ylim(-0.02, 1.02)
        curve.legend(loc="upper left")
        lefts, widths = [row["from"] for row in table], [row["to"] - row["from"] for row in table]
        count.bar(lefts, [row["rows"] for row in table], widths, align="edge", color=BLUE, edgecolor="white")
        count.set_yscale("log")
        count.set_ylim(bottom=0.8)
        count.set_ylabel("test rows")
        count.set_xlabel("probability of the answer")
        count.set_xlim(-0.02, 1.02)
