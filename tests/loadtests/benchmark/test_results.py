"""What was measured, on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.plan import Case
from loadtests.benchmark.results import load
from loadtests.errors import BenchmarkError
from tests.loadtests.benchmark.canned import results


def test_saved_results_come_back_whole(tmp_path: Path) -> None:
    """Nothing that a page needs is lost on disk."""
    found = results()
    found.save(tmp_path / "new" / "results.json")
    assert load(tmp_path / "new" / "results.json") == found


def test_series_are_by_round() -> None:
    """A series has one figure a round, of the asked case only."""
    found = results().series("dense", "triton", "v2-json", Case(8, 64), "rows_per_s")
    assert found == {0: 6400.0, 1: 6464.0, 2: 6528.0}


@pytest.mark.parametrize("text", ["", "{}", '{"format": 0}', '{"format": 1, "unheard": 2}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    """A file that holds something else is named, with no traceback."""
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(BenchmarkError, match=r"Expected results of an earlier run in .*results\.json"):
        load(tmp_path / "results.json")
