"""What a person reads at the end."""

from __future__ import annotations

from loadtests.measurements import Measurements
from loadtests.report import SHOWN_FAILURES, report, table
from loadtests.thresholds import Line, Thresholds


def test_table_has_a_row_for_each_line() -> None:
    """Model and form stand apart, columns line up, the total comes last."""
    line = Line("toy infer", 10, 1, 1.5, 2.5, 3.5, 12.25, 98.7)
    rows = table([line], Line("total", 10, 1, 1.5, 2.5, 3.5, 12.25)).splitlines()
    assert rows[1].split() == ["toy", "infer", "10", "1", "1.50", "2.50", "3.50", "12.2", "99"]
    assert rows[-1].split()[0] == "total"
    assert len({len(row) for row in rows}) == 1


def test_failures_are_shown_with_their_number() -> None:
    """The most frequent failures of a form are shown in full, its others are counted."""
    measurements = Measurements()
    for number in range(SHOWN_FAILURES + 2):
        for _ in range(10 - number):
            measurements.add("toy infer", 1.0, f"Expected {number}. Received nothing.")
    text = report(measurements, Thresholds().judge(measurements.total()))
    assert "10 x toy infer: Expected 0. Received nothing." in text
    assert "and 2 other failures of toy infer" in text
    assert "BROKEN  max_failures: Expected at most 0." in text


def test_every_failing_form_is_shown() -> None:
    """A form that fails once is named beside one that fails in a hundred ways."""
    measurements = Measurements()
    for number in range(100):
        measurements.add("toy records", 1.0, f"wrong {number}")
        measurements.add("toy records", 1.0, f"wrong {number}")
    measurements.add("toy infer", 1.0, "wrong once")
    assert "1 x toy infer: wrong once" in report(measurements, [])
