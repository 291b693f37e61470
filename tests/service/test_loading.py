"""Only an artifact that passes every check is loaded; any other is refused with a reason."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from service import loading
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import ArtifactError
from service.loading import load_version
from service.settings import Settings
from service.store import Stored
from tests import toy
from tests.toy_engines import Doubling

Spoil = Callable[[Path], object]


@pytest.fixture
def folder(toy_home: Path, tmp_path: Path) -> Path:
    """A toy of one's own."""
    return Path(shutil.copytree(toy_home / "models" / "toy" / "1", tmp_path / "toy" / "1"))


def load(folder: Path, **settings: object) -> loading.Loaded:
    """Load the toy from a folder."""
    return load_version(Stored("toy", 1, folder), Settings(**settings), "onnxruntime")


def test_a_sound_artifact_is_loaded(folder: Path) -> None:
    """The toy loads with every batch size that its engine offers for the CPU's default, and answers its examples."""
    loaded = load(folder)
    assert loaded.sizes == loaded.engine.sizes(64)
    assert loaded.executor().max_rows == 64
    assert loaded.interface.version == 1
    x = toy.examples()["inputs/x"]
    assert np.array_equal(loaded.engine.run({"x": x})["double"], x + x)


def test_limits_come_from_the_settings(folder: Path) -> None:
    """Batch and request rows are those that the settings name."""
    loaded = load(folder, max_batch_rows=5, max_request_rows=7)
    assert loaded.sizes == loaded.engine.sizes(5)
    assert loaded.interface.max_rows == 7


@pytest.mark.parametrize(("device", "inline"), [("CPU", True), ("GPU", False)])
def test_the_loop_waits_for_no_device(folder: Path, monkeypatch: pytest.MonkeyPatch, device: str, inline: bool) -> None:
    """Short batches run in the event loop's thread where the engine computes on the CPU, and only there."""
    engine = Doubling()
    engine.device = device
    monkeypatch.setattr(loading, "load", lambda *_, **__: engine)
    plan = load(folder, max_batch_rows=4).plan
    assert (plan.inline_rows > 0, plan.inline_small_rows > 0) == (inline, inline)


def edit_examples(folder: Path, key: str, change: float) -> None:
    """Change one number of `examples.npz`."""
    arrays = toy.examples()
    arrays[key][2, 0] += np.float32(change)
    np.savez(folder / "examples.npz", **arrays)  # type: ignore[arg-type]


def edit_record(folder: Path, **change: object) -> None:
    """Change the second record."""
    lines = (folder / "examples.jsonl").read_text().splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | change)
    (folder / "examples.jsonl").write_text("\n".join(lines) + "\n")


def edit_field(folder: Path, **change: object) -> None:
    """Change the first field of the signature."""
    signature = toy.signature()
    signature["fields"] = [signature["fields"][0] | change, signature["fields"][1]]
    (folder / "signature.json").write_text(json.dumps(signature))


def rename_tensor(folder: Path) -> None:
    """Give the model's input another name than the signature has."""
    model = onnx.load(folder / "model.onnx")
    model.graph.input[0].name = "y"
    for node in model.graph.node:
        node.input[:] = ["y" if name == "x" else name for name in node.input]
    onnx.save(model, folder / "model.onnx")


SEALED: dict[str, tuple[Spoil, str]] = {
    "an output differs": (lambda f: edit_examples(f, "outputs/double", 0.5), "stored answers of double"),
    "an input differs": (lambda f: edit_examples(f, "inputs/x", 0.5), "disagree on input x"),
    "an output is NaN": (lambda f: edit_examples(f, "outputs/total", np.nan), "stored answers of total|not finite"),
    "a record differs": (lambda f: edit_record(f, size=7.25), "disagree on input x"),
    "a record has a stranger": (lambda f: edit_record(f, stranger=1), "does not fit the signature"),
    "a record is out of range": (lambda f: edit_record(f, size=1e6), "does not fit the signature"),
    "the model is no model": (lambda f: (f / "model.onnx").write_bytes(b"no model"), "ONNX Runtime refuses"),
    "the model is empty": (lambda f: (f / "model.onnx").write_bytes(b""), "ONNX Runtime refuses"),
    "the model has other tensors": (rename_tensor, "Expected inputs"),
    "the examples are no archive": (lambda f: (f / "examples.npz").write_bytes(b"PK\x03\x04 cut off"), "."),
    "a field's name breaks a reader": (lambda f: edit_field(f, name="_size"), "."),
    "a field's default does not fit": (lambda f: edit_field(f, default="tall"), "."),
}


@pytest.mark.parametrize(("spoil", "reason"), SEALED.values(), ids=SEALED.keys())
def test_an_artifact_that_contradicts_itself_is_refused(folder: Path, spoil: Spoil, reason: str) -> None:
    """Whatever does not fit together is refused as an artifact, even under a manifest that vouches for it."""
    spoil(folder)
    toy.seal(folder)
    with pytest.raises(ArtifactError, match=reason):
        load(folder)


UNSEALED: dict[str, tuple[Spoil, str]] = {
    "a byte more": (
        lambda f: (f / "model.onnx").write_bytes((f / "model.onnx").read_bytes() + b"\0"),
        "model.onnx has changed",
    ),
    "a file less": (lambda f: (f / "model.keras").unlink(), "model.keras of the manifest is missing"),
    "a file more": (lambda f: (f / "plugin.so").write_bytes(b""), "plugin.so is not named"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "manifest.json is missing"),
    "another's manifest": (lambda f: toy.seal(f, version=2), "Expected the manifest of toy:1"),
}


@pytest.mark.parametrize(("spoil", "reason"), UNSEALED.values(), ids=UNSEALED.keys())
def test_an_artifact_that_was_changed_is_refused(folder: Path, spoil: Spoil, reason: str) -> None:
    """A folder that is not what its manifest says is refused before any engine reads it."""
    spoil(folder)
    with pytest.raises(ArtifactError, match=reason):
        load(folder)


@pytest.mark.parametrize("fault", [RuntimeError("at /opt/secret"), ValueError("no"), MemoryError()], ids=repr)
def test_an_engine_that_fails_on_the_examples_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Any exception of the engine in the warm-up becomes a refusal, without the exception's text."""

    def run(*_: object) -> None:
        raise fault

    monkeypatch.setattr(OnnxRuntimeEngine, "run", run)
    with pytest.raises(ArtifactError, match=type(fault).__name__) as refused:
        load(folder)
    assert "secret" not in str(refused.value)


def test_mixed_precision_is_told_or_warned_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An engine that cannot says that the setting does nothing; of one that can, the loss is logged and kept."""
    service, warned = logging.getLogger("service"), "MIXED_PRECISION does nothing here"
    monkeypatch.setattr(service, "propagate", True)
    caplog.set_level("INFO", "service")
    assert load(folder).losses == {}
    assert caplog.messages == []
    assert load(folder, mixed_precision=True).losses == {}
    assert [warned in message for message in caplog.messages] == [True]
    caplog.clear()
    monkeypatch.setattr(OnnxRuntimeEngine, "mixed_precision", True)
    assert load(folder, mixed_precision=True).losses == {"double": 0.0, "total": 0.0}
    assert caplog.messages == ["mixed precision"]
    assert vars(caplog.records[0])["largest_differences"] == {"double": 0.0, "total": 0.0}


def test_a_model_without_fields_needs_no_record_form(tmp_path: Path) -> None:
    """An artifact for raw tensors loads and has no record form."""
    folder = toy.write(tmp_path, "plain", fields=False)
    loaded = load_version(Stored("plain", 1, folder), Settings(), "onnxruntime")
    assert loaded.interface.records is None


def test_the_first_examples_are_kept(folder: Path) -> None:
    """A loaded version shows its first two rows with their stored answers and records, in memory of their own."""
    loaded, arrays = load(folder), toy.examples()
    assert np.array_equal(loaded.examples.inputs["x"], arrays["inputs/x"][:2])
    assert {name: array.tolist() for name, array in loaded.examples.outputs.items()} == {
        name: arrays[f"outputs/{name}"][:2].tolist() for name in ("double", "total")
    }
    assert [record["size"] for record in loaded.examples.records] == arrays["inputs/x"][:2, 0].tolist()
    assert all(array.base is None for array in (*loaded.examples.inputs.values(), *loaded.examples.outputs.values()))
