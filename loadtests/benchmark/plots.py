"""The plots of the page: throughput and p99 over clients, and rows a second over rows a request.

Colours are those of Okabe and Ito, which people tell apart whatever colours they see; markers differ as well. Ours is
drawn thicker, and every line has its name at its end.

References:
    Okabe, M., Ito, K., Color Universal Design, https://jfly.uni-koeln.de/color/, 2008
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from loadtests.benchmark.bars import FLOOR
from loadtests.benchmark.block import OURS, OURS_WORKERS
from loadtests.benchmark.engine_lane import ENGINE
from loadtests.benchmark.plan import Case
from loadtests.benchmark.results import Results
from loadtests.benchmark.summary import summarise
from loadtests.benchmark.tables import cases, number, pairs

COLOURS = {
    OURS: "#0072B2",
    OURS_WORKERS: "#003F66",
    "triton": "#D55E00",
    "mlserver": "#009E73",
    "litserve": "#CC79A7",
    "ray-serve": "#E69F00",
    "fastapi": "#56B4E9",
    "bentoml": "#8C6D00",
    FLOOR: "#777777",
    ENGINE: "#000000",
}
MARKERS = dict(zip(COLOURS, "oosD^vPX|_", strict=True))
SIZE_INCHES = (11.0, 5.2)
ROOM = 0.8
"""For the names, as a part of the way from the first to the last point."""
GAP = 0.046
"""Least distance of two names, as a part of the axis."""
PANELS = {"JSON": ("predict-json", "v2-json", ENGINE), "binary V2": ("v2-binary", ENGINE)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot.

    Attributes:
        contender: Whose it is.
        label: At its end.
        x: Of its points.
        y: Median over the rounds.
        dashed: Whether it is the second of its server.
    """

    contender: str
    label: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw every plot for which there is something to draw; their paths."""
    folder.mkdir(parents=True, exist_ok=True)

    def by_clients(case: Case) -> float | None:
        return case.clients if case.rows == 1 else None

    def by_rows(case: Case) -> float | None:
        return case.rows if case.clients == results.plan["row_clients"] else None

    wanted = (
        ("throughput", "requests_per_s", by_clients, "clients, one row a request", "requests/s"),
        ("p99", "p99_ms", by_clients, "clients, one row a request", "p99, ms"),
        ("rows", "rows_per_s", by_rows, f"rows a request, {results.plan['row_clients']} clients", "rows/s"),
    )
    drawn = []
    for name, figure, x_of, x_label, y_label in wanted:
        panels = {panel: list(lines(results, dialects, figure, x_of)) for panel, dialects in PANELS.items()}
        if any(len(line.x) > 1 for found in panels.values() for line in found):
            path = folder / f"benchmark-{name}.png"
            plot(panels, x_label, y_label, path)
            drawn.append(path)
    return drawn


def lines(
    results: Results, dialects: Sequence[str], figure: str, x_of: Callable[[Case], float | None]
) -> Iterator[Line]:
    """The lines of one panel: of servers that speak several of its dialects, only ours is drawn with each."""
    drawn: set[str] = set()
    asked = [case for case in cases(results.samples, "dense") if x_of(case) is not None]
    for name, dialect in pairs(results, "dense"):
        if dialect not in dialects or (name in drawn and name != OURS) or (name == ENGINE and figure != "rows_per_s"):
            continue
        summaries = {case: summarise(results.series("dense", name, dialect, case, figure).values()) for case in asked}
        points = [(x_of(case) or 0, found.median) for case, found in summaries.items() if found]
        # a floor without a model has no rows to count
        if points and not (name == FLOOR and figure == "rows_per_s"):
            x, y = zip(*points, strict=True)
            title = results.contenders[name].title.partition(",")[0]
            label = f"{title}, {dialect}" if name == OURS else title
            yield Line(name, label, x, y, name in drawn)
            drawn.add(name)


def plot(panels: dict[str, list[Line]], x_label: str, y_label: str, path: Path) -> None:
    """Both panels side by side, on the same axes."""
    with mpl.rc_context({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=SIZE_INCHES, dpi=120, layout="constrained")
        axes = figure.subplots(1, len(panels), sharex=True, sharey=True)
        for axis, (title, found) in zip(axes, panels.items(), strict=True):
            axis.set(xscale="log", yscale="log", xlabel=x_label, title=title)
            for line in found:
                _line(axis, line)
        axes[0].set_ylabel(y_label)
        for axis, found in zip(axes, panels.values(), strict=True):
            _ticks(axis, sorted({x for lines_of in panels.values() for line in lines_of for x in line.x}))
            _names(axis, found)
        figure.savefig(path)


def _line(axis: Axes, line: Line) -> None:
    ours = line.contender == OURS
    style = "--" if line.dashed or line.contender in (FLOOR, ENGINE) else "-"
    axis.plot(
        line.x,
        line.y,
        style,
        color=COLOURS.get(line.contender, "#444444"),
        marker=MARKERS.get(line.contender, "."),
        linewidth=3.2 if ours else 1.4,
        markersize=7 if ours else 5,
        zorder=3 if ours else 2,
    )


def _ticks(axis: Axes, values: Sequence[float]) -> None:
    axis.set_xticks(values, [f"{value:,.0f}" for value in values])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.grid(which="major", color="#dddddd", linewidth=0.8)
    axis.set_axisbelow(True)
    # room for the names
    low, high = values[0], values[-1]
    axis.set_xlim(low / 1.2, high * (high / low) ** ROOM)


def _names(axis: Axes, found: Sequence[Line]) -> None:
    """Names at the ends of lines, pushed apart where they would overlap, with a thin line to their end."""
    low, high = (math.log10(value) for value in axis.get_ylim())
    ordered = sorted(found, key=lambda line: line.y[-1])
    heights = spread_out([(math.log10(line.y[-1]) - low) / (high - low) for line in ordered], GAP)
    left, right = (math.log10(value) for value in axis.get_xlim())
    for line, height in zip(ordered, heights, strict=True):
        end = (math.log10(line.x[-1]) - left) / (right - left)
        value = f" {number(line.y[-1])}"
        axis.annotate(
            line.label + value,
            xy=(line.x[-1], line.y[-1]),
            xytext=(end + 0.05, height),
            textcoords="axes fraction",
            color=COLOURS.get(line.contender, "#444444"),
            fontsize=9,
            fontweight="bold" if line.contender == OURS else "normal",
            verticalalignment="center",
            arrowprops={"arrowstyle": "-", "color": "#bbbbbb", "linewidth": 0.7},
        )


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Heights in rising order, each at least a gap above the one before, moved as little as that takes.

    Neighbours that come too close are put around their common middle.
    """
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _first(groups[-1], gap) - _last(groups[-2], gap) < gap:
            last = groups.pop()
            groups[-1] += last
    return [_first(group, gap) + gap * place for group in groups for place in range(len(group))]


def _first(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _last(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) + gap * (len(group) - 1) / 2
