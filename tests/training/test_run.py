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
from training.run import run
from training.store import Store


def test_a_whole_artifact(quick_xor: TrainingConfig, store: Store, tmp_path: Path, console: Console) -> None:
    """The folder holds every file of `docs/artifact.md`, each vouched for by the manifest, under the name asked for."""
    outcome = run(quick_xor, "customers", store, DATA_DIR, console, allow_below_gate=True)
    assert outcome.tag == "customers:1"
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
        run(impossible, "xor", store, DATA_DIR, console, allow_below_gate=False)
    assert store.versions("xor") == []
    assert {path.name for path in (tmp_path / "home" / "staging" / "xor").iterdir()} == {"lock"}
