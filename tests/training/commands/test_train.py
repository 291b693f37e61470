"""`training.commands.train`, the training itself replaced."""

from pathlib import Path

import pytest

from training.__main__ import main
from training.config import TrainingConfig
from training.presets import NAMES
from training.run import Outcome


def _put(home: Path, name: str) -> None:
    (home / "models" / name / "1").mkdir(parents=True)
    (home / "models" / name / "1" / "manifest.json").write_text("{}")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, str, int, int]]:
    """Replaces the training: notes (stored name, preset, epochs, seed) and stores an empty artifact."""
    calls = []

    def note(config: TrainingConfig, name: str, *_: object, **__: object) -> Outcome:
        calls.append((name, config.preset, config.epochs, config.seed))
        return Outcome(f"{name}:1", {bound.metric: 1.0 for bound in config.gate}, 1.0)

    monkeypatch.setattr("training.run.run", note)
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    return calls


def test_options_reach_the_training(trained: list[tuple[str, str, int, int]]) -> None:
    """Name, epochs and seed of the command line are those trained with."""
    assert main(["xor", "--as", "customers", "--epochs", "7", "--seed", "3"]) == 0
    assert trained == [("customers", "hidden-16", 7, 3)]


def test_all_means_every_model(trained: list[tuple[str, str, int, int]]) -> None:
    """`all` trains the default preset of every model under its name."""
    assert main(["all"]) == 0
    assert [call[0] for call in trained] == list(NAMES)


def test_only_the_missing(trained: list[tuple[str, str, int, int]], tmp_path: Path) -> None:
    """What has a version is not trained again."""
    _put(tmp_path, "mnist")
    assert main(["all", "--missing"]) == 0
    assert [call[0] for call in trained] == [name for name in NAMES if name != "mnist"]
