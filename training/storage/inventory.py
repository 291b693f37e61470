"""What is in the store, one item a folder. Reads only, and takes the manifests at their word."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from training.config import Bound
from training.errors import ManifestError, StoreError
from training.evaluation.findings import Metrics
from training.evaluation.gate import failures_of
from training.storage import disk
from training.storage.labels import Labels
from training.storage.manifest import Manifest, read_manifest
from training.storage.store import Store

_GATE = TypeAdapter(tuple[Bound, ...])


@dataclass(frozen=True, kw_only=True)
class Item:
    """One folder of the store.

    Attributes:
        tag: `NAME:VERSION`; the version is a number, unless somebody else wrote the folder.
        size_bytes: Of all its files.
        latest: Whether it has the highest number of its name.
        labels: Words that point to it.
        bentos: Tags of the bentos that name it.
        manifest: What its manifest says; None if there is a fault.
        quality: The metrics that its gate judges; none of a model trained elsewhere.
        missed: A sentence for every condition of its gate that it misses.
        fault: Why it is no whole artifact; None if it is one.
    """

    tag: str
    size_bytes: int
    latest: bool
    labels: Sequence[str]
    bentos: Sequence[str]
    manifest: Manifest | None = None
    quality: Metrics = field(default_factory=dict)
    missed: Sequence[str] = ()
    fault: str | None = None


def inventory(store: Store, name: str, labels: Labels, bentos: Mapping[str, Sequence[str]]) -> list[Item]:
    """Every folder under a name, the smallest number first.

    Args:
        store: Where to look.
        name: Name of the models.
        labels: All those of the store.
        bentos: Tags of bentos, by the tag of the model that they name.

    Raises:
        StoreError: If nothing of that name is stored, or a file goes while it is looked at.
    """
    if name not in (stored := store.names()):
        raise StoreError(f"Expected a name in the store: {', '.join(stored) or 'there is none'}. Received {name!r}.")
    latest = str(store.latest(name))
    pointed = {label: str(version) for label, version in labels.get(name, {}).items()}
    with disk.sentence(f"list the versions of {name}"):
        return [
            _read(
                folder,
                Item(
                    tag=(tag := f"{name}:{folder.name}"),
                    size_bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
                    latest=folder.name == latest,
                    labels=sorted(label for label, version in pointed.items() if version == folder.name),
                    bentos=bentos.get(tag, ()),
                ),
            )
            for folder in store.folders(name)
        ]


def _read(folder: Path, item: Item) -> Item:
    """Add what the folder's files say."""
    try:
        manifest = read_manifest(folder)
        if (received := f"{manifest.name}:{manifest.version}") != item.tag:
            raise ManifestError(f"Expected the manifest of {item.tag}. Received that of {received}.")
        quality, missed = _judge(folder, manifest)
    except ManifestError as error:
        return replace(item, fault=str(error))
    return replace(item, manifest=manifest, quality=quality, missed=missed)


def _judge(folder: Path, manifest: Manifest) -> tuple[Metrics, Sequence[str]]:
    """The metrics that the gate judges, and what was missed of it; nothing where the gate is not known."""
    try:
        gate = _GATE.validate_python((manifest.training or {}).get("gate", ()))
    except ValidationError:  # another version of the project may have had gates of another kind
        return {}, ()
    try:
        metrics = json.loads((folder / "report" / "metrics.json").read_bytes()) if gate else {}
        quality = {bound.metric: metrics[bound.metric] for bound in gate}
        return quality, failures_of(gate, metrics)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError("Expected the metrics of the gate in report/metrics.json. Received others.") from error
