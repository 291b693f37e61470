"""The models that are served."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from loadtests.benchmark.subjects import DENSE, latest, subject
from loadtests.errors import BenchmarkError


def store(home: Path, *versions: str) -> None:
    """A store with empty versions of the dense model."""
    for version in versions:
        (home / "models" / DENSE / version).mkdir(parents=True)


def test_latest_is_the_highest_number(tmp_path: Path) -> None:
    """Version 10 is later than version 9; what is no version does not count."""
    store(tmp_path, "9", "10", "2", "draft")
    assert latest(tmp_path, DENSE) == tmp_path / "models" / DENSE / "10"
    assert latest(tmp_path, "mnist") is None


def test_the_named_store_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in $BENTOML_HOME is taken as it is, and else the one trained before."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "named"))
    store(tmp_path / "bench" / "home", "1")
    assert subject(DENSE, tmp_path / "bench", print).folder == tmp_path / "bench" / "home" / "models" / DENSE / "1"
    store(tmp_path / "named", "3")
    assert subject(DENSE, tmp_path / "bench", print).folder == tmp_path / "named" / "models" / DENSE / "3"


@pytest.mark.parametrize("code", [0, 1])
def test_what_is_missing_is_trained_into_the_benchmark_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Training is a process with a store of the benchmark's own; its failure is told with the end of its log."""
    seen: list[Any] = []

    def run(words: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append((words[1:], options["env"]["BENTOML_HOME"]))
        if code == 0:
            store(tmp_path / "home", "1")
        options["stdout"].write(b"the gate was missed")
        return subprocess.CompletedProcess(words, code)

    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "named"))
    monkeypatch.setattr(subprocess, "run", run)
    if code == 0:
        assert subject(DENSE, tmp_path, lambda line: None).folder == tmp_path / "home" / "models" / DENSE / "1"
    else:
        with pytest.raises(BenchmarkError, match="Received exit code 1: the gate was missed"):
            subject(DENSE, tmp_path, lambda line: None)
    words = ["-m", "training", "mnist", "--preset", "mlp-512-256-128", "--missing"]
    assert seen == [(words, str(tmp_path / "home"))]
