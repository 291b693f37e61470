"""`training.run`."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from training.config import Bound, TrainingConfig
from training.errors import BelowGateError
from training.machine import Machine
from training.run import run
from training.storage.store import Store


def test_a_whole_artifact(quick_xor: TrainingConfig, store: Store, tmp_path: Path, console: Console) -> None:
    """The folder holds every file of `docs/artifact.md`, each vouched for by the manifest, under the name asked for."""
    outcome = run(quick_xor, "customers", store, DATA_DIR, Machine(), console, allow_below_gate=True)
    assert outcome is not None
    assert (outcome.tag, outcome.difference) == ("customers:1", None)
    folder = tmp_path / "home" / "models" / "customers" / "1"
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - {"manifest.json", "model.yaml"} == manifest["files"].keys()
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert {"model.keras", "model.onnx", "saved_model/saved_model.pb", "examples.npz", "report/card.md"} <= files
    assert (manifest["name"], manifest["version"], manifest["seed"]) == ("customers", 1, quick_xor.seed)
    assert json.loads((folder / "signature.json").read_text())["name"] == "customers"


def test_below_the_gate_leaves_nothing(
    quick_xor: TrainingConfig, store: Store, tmp_path: Path, console: Console
) -> None:
    """A refused model takes no number and leaves no folder."""
    impossible = replace(quick_xor, gate=(Bound(metric="test_accuracy", at_least=1.1),))
    with pytest.raises(BelowGateError):
        run(impossible, "xor", store, DATA_DIR, Machine(), console)
    assert store.versions("xor") == []
    assert {path.name for path in (tmp_path / "home" / "staging" / "xor").iterdir()} == {"lock"}


def test_the_next_version_is_held_against_the_last(quick_xor: TrainingConfig, store: Store, console: Console) -> None:
    """A second run compares itself with the version that the first one stored."""
    for expected in ("xor:1", "xor:2"):
        outcome = run(quick_xor, "xor", store, DATA_DIR, Machine(), console, allow_below_gate=True)
        assert outcome is not None
        assert outcome.tag == expected
    assert outcome.difference is not None
    assert outcome.difference.difference == 0


def test_a_helping_worker_stores_nothing(
    quick_xor: TrainingConfig, store: Store, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several workers only the first judges and stores; the others train along."""
    helped = []
    monkeypatch.setattr(Machine, "is_chief", False)
    monkeypatch.setattr("training.run.help_to_train", lambda *arguments: helped.append(arguments))
    assert run(quick_xor, "xor", store, DATA_DIR, Machine(), console) is None
    assert len(helped) == 1
    assert store.versions("xor") == []
