"""Trains a stored model again, from its manifest alone, and compares."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from training.errors import ManifestError
from training.evaluation.findings import Metrics
from training.fit import train_and_evaluate
from training.machine import Machine
from training.storage.manifest import Manifest, Origin, read_manifest, write_manifest
from training.storage.restored import restore
from training.storage.store import Store

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Run:
    """One of the two runs: what its manifest says, and what it reached on the test rows."""

    manifest: Manifest
    metrics: Metrics


@dataclass(frozen=True)
class Comparison:
    """A stored run and its repetition."""

    stored: Run
    again: Run

    @property
    def same_weights(self) -> bool:
        """Whether both gave the same weights, bit for bit."""
        return self.stored.manifest.weights == self.again.manifest.weights

    @property
    def other_metrics(self) -> list[tuple[str, float | None, float | None]]:
        """The metrics that are not the same to the last digit: name, stored, now; None if it was not taken."""
        return _unequal(self.stored.metrics, self.again.metrics)

    @property
    def circumstances(self) -> list[tuple[str, str | None, str | None]]:
        """What a run depends on besides configuration and seed, where it is not the same: what, stored, now."""
        return _unequal(_circumstances(self.stored.manifest), _circumstances(self.again.manifest))


def reproduce(store: Store, tag: str, data_dir: Path, console: Console) -> Comparison:
    """Train again with the configuration and seed of a stored model; the result is compared and thrown away.

    Args:
        store: Holds the model.
        tag: The model, such as `mnist:3`.
        data_dir: The folder of the data files.
        console: Where to show progress.

    Raises:
        ManifestError: If the manifest does not say how the model was trained.
        TrainingError: If it is not in the store, or training refuses.
    """
    name, version = store.find(tag)
    training = read_manifest(store.folder(name, version)).training
    if training is None:
        raise ManifestError(f"Expected a model that was trained here. Received {tag}, which was trained elsewhere.")
    config, stored = restore(training), _run(store.folder(name, version))
    with store.staging(name) as workdir:
        trained = train_and_evaluate(
            config,
            workdir,
            name=name,
            data_dir=data_dir,
            machine=Machine(),
            console=console,
            allow_below_gate=True,
        )
        write_manifest(workdir, name, version, Origin.of(config, trained.files))
        return Comparison(stored, _run(workdir))


def _run(folder: Path) -> Run:
    try:
        metrics = json.loads((folder / "report" / "metrics.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ManifestError(f"Expected metrics in {folder / 'report' / 'metrics.json'}. Received none.") from error
    return Run(read_manifest(folder), metrics)


def _circumstances(manifest: Manifest) -> dict[str, str]:
    return {
        **manifest.packages,
        **(manifest.data or {}),
        "revision": manifest.revision or "unknown",
        "machine": manifest.machine,
    }


def _unequal(stored: dict[str, _Value], again: dict[str, _Value]) -> list[tuple[str, _Value | None, _Value | None]]:
    rows = [(key, stored.get(key), again.get(key)) for key in stored | again]
    return [row for row in rows if row[1] != row[2]]
