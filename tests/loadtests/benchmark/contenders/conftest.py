"""What these tests share."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place

Prepare = Callable[[Subject, Place], Command]
CheckApp = Callable[[Prepare, str], None]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where a run would take place."""
    (scratch := tmp_path / "scratch").mkdir()
    return Place(tmp_path, tmp_path / "bin" / "python", scratch, 4711)


@pytest.fixture
def check_app(subject: Subject, place: Place) -> CheckApp:
    """Holds the command of a server that runs one of our apps against what all of them must be."""

    def check(prepare: Prepare, app: str) -> None:
        command = prepare(subject, place)
        assert command.command[0] == str(place.python)
        assert app in command.command
        assert find_spec(app.partition(":")[0])
        assert command.command[command.command.index("--port") + 1] == "4711"
        assert command.variables["BENCHMARK_MODEL"].endswith("model.onnx")

    return check
