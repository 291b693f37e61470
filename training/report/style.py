"""The one style of all pictures: sizes, fonts, colours.

Pictures are as wide as a page, so that their letters are as large as the text around them.

References:
    Tol: *Colour Schemes*, https://personal.sron.nl/~pault/data/colourschemes.pdf, 2021.
    Nuñez, Anderton, Renslow: *Optimizing colormaps with consideration for color vision deficiency*,
    https://doi.org/10.1371/journal.pone.0199239, 2018.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

BLUE = "#4477aa"
ROSE = "#cc6677"
SAND = "#ddcc77"
GREY = "#888888"
"""Of Tol's "muted" set, which differ in hue and in brightness for any eye; blue is the model, or training."""

DENSITY = "cividis"
"""Colours of a density: brightness grows with the value, and blue to yellow is told apart by nearly everyone."""

SHARE = "Blues"
"""Colours of a share, on white: nothing is white."""

WIDTH_INCHES = 9.2

_STYLE: dict[str, Any] = {
    "figure.dpi": 120,
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}


@contextmanager
def picture(path: Path, title: str, height_inches: float, width_inches: float = WIDTH_INCHES) -> Iterator[Figure]:
    """A figure to draw on, written as PNG at the end; no setting of the process changes.

    Args:
        path: The file to write.
        title: Stands above all panels.
        height_inches: At 120 pixels an inch.
        width_inches: The same.
    """
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]  # its stubs want every key as a literal
        figure = Figure(figsize=(width_inches, height_inches), layout="constrained")
        figure.suptitle(title, fontsize=11, fontweight="bold")
        yield figure
        figure.savefig(path)
