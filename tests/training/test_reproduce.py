"""`training.reproduce`."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from training.config import TrainingConfig
from training.errors import ManifestError, StoreError
from training.machine import Machine
from training.reproduce import Comparison, reproduce
from training.run import run
from training.storage.manifest import Origin, read_manifest, write_manifest
from training.storage.store import Store


def test_the_seed_decides(quick_xor: TrainingConfig, store: Store, console: Console) -> None:
    """Another seed gives other weights, the same seed the same ones, trained again from the manifest alone."""
    for seed in (0, 1):
        run(replace(quick_xor, seed=seed), "xor", store, DATA_DIR, Machine(), console, allow_below_gate=True)
    first, second = (read_manifest(store.folder("xor", version)).weights for version in (1, 2))
    assert first != second
    comparison = reproduce(store, "xor:2", DATA_DIR, console)
    assert comparison.again.manifest.weights == comparison.stored.manifest.weights == second
    assert comparison.same_weights
    assert comparison.other_metrics == comparison.circumstances == []
    assert store.versions("xor") == [1, 2]
    assert {path.name for path in (store.home / "staging" / "xor").iterdir()} == {"lock", "counter"}


def test_an_int8_model_is_quantized_again(quick_xor: TrainingConfig, store: Store, console: Console) -> None:
    """From the manifest alone: the same weights, and the same metrics of both precisions to the last digit."""
    run(replace(quick_xor, precision="int8"), "xor", store, DATA_DIR, Machine(), console, allow_below_gate=True)
    comparison = reproduce(store, "xor:1", DATA_DIR, console)
    assert comparison.same_weights
    assert {"fp32_log_loss", "probability_largest_difference"} <= comparison.again.metrics.keys()
    assert comparison.other_metrics == comparison.circumstances == []


@pytest.fixture
def replayed(store: Store, quick_xor: TrainingConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A store with xor:1, and a training that gives its files once more."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    def train(config: TrainingConfig, workdir: Path, *_: Any, **__: Any) -> SimpleNamespace:
        assert config.as_dict() == quick_xor.as_dict()
        model.save(workdir / "model.keras")
        (workdir / "report").mkdir()
        (workdir / "report" / "metrics.json").write_text(json.dumps({"loss": 0.5, "test_accuracy": 1.0}))
        return SimpleNamespace(files={"xor.csv": "a"})

    monkeypatch.setattr("training.reproduce.train_and_evaluate", train)
    with store.staging("xor") as folder:
        origin = Origin.of(quick_xor, train(quick_xor, folder).files)
        store.publish("xor", folder, lambda version: write_manifest(folder, "xor", version, origin))
    return store


def _change(store: Store, file: str, **content: Any) -> Comparison:
    """Compare after a change of a JSON file of xor:1."""
    path = store.folder("xor", 1) / file
    path.write_text(json.dumps(json.loads(path.read_text()) | content))
    return reproduce(store, "xor:1", DATA_DIR, Console())


def test_other_weights_are_told(replayed: Store) -> None:
    """If the stored sum is another one, the weights are not the same; all else is."""
    comparison = _change(replayed, "manifest.json", weights="0" * 64)
    assert not comparison.same_weights
    assert comparison.other_metrics == comparison.circumstances == []


def test_other_metrics_are_told(replayed: Store) -> None:
    """A metric that differs in its last digit, or was not taken then or now, is told with both values."""
    comparison = _change(replayed, "report/metrics.json", test_accuracy=1 - 2**-53, older=3.0)
    assert comparison.same_weights
    assert comparison.other_metrics == [("test_accuracy", 1 - 2**-53, 1.0), ("older", 3.0, None)]


def test_other_circumstances_are_told(replayed: Store) -> None:
    """Packages, data, revision and machine, each with what it was and what it is."""
    now = read_manifest(replayed.folder("xor", 1))
    packages = now.packages | {"keras": "3.0.0"}
    stored = {"packages": packages, "data": {"xor.csv": "b"}, "revision": None, "machine": "another one"}
    assert _change(replayed, "manifest.json", **stored).circumstances == [
        ("keras", "3.0.0", now.packages["keras"]),
        ("xor.csv", "b", "a"),
        *([("revision", "unknown", now.revision)] if now.revision else []),
        ("machine", "another one", now.machine),
    ]


def test_a_model_trained_elsewhere(replayed: Store) -> None:
    """Nobody knows how it was trained."""
    with pytest.raises(ManifestError, match=r"^Expected a model that was trained here\. Received xor:1"):
        _change(replayed, "manifest.json", training=None)


def test_a_manifest_of_another_version(replayed: Store) -> None:
    """A key that this version of the project does not know is refused by its name."""
    training = read_manifest(replayed.folder("xor", 1)).training
    assert training is not None
    with pytest.raises(ManifestError, match="'unheard_of'"):
        _change(replayed, "manifest.json", training=training | {"unheard_of": 1})


def test_what_is_not_stored(replayed: Store) -> None:
    """A tag that is not there, and an artifact without metrics, are refused."""
    with pytest.raises(StoreError, match="xor:1"):
        reproduce(replayed, "xor:2", DATA_DIR, Console())
    shutil.rmtree(replayed.folder("xor", 1) / "report")
    with pytest.raises(ManifestError, match=r"metrics\.json"):
        reproduce(replayed, "xor:1", DATA_DIR, Console())
