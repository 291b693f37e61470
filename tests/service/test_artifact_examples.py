"""The examples of an artifact: arrays and records that fit the signature and each other."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import artifact
from service.artifact import read_artifact
from service.errors import ArtifactError
from tests import toy

GOOD = toy.examples()
X = "inputs/x"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An artifact, to be damaged."""
    return toy.write(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact whose examples every use writes anew."""
    return toy.write(tmp_path_factory.mktemp("shared"))


def refused(folder: Path, file: str, data: bytes) -> str:
    """The reason why an artifact is refused that was sealed over such a file."""
    (folder / file).write_bytes(data)
    toy.seal(folder)
    with pytest.raises(ArtifactError) as caught:
        read_artifact(folder, "toy", 1)
    assert str(folder) not in str(caught.value)
    return str(caught.value)


def npz(arrays: dict[str, Any]) -> bytes:
    """The bytes of an npz."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """The bytes of a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def npy(header: str) -> bytes:
    """An array's file with this header and no data."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "input missing": ({X: ...}, "array inputs/x is missing"),
    "output missing": ({"outputs/total": ...}, "array outputs/total is missing"),
    "surplus array": ({"inputs/z": GOOD[X]}, "one array per tensor of the signature"),
    "other dtype": ({X: GOOD[X].astype(np.float64)}, "expected FP32 rows of [2] in inputs/x. Received float64 [5, 2]"),
    "other shape": ({X: GOOD[X][:, :1]}, "expected FP32 rows of [2] in inputs/x. Received float32 [5, 1]"),
    "other byte order": ({X: GOOD[X].astype(">f4")}, "Received >f4"),
    "scalar": ({X: np.float32(1)}, "Received float32 []"),
    "fewer rows": ({X: GOOD[X][:4]}, "all of the same rows"),
    "no rows": ({name: array[:0] for name, array in GOOD.items()}, "all of the same rows"),
    "objects": ({X: np.array([[1, "a"]], dtype=object)}, "cannot be read: ValueError"),
}


@pytest.mark.parametrize(("changes", "reason"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_do_not_fit_are_refused(folder: Path, changes: dict[str, Any], reason: str) -> None:
    """There is exactly one array per tensor, of its datatype and shape, with the same rows in all."""
    arrays = {name: array for name, array in {**GOOD, **changes}.items() if array is not ...}
    assert reason in refused(folder, "examples.npz", npz(arrays))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no zip": lambda: b"hello",
    "truncated": lambda: npz(GOOD)[:-40],
    "half": lambda: npz(GOOD)[: len(npz(GOOD)) // 2],
    "one array": lambda: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }".ljust(117) + "\n"),
    "a pickle": lambda: b"\x80\x04cos\nsystem\n.",
    "no arrays inside": lambda: zipped({"inputs/x.npy": b"hello"}),
    "bytes inside": lambda: zipped({"inputs/x": b"hello"}),
    "a giant": lambda: zipped(
        {"inputs/x.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1" + "0" * 15 + ", 2), }\n")}
    ),
    "code in a header": lambda: zipped({"inputs/x.npy": npy("__import__('os').abort()\n")}),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_npz_is_refused(folder: Path, make: Callable[[], bytes]) -> None:
    """Bytes that are made to hurt NumPy or zipfile are an `ArtifactError` like all others."""
    assert refused(folder, "examples.npz", make()).startswith("examples.npz")


@given(st.data())
def test_a_damaged_npz_is_refused_or_read(shared: Path, data: st.DataObject) -> None:
    """Whatever bytes change in a sealed npz, nothing but `ArtifactError` comes of it."""
    whole = bytearray(npz(GOOD))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    (shared / "examples.npz").write_bytes(whole)
    toy.seal(shared)
    try:
        read = read_artifact(shared, "toy", 1)
    except ArtifactError:
        return
    assert read.inputs["x"].shape == GOOD[X].shape


def test_a_zip_may_not_inflate_without_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An npz that claims more than the bound is refused before any of it is inflated."""
    monkeypatch.setattr(artifact, "MAX_EXAMPLES_BYTES", sum(len(npz({"a": array})) for array in GOOD.values()))
    assert read_artifact(folder, "toy", 1).inputs
    monkeypatch.setattr(artifact.np, "load", None)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inputs/x.npy", bytes(1_000_000))
    assert "bytes inflated" in refused(folder, "examples.npz", bomb.getvalue())


LINES = (json.dumps({"size": 1.0, "colour": "red"}) + "\n") * 5
JSONL: dict[str, bytes] = {
    "too few": LINES.encode()[: len(LINES) // 5],
    "too many": (LINES + LINES).encode(),
    "an empty line": (LINES[: -len(LINES) // 5] + "\n").encode(),
    "a list": ("[1]\n" * 5).encode(),
    "a number": ("1\n" * 5).encode(),
    "broken": ("{\n" * 5).encode(),
    "NaN": ('{"size": NaN, "colour": "red"}\n' * 5).encode(),
    "not text": b"\xff\n" * 5,
    "a lone surrogate": b'{"size": 1, "colour": "\\ud800"}\n' * 5,
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("text", JSONL.values(), ids=JSONL)
def test_records_that_do_not_fit_are_refused(folder: Path, text: bytes) -> None:
    """There is one record per row, each an object on a line of its own."""
    assert refused(folder, "examples.jsonl", text).startswith("examples.jsonl")


def test_a_line_ends_at_its_line_feed_only(folder: Path) -> None:
    """Separators that Unicode knows, inside a record's text, do not end the line."""
    line = json.dumps({"size": 1.0, "colour": "r\u2028e\x85d"}, ensure_ascii=False) + "\n"
    (folder / "examples.jsonl").write_text(line * 5, encoding="utf-8")
    toy.seal(folder)
    assert len(read_artifact(folder, "toy", 1).records) == 5


def test_the_last_line_need_not_end(folder: Path) -> None:
    """A file whose last line lacks its end holds the same records."""
    (folder / "examples.jsonl").write_text(LINES[:-1])
    toy.seal(folder)
    assert len(read_artifact(folder, "toy", 1).records) == 5
