"""`training.storage.manifest`."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import keras
import pytest

from training.errors import ManifestError
from training.presets import PRESETS
from training.storage.manifest import Origin, checksums, read_manifest, write_manifest
from training.storage.weights import weights_sha256

NAMES = ("model.onnx", "saved_model/saved_model.pb", "saved_model/variables/variables.index")
TRAINED = Origin.of(PRESETS[0], {"a": "b"})
PAGE = Path(__file__).parents[3] / "docs" / "artifact.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An artifact of a real, tiny `model.keras` and some files that only have names."""
    (tmp_path / "saved_model" / "variables").mkdir(parents=True)
    for name in (*NAMES, "model.yaml"):
        (tmp_path / name).write_bytes(name.encode())
    keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]).save(tmp_path / "model.keras")
    return tmp_path


def _content(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return content


def test_names_every_file_but_two(folder: Path) -> None:
    """Every file is named with its sum, at any depth; the manifest itself and BentoML's file are not."""
    write_manifest(folder, "mnist", 3, TRAINED)
    files = _content(folder)["files"]
    assert files.keys() == {*NAMES, "model.keras"}
    assert all(files[name] == hashlib.sha256(name.encode()).hexdigest() for name in NAMES)


def test_exactly_the_keys_of_the_page(folder: Path) -> None:
    """The keys are those that `docs/artifact.md` shows, in its order, with the values given."""
    write_manifest(folder, "mnist", 3, TRAINED)
    content = _content(folder)
    shown = re.search(r"## `manifest.json`\s+```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    assert list(content) == list(json.loads(shown[1]))
    assert (content["format"], content["name"], content["version"], content["data"]) == (1, "mnist", 3, {"a": "b"})
    assert (content["training"]["preset"], content["seed"]) == (PRESETS[0].preset, PRESETS[0].seed)
    assert content["weights"] == weights_sha256(folder / "model.keras")
    assert {"keras", "tensorflow"} <= content["packages"].keys()


def test_a_model_of_unknown_origin(folder: Path) -> None:
    """What is not known of a model trained elsewhere is null; its weights are known."""
    write_manifest(folder, "mine", 1, Origin(None, None, None))
    content = _content(folder)
    assert [key for key, value in content.items() if value is None and key != "revision"] == [
        "training",
        "seed",
        "data",
    ]


def test_what_was_written_can_be_read(folder: Path) -> None:
    """Reading gives back every value."""
    write_manifest(folder, "mnist", 3, TRAINED)
    assert read_manifest(folder).model_dump() == _content(folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at its top"),
        ("{}", "Field required at name"),
        ('{"format": 2}', "at format"),
        ('{"surplus": 1}', "at surplus"),
        ('{"version": "1"}', "at version"),
        ('{"training": 3}', "at training"),
    ],
)
def test_a_damaged_manifest_is_refused(folder: Path, text: str, told: str) -> None:
    """What is not JSON, has other keys or other types is refused in a line that says where."""
    write_manifest(folder, "mnist", 3, TRAINED)
    whole = json.dumps(_content(folder) | json.loads(text)) if text not in {"", "{}"} else text
    (folder / "manifest.json").write_text(whole)
    with pytest.raises(ManifestError, match=rf"^manifest\.json: .*{told}\.$"):
        read_manifest(folder)


def test_no_manifest(tmp_path: Path) -> None:
    """A folder without one is refused for that."""
    with pytest.raises(ManifestError, match=r"^manifest\.json cannot be read: No such file"):
        read_manifest(tmp_path)


def test_a_changed_file_changes_its_sum(folder: Path) -> None:
    """One more byte in one file changes that file's sum and no other."""
    before = checksums(folder)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"x")
    after = checksums(folder)
    assert {name for name in before if before[name] != after[name]} == {"model.onnx"}
