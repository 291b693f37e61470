"""`manifest.json`: sha256 of every file of an artifact, and where it comes from."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from training.config import TrainingConfig
from training.errors import ManifestError
from training.storage.provenance import machine, package_versions, revision

_UNNAMED = {"manifest.json", "model.yaml"}


@dataclass(frozen=True)
class Origin:
    """How a model came to be; nothing of it is known of a model trained elsewhere.

    Attributes:
        training: The configuration, as JSON-compatible values.
        seed: Seed of the run.
        data: sha256 of every data file, by its path under `data/`.
    """

    training: dict[str, Any] | None
    seed: int | None
    data: dict[str, str] | None

    @classmethod
    def of(cls, config: TrainingConfig, data: dict[str, str]) -> "Origin":
        """That of a training run."""
        return cls(config.as_dict(), config.seed, data)


class Manifest(BaseModel):
    """The content of `manifest.json`, key by key as in `docs/artifact.md`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
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


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file under `folder` but the manifest and `model.yaml`, by path with `/`, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items() if name not in _UNNAMED}


def write_manifest(folder: Path, name: str, version: int, origin: Origin) -> None:
    """Write the manifest of the artifact in `folder`, its last file but BentoML's own.

    Args:
        folder: The artifact.
        name: Name in the store.
        version: Number in the store.
        origin: How the model came to be.
    """
    from training.storage.weights import weights_sha256

    content = Manifest(
        name=name,
        version=version,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        files=checksums(folder),
        weights=weights_sha256(folder / "model.keras"),
        training=origin.training,
        seed=origin.seed,
        packages=package_versions(),
        data=origin.data,
        revision=revision(),
        machine=machine(),
    )
    (folder / "manifest.json").write_text(content.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of the artifact in `folder`; the files that it names are not compared with it.

    Raises:
        ManifestError: If it is missing or is not what `docs/artifact.md` says.
    """
    try:
        return Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    except OSError as error:
        raise ManifestError(f"manifest.json cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ManifestError(f"manifest.json: {first['msg']} at {place or 'its top'}.") from error
