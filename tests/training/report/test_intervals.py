"""`training.report.intervals`."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.report.intervals import by_size, draw_intervals

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(size=1000)
ANSWERS = TRUTH + RANDOM.normal(size=1000)


def test_the_parts_add_up() -> None:
    """Ten parts of equal size by growing answers; their coverages' mean is the coverage of all rows."""
    ends = np.stack([ANSWERS - 1, ANSWERS + 2], axis=1)
    middles, held, widths = by_size(TRUTH, ANSWERS, ends)
    assert len(middles) == len(held) == len(widths) == 10
    assert middles == [np.median(part) for part in np.split(np.sort(ANSWERS), 10)]
    assert np.mean(held) == pytest.approx(((ends[:, 0] <= TRUTH) & (ends[:, 1] >= TRUTH)).mean())
    assert widths == pytest.approx([3] * 10)


def test_all_or_nothing() -> None:
    """Intervals that reach to the truth hold it; intervals beside it hold nothing."""
    assert set(by_size(TRUTH, ANSWERS, np.stack([TRUTH, TRUTH + 1], axis=1))[1]) == {1}
    assert set(by_size(TRUTH, ANSWERS, np.stack([TRUTH + 1, TRUTH + 2], axis=1))[1]) == {0}


def test_the_promise_is_drawn(figures: dict[str, Figure], tmp_path: Path) -> None:
    """A dashed line stands at the promised share; widths carry their unit."""
    ends = np.stack([ANSWERS - 1, ANSWERS + 1], axis=1)
    draw_intervals(tmp_path / "i.png", "title", {"delay": (TRUTH, ANSWERS, ends)}, {"delay": "min"}, 0.8)
    coverage, width = figures["i.png"].axes
    assert set(coverage.lines[1].get_ydata()) == {0.8}
    assert width.get_ylabel() == "median width (min)"
