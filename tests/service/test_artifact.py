"""Artifacts: nothing is believed that has not been checked."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.artifact import Manifest, read_artifact, read_signature
from service.errors import ArtifactError
from tests import toy


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound artifact; whoever changes it puts it back."""
    return toy.write(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound artifact, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "artifact"))


def refused(folder: Path, name: str = "toy", version: int = 1) -> str:
    """The reason why an artifact is refused."""
    with pytest.raises(ArtifactError) as caught:
        read_artifact(folder, name, version)
    assert str(folder) not in str(caught.value)
    return str(caught.value)


def change(folder: Path, file: str, **keys: Any) -> None:
    """Set keys of a JSON file; `...` removes one."""
    value = {**json.loads((folder / file).read_text()), **keys}
    (folder / file).write_text(json.dumps({key: item for key, item in value.items() if item is not ...}))


FILES = ["model.keras", "model.onnx", "signature.json", "examples.npz", "examples.jsonl", "report/card.md"]
MANIFEST_KEYS = list(Manifest.model_fields)


def test_a_sound_artifact_is_read_whole(sound: Path) -> None:
    """Signature, manifest, examples and records come out as they were written."""
    artifact = read_artifact(sound, "toy", 1)
    assert json.loads(artifact.signature.model_dump_json(exclude_unset=True)) == toy.signature()
    assert set(artifact.manifest.files) == set(FILES)
    arrays = toy.examples()
    assert np.array_equal(artifact.inputs["x"], arrays["inputs/x"])
    assert {name: array.tolist() for name, array in artifact.outputs.items()} == {
        name: arrays[f"outputs/{name}"].tolist() for name in ("double", "total")
    }
    assert [record["size"] for record in artifact.records] == arrays["inputs/x"][:, 0].tolist()


def test_bentomls_own_file_need_not_be_named(folder: Path) -> None:
    """`model.yaml` is BentoML's to write, at the top of the artifact and nowhere else."""
    (folder / "model.yaml").write_text("name: toy\n")
    assert read_artifact(folder, "toy", 1).manifest.version == 1
    (folder / "report" / "model.yaml").write_text("")
    assert refused(folder) == "File report/model.yaml is not named in manifest.json."


@given(file=st.sampled_from(FILES), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(sound: Path, file: str, where: float, bit: int) -> None:
    """Whichever bit of whichever file changes, the artifact is refused and the file named."""
    path = sound / file
    before = path.read_bytes()
    after = bytearray(before)
    after[int(where * len(after))] ^= 1 << bit
    path.write_bytes(after)
    try:
        reason = refused(sound)
    finally:
        path.write_bytes(before)
    assert reason.startswith(f"File {file} has changed. Expected sha256 ")


@given(where=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_changed_manifest_is_refused_or_says_the_same_of_the_files(sound: Path, where: float, byte: int) -> None:
    """No byte of the manifest can be changed so that another set of files is believed."""
    path = sound / "manifest.json"
    before = path.read_bytes()
    after = bytearray(before)
    after[int(where * len(after))] = byte
    path.write_bytes(after)
    try:
        manifest = read_artifact(sound, "toy", 1).manifest
    except ArtifactError:
        return
    finally:
        path.write_bytes(before)
    assert manifest.files == json.loads(before)["files"]
    assert (manifest.name, manifest.version, manifest.format) == ("toy", 1, 1)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut", "longer", "a folder"])
def test_a_damaged_file_is_named(folder: Path, file: str, damage: str) -> None:
    """A file that is gone, cut off, longer or no file at all is refused by its name."""
    path = folder / file
    data = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "removed":
        path.write_bytes({"emptied": b"", "cut": data[:-1], "longer": data + b"\0"}[damage])
    gone = damage in ("removed", "a folder")
    assert refused(folder).startswith(f"File {file} " + ("of the manifest is missing." if gone else "has changed."))


@pytest.mark.parametrize("file", ["surplus.txt", "report/surplus.txt", "saved_model/variables/x", ".hidden", "latest"])
def test_a_file_that_is_not_named_is_refused(folder: Path, file: str) -> None:
    """Nothing may lie in an artifact that its manifest does not answer for."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("")
    assert refused(folder) == f"File {file} is not named in manifest.json."


@pytest.mark.parametrize("file", FILES)
def test_a_link_is_no_file(folder: Path, tmp_path: Path, file: str) -> None:
    """A link to the very same bytes outside is refused: they could change after the check."""
    outside = tmp_path / "outside"
    shutil.move(folder / file, outside)
    (folder / file).symlink_to(outside)
    assert refused(folder) == f"File {file} of the manifest is missing."


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_link_to_a_folder_is_refused(folder: Path, tmp_path: Path, target: str) -> None:
    """A linked folder, whose files no manifest names, is no part of an artifact."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "saved_model.pb").write_text("")
    (folder / "saved_model").rmdir()
    (folder / "saved_model").symlink_to(tmp_path / target)
    assert refused(folder) == "File saved_model is not named in manifest.json."


def test_a_named_pipe_is_no_file(folder: Path) -> None:
    """What would block its reader for ever is refused unread."""
    (folder / "model.keras").unlink()
    os.mkfifo(folder / "model.keras")
    assert refused(folder) == "File model.keras of the manifest is missing."


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "report/../../outside", "report", ""])
def test_the_manifest_names_files_of_the_artifact_only(folder: Path, tmp_path: Path, name: str) -> None:
    """A path that leads out of the artifact, or to a folder, is not followed."""
    (tmp_path / "outside").write_text("")
    manifest = json.loads((folder / "manifest.json").read_text())
    change(folder, "manifest.json", files={**manifest["files"], name: "0" * 64})
    assert refused(folder) == f"File {name} of the manifest is missing."


@pytest.mark.parametrize("key", MANIFEST_KEYS)
def test_every_key_of_the_manifest_is_required(folder: Path, key: str) -> None:
    """A manifest without any one of its keys is refused by that key."""
    change(folder, "manifest.json", **{key: ...})
    assert refused(folder) == f"manifest.json: Field required at {key}."


@pytest.mark.parametrize("file", ["manifest.json", "signature.json"])
def test_no_key_may_be_added(folder: Path, file: str) -> None:
    """A key that the format does not have is refused by its name, in both files."""
    change(folder, file, surplus=1)
    if file == "signature.json":
        toy.seal(folder)
    assert refused(folder) == f"{file}: Extra inputs are not permitted at surplus."


@pytest.mark.parametrize("key", ["format", "name", "task", "inputs", "outputs", "fields", "result"])
def test_every_key_of_the_signature_is_required(folder: Path, key: str) -> None:
    """A signature without any one of its keys is refused by that key."""
    change(folder, "signature.json", **{key: ...})
    toy.seal(folder)
    assert refused(folder) == f"signature.json: Field required at {key}."


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", 2), ("format", "1"), ("version", "1"), ("version", 1.0), ("files", []), ("packages", {"keras": 3})],
)
def test_a_manifest_of_other_types_is_refused(folder: Path, key: str, value: Any) -> None:
    """An older or newer format, and values of another JSON type, are refused by their key."""
    change(folder, "manifest.json", **{key: value})
    assert refused(folder).startswith("manifest.json: ")
    assert key in refused(folder)


@pytest.mark.parametrize(("name", "version"), [("other", 1), ("toy", 2), ("toy", 11), ("to", 1)])
def test_an_artifact_is_the_one_that_was_asked_for(folder: Path, name: str, version: int) -> None:
    """Neither another name nor another version is served under a tag."""
    assert refused(folder, name, version) == f"Expected the manifest of {name}:{version}. Received toy:1."


def test_the_signature_has_the_name_of_the_model(folder: Path) -> None:
    """A signature of another model is refused though the manifest names its bytes."""
    change(folder, "signature.json", name="other")
    toy.seal(folder)
    assert refused(folder) == "Expected the signature of toy. Received that of other."


@pytest.mark.parametrize("file", ["manifest.json", "signature.json"])
@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"\xef\xbb\xbf{}"]
)
def test_what_is_no_such_json_is_refused(folder: Path, file: str, text: bytes) -> None:
    """Whatever stands in the JSON files, it is refused with the name of the file."""
    (folder / file).write_bytes(text)
    if file == "signature.json":
        toy.seal(folder)
    assert refused(folder).startswith(f"{file}: ")


def test_a_folder_without_manifest_is_no_artifact(tmp_path: Path) -> None:
    """An empty or missing folder is refused for its manifest."""
    assert refused(tmp_path) == "File manifest.json is missing or cannot be read."
    assert refused(tmp_path / "absent") == "File manifest.json is missing or cannot be read."


def test_the_signature_alone_is_read_unverified(folder: Path) -> None:
    """It is read without the manifest's word; one that is missing or broken is refused in the usual words."""
    (folder / "manifest.json").unlink()
    assert [tensor.name for tensor in read_signature(folder).inputs] == ["x"]
    change(folder, "signature.json", task=...)
    with pytest.raises(ArtifactError, match=r"^signature\.json: Field required at task\.$"):
        read_signature(folder)
    (folder / "signature.json").unlink()
    with pytest.raises(ArtifactError, match=r"^File signature\.json is missing"):
        read_signature(folder)
