"""Results as plots."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.plots import PANELS, draw, lines, spread_out
from tests.loadtests.benchmark.canned import results


def test_plots_are_drawn(tmp_path: Path) -> None:
    """Each is a picture with something in it."""
    drawn = draw(results(), tmp_path / "images")
    assert [path.name for path in drawn] == ["benchmark-throughput.png", "benchmark-p99.png", "benchmark-rows.png"]
    assert all(path.stat().st_size > 10_000 for path in drawn)


def test_every_server_has_a_line_in_the_panel_of_its_dialects() -> None:
    """Ours has one for each dialect, another only its first; the engine has no clients."""
    found = list(
        lines(results(), PANELS["JSON"], "requests_per_s", lambda case: case.clients if case.rows == 1 else None)
    )
    names = ["keras-serve, predict-json", "keras-serve, v2-json", "NVIDIA Triton", "bare uvicorn"]
    assert [line.label for line in found] == names
    assert [line.dashed for line in found] == [False, True, False, False]
    assert list(found[2].x) == [1, 8, 32, 128, 512]
    assert list(found[2].y) == [1010.0] * 5


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ([0.1, 0.5, 0.9], [0.1, 0.5, 0.9]),
        ([0.5, 0.5], [0.45, 0.55]),
        ([0.4, 0.45, 0.5], [0.35, 0.45, 0.55]),
        ([0.2, 0.5, 0.5, 0.52], [0.2, 0.4067, 0.5067, 0.6067]),
        ([], []),
    ],
)
def test_names_are_pushed_apart(heights: list[float], expected: list[float]) -> None:
    """Names keep their order and a gap, and stay where they are if nothing is near."""
    assert spread_out(heights, 0.1) == pytest.approx(expected, abs=1e-3)
