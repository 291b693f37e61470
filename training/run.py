"""One training run with its place in the store: from a configuration to a tag such as `mnist:3`."""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from training.config import TrainingConfig
from training.evaluate import Metrics
from training.fit import train_and_evaluate
from training.manifest import write_manifest
from training.store import Store


@dataclass(frozen=True)
class Outcome:
    """What a run gave: the tag in the store, the metrics on the test rows, and how long it took."""

    tag: str
    metrics: Metrics
    seconds: float


def run(
    config: TrainingConfig, name: str, store: Store, data_dir: Path, console: Console, *, allow_below_gate: bool
) -> Outcome:
    """Train, judge, export and store; nothing is left behind if any of it fails.

    Args:
        config: Decides everything about the training.
        name: Name in the store.
        store: Receives the artifact.
        data_dir: The folder of the data files.
        console: Where to show progress.
        allow_below_gate: Store even a model that misses its gate; its card says so.

    Raises:
        TrainingError: If data, gate, export or store refuse.
    """
    started_s = time.monotonic()
    with store.staging(name) as folder:
        metrics, data = train_and_evaluate(
            config, folder, name=name, data_dir=data_dir, console=console, allow_below_gate=allow_below_gate
        )
        tag = store.publish(name, folder, lambda number: write_manifest(folder, name, number, config, data))
    return Outcome(tag, metrics, time.monotonic() - started_s)
