"""`manifest.json`: sha256 of every file of an artifact, and where it comes from."""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path

from training.config import TrainingConfig

_PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime", "numpy", "bentoml")
_UNNAMED = {"manifest.json", "model.yaml"}


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file under `folder` but the manifest and `model.yaml`, by path with `/`, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items() if name not in _UNNAMED}


def write_manifest(folder: Path, name: str, version: int, config: TrainingConfig, data: dict[str, str]) -> None:
    """Write the manifest of the artifact in `folder`, its last file but BentoML's own.

    Args:
        folder: The artifact.
        name: Name in the store.
        version: Number in the store.
        config: The configuration that trained it.
        data: sha256 of every data file, by its path under `data/`.
    """
    content = {
        "format": 1,
        "name": name,
        "version": version,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": checksums(folder),
        "training": config.as_dict(),
        "seed": config.seed,
        "packages": {package: package_version(package) for package in _PACKAGES},
        "data": data,
    }
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
