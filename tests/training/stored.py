"""Artifacts in a store that were never trained: a manifest and metrics, and bentos that name them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bentoml import Tag
from bentoml._internal.bento.bento import BentoInfoV2, BentoModelInfo, BentoServiceInfo

from training.presets import find_preset
from training.storage.manifest import Manifest
from training.storage.store import Store

TRAINED = find_preset("xor", None).as_dict()


def put(
    store: Store, name: str = "xor", *, training: dict[str, Any] | None = TRAINED, accuracy: float = 1.0, size: int = 0
) -> str:
    """Store the next version of a name and return its tag; `size` is that of its model in bytes."""
    with store.staging(name) as folder:
        (folder / "report").mkdir()
        (folder / "report" / "metrics.json").write_text(json.dumps({"test_accuracy": accuracy}))
        (folder / "model.onnx").write_bytes(b"x" * size)
        return store.publish(name, folder, lambda version: seal(folder, name, version, training=training))


def seal(folder: Path, name: str, version: int, **content: Any) -> None:
    """Write a manifest."""
    given = {"training": TRAINED, "seed": 0, "data": {}, "revision": "abc", "machine": "a toy's"} | content
    manifest = Manifest(
        name=name, version=version, created="2026-01-31T12:00:00Z", files={}, weights="0" * 64, packages={}, **given
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())


def put_bento(store: Store, tag: str, models: Sequence[str] = (), of_services: Sequence[str] = ()) -> Path:
    """Write a bento, as BentoML does, that names models itself and through its services; returns its `bento.yaml`."""
    name, version = tag.split(":")
    folder = store.home / "bentos" / name / version
    folder.mkdir(parents=True)
    info = BentoInfoV2(
        tag=Tag(name, version),
        service="service:Service",
        models=[BentoModelInfo(model) for model in models],
        services=[BentoServiceInfo(name="Service", service="", models=[BentoModelInfo(m) for m in of_services])],
    )
    with (folder / "bento.yaml").open("w") as file:
        info.dump(file)
    (folder.parent / "latest").write_text(version)
    return folder / "bento.yaml"
