"""`training.manifest`."""

import hashlib
import json
from pathlib import Path

from training.manifest import checksums, write_manifest
from training.presets import PRESETS


def _artifact(folder: Path) -> None:
    (folder / "saved_model" / "variables").mkdir(parents=True)
    for name in ("model.onnx", "saved_model/saved_model.pb", "saved_model/variables/variables.index", "model.yaml"):
        (folder / name).write_bytes(name.encode())


def test_names_every_file_but_two(tmp_path: Path) -> None:
    """Every file is named with its sum, at any depth; the manifest itself and BentoML's file are not."""
    _artifact(tmp_path)
    write_manifest(tmp_path, "mnist", 3, PRESETS[0], {"a": "b"})
    content = json.loads((tmp_path / "manifest.json").read_text())
    assert content["files"] == {
        name: hashlib.sha256(name.encode()).hexdigest()
        for name in ("model.onnx", "saved_model/saved_model.pb", "saved_model/variables/variables.index")
    }


def test_exactly_the_keys_of_the_page(tmp_path: Path) -> None:
    """The keys are those of `docs/artifact.md`, with the values given."""
    write_manifest(tmp_path, "mnist", 3, PRESETS[0], {"a": "b"})
    content = json.loads((tmp_path / "manifest.json").read_text())
    keys = {"format", "name", "version", "created", "files", "training", "seed", "packages", "data"}
    assert content.keys() == keys
    assert (content["format"], content["name"], content["version"], content["data"]) == (1, "mnist", 3, {"a": "b"})
    assert content["training"]["preset"] == PRESETS[0].preset
    assert {"keras", "tensorflow"} <= content["packages"].keys()


def test_a_changed_file_changes_its_sum(tmp_path: Path) -> None:
    """One more byte in one file changes that file's sum and no other."""
    _artifact(tmp_path)
    before = checksums(tmp_path)
    with (tmp_path / "model.onnx").open("ab") as file:
        file.write(b"x")
    after = checksums(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"model.onnx"}
