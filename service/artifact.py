"""Reads an artifact's signature, manifest and examples, and believes nothing it has not checked.

The contract is ``docs/artifact.md``. This module knows files, JSON and NumPy, and no framework.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from service.errors import ArtifactError
from service.signature import Signature, Tensor

UNLISTED = frozenset({"manifest.json", "model.yaml"})
MAX_EXAMPLES_BYTES = 256 * 1024 * 1024
"""Longest ``examples.npz`` once inflated: a zip may claim a thousand times its size."""

Parsed = TypeVar("Parsed", bound=BaseModel)


class Manifest(BaseModel):
    """``manifest.json``: what the artifact is made of and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1]
    name: str
    version: int
    created: str
    files: dict[str, str]
    weights: str
    training: dict[str, Any] | None
    seed: int | None
    packages: dict[str, str]
    data: dict[str, str] | None
    revision: str | None
    machine: str


@dataclass(frozen=True, slots=True)
class Examples:
    """The first rows of an artifact's examples, kept to show what a request and its answer look like.

    Attributes:
        inputs: Rows by input name, first axis the row.
        outputs: The stored answers to them by output name, first axis the row.
        records: The same rows as records.
    """

    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified artifact.

    Attributes:
        folder: Where its files are.
        inputs: Example rows by input name, first axis the row.
        outputs: The stored answers to them by output name, first axis the row.
        records: The same rows as records, in order.
    """

    folder: Path
    signature: Signature
    manifest: Manifest
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    records: list[dict[str, Any]]

    def first(self, rows: int) -> Examples:
        """The first ``rows`` examples, in memory of their own."""
        inputs, outputs = ({n: a[:rows].copy() for n, a in side.items()} for side in (self.inputs, self.outputs))
        return Examples(inputs, outputs, self.records[:rows])


def read_signature(folder: Path) -> Signature:
    """Read ``signature.json`` alone, unverified.

    Raises:
        ArtifactError: It is missing or no signature.
    """
    return _parse(Signature, folder / "signature.json")


def read_artifact(folder: Path, name: str, version: int) -> Artifact:
    """Verify and read the artifact ``name:version`` in ``folder``.

    Raises:
        ArtifactError: A file is missing, changed, unnamed or does not fit the others.
    """
    manifest = _parse(Manifest, folder / "manifest.json")
    if (manifest.name, manifest.version) != (name, version):
        raise ArtifactError(f"Expected the manifest of {name}:{version}. Received {manifest.name}:{manifest.version}.")
    verify_files(folder, manifest)
    signature = _parse(Signature, folder / "signature.json")
    if signature.name != name:
        raise ArtifactError(f"Expected the signature of {name}. Received that of {signature.name}.")
    inputs, outputs = _read_examples(folder / "examples.npz", signature)
    rows = len(next(iter(inputs.values())))
    return Artifact(folder, signature, manifest, inputs, outputs, _read_records(folder / "examples.jsonl", rows))


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Compare the folder with the manifest, byte for byte.

    Raises:
        ArtifactError: Names the first file that is missing, changed or not named.
    """
    present = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    unnamed = sorted(present - UNLISTED - manifest.files.keys())
    if unnamed:
        raise ArtifactError(f"File {unnamed[0]} is not named in manifest.json.")
    for name, expected in sorted(manifest.files.items()):
        path = folder / name
        if name not in present or path.is_symlink() or not path.is_file():
            raise ArtifactError(f"File {name} of the manifest is missing.")
        try:
            with path.open("rb") as file:
                received = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            raise ArtifactError(f"File {name} cannot be read.") from None
        if received != expected:
            raise ArtifactError(f"File {name} has changed. Expected sha256 {expected}. Received {received}.")


def _parse(kind: type[Parsed], path: Path) -> Parsed:
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError:
        raise ArtifactError(f"File {path.name} is missing or cannot be read.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ArtifactError(f"{path.name}: {first['msg']} at {place or 'its top'}.") from None


def _read_examples(path: Path, signature: Signature) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_EXAMPLES_BYTES:
                raise ArtifactError(f"examples.npz: expected at most {MAX_EXAMPLES_BYTES} bytes inflated.")
        with np.load(path, allow_pickle=False) as arrays:
            stored = {name: arrays[name] for name in arrays.files}
    except ArtifactError:
        raise
    except Exception as error:  # NumPy and zipfile raise a dozen kinds on bytes made to hurt them
        raise ArtifactError(f"examples.npz cannot be read: {type(error).__name__}.") from None
    inputs = {tensor.name: _example(stored, f"inputs/{tensor.name}", tensor) for tensor in signature.inputs}
    outputs = {tensor.name: _example(stored, f"outputs/{tensor.name}", tensor) for tensor in signature.outputs}
    lengths = {len(array) for array in (*inputs.values(), *outputs.values())}
    if stored or len(lengths) != 1 or 0 in lengths:
        raise ArtifactError("examples.npz: expected one array per tensor of the signature, all of the same rows.")
    return inputs, outputs


def _example(stored: dict[str, np.ndarray], key: str, tensor: Tensor) -> np.ndarray:
    array = stored.pop(key, None)
    if not isinstance(array, np.ndarray):  # a member that is no array comes as bytes
        raise ArtifactError(f"examples.npz: array {key} is missing.")
    if array.dtype != tensor.numpy or array.shape[1:] != tensor.shape or array.ndim == 0:
        expected = f"{tensor.dtype} rows of {list(tensor.shape)}"
        raise ArtifactError(f"examples.npz: expected {expected} in {key}. Received {array.dtype} {list(array.shape)}.")
    return array


def _read_records(path: Path, rows: int) -> list[dict[str, Any]]:
    try:
        records = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    except (OSError, ValueError) as error:
        raise ArtifactError(f"examples.jsonl cannot be read: {error}.") from None
    if len(records) != rows or not all(isinstance(record, dict) for record in records):
        raise ArtifactError(f"examples.jsonl: expected {rows} records. Received {len(records)}.")
    return records
