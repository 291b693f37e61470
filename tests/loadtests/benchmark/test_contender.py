"""What is served."""

from __future__ import annotations

from pathlib import Path

from loadtests.benchmark.contender import Subject


def test_copies_are_numbered_from_two() -> None:
    """The first copy keeps the artifact's name; the others add their number."""
    assert Subject("mnist", Path(), 3).models == ("mnist", "mnist-2", "mnist-3")
