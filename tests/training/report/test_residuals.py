"""`training.report.residuals`."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.report.residuals import draw_residuals


@pytest.fixture
def figure(figures: dict[str, Figure], tmp_path: Path) -> Figure:
    """Answers that are 2 above the truth, but for one of a thousand that is far off."""
    truth = np.linspace(0, 100, 1001)
    answers = truth + 2
    answers[500] += 1e6
    draw_residuals(tmp_path / "r.png", "title", {"air_time": (truth, answers)}, {"air_time": "min"})
    return figures["r.png"]


def test_units_are_on_the_axes(figure: Figure) -> None:
    """Every number's unit stands at its axis."""
    density, histogram = figure.axes[:2]
    assert density.get_xlabel() == "true air time (min)"
    assert density.get_ylabel() == "answer (min)"
    assert histogram.get_xlabel() == "answer - truth (min)"


def test_one_outlier_does_not_squeeze_the_rest(figure: Figure) -> None:
    """The panels reach to where the rows are; the histogram's peak is at the error that most rows have."""
    density, histogram = figure.axes[:2]
    assert density.get_xlim()[1] < 101
    assert histogram.get_xlim()[1] < 3
    peak = max(histogram.patches, key=lambda bar: bar.get_height())
    assert peak.get_x() <= 2 <= peak.get_x() + peak.get_width() + 1e-9
    assert peak.get_height() == 1000
