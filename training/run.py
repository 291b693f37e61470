"""One training run with its place in the store: from a configuration to a tag such as `mnist:3`."""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from training.config import TrainingConfig
from training.evaluation.comparison import Difference
from training.evaluation.findings import Metrics
from training.fit import help_to_train, train_and_evaluate
from training.machine import Machine
from training.storage.manifest import Origin, write_manifest
from training.storage.store import Store


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes:
        tag: In the store, such as `mnist:3`.
        metrics: Of the model on the test rows.
        difference: From the version that was stored before; None if there was none to compare with.
        seconds: What the whole took.
    """

    tag: str
    metrics: Metrics
    difference: Difference | None
    seconds: float


def run(
    config: TrainingConfig,
    name: str,
    store: Store,
    data_dir: Path,
    machine: Machine,
    console: Console,
    *,
    allow_below_gate: bool = False,
) -> Outcome | None:
    """Train, judge, export and store; nothing is left behind if any of it fails.

    Args:
        config: Decides everything about the model.
        name: Name in the store.
        store: Receives the artifact.
        data_dir: The folder of the data files.
        machine: Where to run.
        console: Where to show progress.
        allow_below_gate: Store even a model that misses its gate; its card says so.

    Returns:
        None on a worker that helped another, which stores the model.

    Raises:
        TrainingError: If data, gate, export or store refuse.
    """
    if not machine.is_chief:
        help_to_train(config, name, data_dir, machine, console)
        return None
    started_s = time.monotonic()
    versions = store.versions(name)
    with store.staging(name) as folder:
        trained = train_and_evaluate(
            config,
            folder,
            name=name,
            data_dir=data_dir,
            machine=machine,
            console=console,
            before=store.folder(name, versions[-1]) if versions else None,
            allow_below_gate=allow_below_gate,
        )
        origin = Origin.of(config, trained.files)
        tag = store.publish(name, folder, lambda number: write_manifest(folder, name, number, origin))
    return Outcome(tag, trained.evaluation.metrics, trained.difference, time.monotonic() - started_s)
