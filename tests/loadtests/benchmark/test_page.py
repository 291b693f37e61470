"""The page of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.page import BEGIN, END, write
from loadtests.errors import BenchmarkError
from tests.loadtests.benchmark.canned import results
from tests.servers import ROOT


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with text around the markers."""
    path = tmp_path / "docs" / "benchmarks.md"
    path.parent.mkdir()
    path.write_text(f"# By hand\n\n{BEGIN}\nold\n{END}\n\nBy hand as well.\n")
    return path


def test_what_is_between_the_markers_is_replaced(page: Path) -> None:
    """Text by hand stays, results come in, and writing twice changes nothing more."""
    image = page.parent / "images" / "benchmark-p99.png"
    write(page, results(), [image])
    text = page.read_text()
    assert text.startswith("# By hand\n")
    assert text.endswith("\n\nBy hand as well.\n")
    assert "old" not in text
    for part in ("abacus", "nvidia-pytriton 0", "Tuned.", "3 rounds of 1 s", "## Bars", "](images/benchmark-p99.png)"):
        assert part in text
    write(page, results(), [image])
    assert page.read_text() == text


def test_verdict_counts_bars(page: Path) -> None:
    """Met, measured and not measured bars are told before the table."""
    write(page, results(), [])
    assert "**28 of 30 measured bars are met; 8 were not measured.**" in page.read_text()


@pytest.mark.parametrize("text", ["", BEGIN, f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_page_without_markers_is_left_alone(page: Path, text: str) -> None:
    """Nothing by hand is ever overwritten."""
    page.write_text(text)
    with pytest.raises(BenchmarkError, match=r"Expected .* with one <!-- generated: begin -->"):
        write(page, results(), [])
    assert page.read_text() == text


def test_the_page_of_this_repository_can_be_written() -> None:
    """It has the markers, and its limits come first."""
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index("## Limits") < text.index("## ", text.index("## Limits") + 1) < text.index(BEGIN)
