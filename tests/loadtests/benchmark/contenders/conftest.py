"""What these tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.contenders.recipe import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where a run would take place."""
    (scratch := tmp_path / "scratch").mkdir()
    return Place(tmp_path, tmp_path / "bin" / "python", scratch, 4711)
