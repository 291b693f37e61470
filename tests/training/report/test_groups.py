"""`training.report.groups`."""

from pathlib import Path

from matplotlib.figure import Figure

from training.report.groups import draw_groups

CARRIER = [
    {"value": "AA", "rows": 10, "delay_mae_min": 3.0, "delay_bias_min": -1.0},
    {"value": "UA", "rows": 1000, "delay_mae_min": 4.0, "delay_bias_min": 2.0},
]
HOUR = [{"value": 5, "rows": 7, "delay_mae_min": 6.0, "delay_bias_min": 0.5}]


def test_bars_and_points_are_the_tables(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Of every table: a bar per error, a point per mean error, a bar per number of rows, and the groups' names."""
    draw_groups(tmp_path / "g.png", "title", {"carrier": CARRIER, "hour": HOUR})
    errors, others, rows, other_rows = figures["g.png"].axes
    for axis, table in ((errors, CARRIER), (others, HOUR)):
        assert [bar.get_height() for bar in axis.patches] == [row["delay_mae_min"] for row in table]
        assert list(axis.lines[0].get_ydata()) == [row["delay_bias_min"] for row in table]
        assert axis.get_title() == "delay"
    for axis, table, name in ((rows, CARRIER, "carrier"), (other_rows, HOUR, "hour")):
        assert [bar.get_height() for bar in axis.patches] == [row["rows"] for row in table]
        assert [label.get_text() for label in axis.get_xticklabels()] == [str(row["value"]) for row in table]
        assert axis.get_xlabel() == name
    assert errors.get_ylabel() == "error (min)"


def test_no_bar_is_cut_off(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Panels side by side share their scale, and it reaches to the highest bar of either."""
    draw_groups(tmp_path / "g.png", "title", {"hour": HOUR, "carrier": CARRIER})
    for axis in figures["g.png"].axes:
        low, high = axis.get_ylim()
        assert all(bar.get_height() <= high for bar in axis.patches)
        assert low < 1
