"""The study as a picture: how many of the seeds are right, epoch by epoch."""

from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from training.report.style import BLUE, ROSE, SAND, picture
from training.study.convergence import Convergence, share_by
from training.study.xor import SEEN, Study

_LINES = ((BLUE, "-"), (ROSE, "--"), (SAND, "-."))


def draw_study(path: Path, study: Study) -> None:
    """Write the empirical distributions of the first epoch with all rows right as PNG.

    Args:
        path: The file to write.
        study: The tutorial's nets get the left panel, with the tutorial's own runs as dots; presets the right one.
    """
    seeds = len(next(iter(study.tutorial.values())).first)
    with picture(path, f"XOR: epochs until all four rows are right, {seeds:,} seeds", height_inches=3.8) as figure:
        left, right = figure.subplots(1, 2, sharex=True, sharey=True)
        _draw_panel(left, "the tutorial's settings", study.tutorial)
        _draw_panel(right, "this project's presets", study.presets)
        for (name, epoch), (colour, _) in zip(SEEN.items(), _LINES, strict=True):
            share = share_by(study.tutorial[name].first, epoch)
            left.plot(epoch, share, "o", color=colour, markeredgecolor="black", markersize=8, zorder=3)
            left.annotate(f"{epoch}", (epoch, share), (8, -10), textcoords="offset points")
        left.plot([], [], "o", color="white", markeredgecolor="black", markersize=8, label="the tutorial's run")
        left.set_ylabel("share of seeds right so far")
        left.legend(loc="upper left")
        right.legend(loc="lower right")


def _draw_panel(axis: Axes, title: str, found: dict[str, Convergence]) -> None:
    for (name, convergence), (colour, line) in zip(found.items(), cycle(_LINES), strict=False):
        axis.ecdf(convergence.first, label=name, color=colour, linestyle=line)
    axis.set_title(title)
    axis.set_xscale("log")
    axis.set_xlabel("epoch, on a logarithmic scale")
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.yaxis.set_major_formatter(PercentFormatter(1))
    axis.set_ylim(0, 1.03)
