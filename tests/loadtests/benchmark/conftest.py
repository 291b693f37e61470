"""What these tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loadtests.benchmark import server_lane
from loadtests.benchmark.contender import Subject
from loadtests.benchmark.engine_lane import EngineLane
from loadtests.benchmark.wrk import Reading
from loadtests.examples import Examples, read
from tests.loadtests.benchmark import standin


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """A model that sums."""
    return standin.artifact(tmp_path / "artifact")


@pytest.fixture
def sums(subject: Subject) -> Examples:
    """Its examples."""
    return read(subject.folder, subject.name, "1")


@pytest.fixture
def fake_wrk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client on PATH that only claims to have sent anything; nor does the engine alone compute."""
    program = tmp_path / "bin" / "wrk"
    program.parent.mkdir()
    program.write_text(standin.WRK)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(server_lane, "SETTLE_STEP_S", 0.0)
    monkeypatch.setattr(EngineLane, "measure", lambda *_: (Reading(100, 0, 1.0, 1.0, 2.0, 3.0), 1.0))
    return program
