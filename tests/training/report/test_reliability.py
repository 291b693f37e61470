"""`training.report.reliability`."""

from pathlib import Path

from matplotlib.figure import Figure

from training.report.reliability import draw_reliability

TABLE = [
    {"from": 0.4, "to": 0.6, "rows": 10, "confidence": 0.5, "accuracy": 0.4},
    {"from": 0.8, "to": 1.0, "rows": 90, "confidence": 0.95, "accuracy": 0.9},
]


def test_points_and_bars_are_the_table(figures: dict[str, Figure], tmp_path: Path) -> None:
    """A point per bin at its probability and its share of right answers, above a bar of its rows."""
    draw_reliability(tmp_path / "r.png", "title", TABLE)
    curve, count = figures["r.png"].axes
    assert curve.lines[1].get_xydata().tolist() == [[0.5, 0.4], [0.95, 0.9]]
    bars = [(bar.get_x(), round(bar.get_width(), 6), bar.get_height()) for bar in count.patches]
    assert bars == [(0.4, 0.2, 10), (0.8, 0.2, 90)]
