"""The models that are served: those of the store that the environment names, else trained for the benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from loadtests.benchmark.contender import Subject
from loadtests.errors import BenchmarkError

DENSE, CONVOLUTIONAL = "mnist-mlp-512-256-128", "mnist"
TRAINING: Mapping[str, tuple[str, ...]] = {
    DENSE: ("mnist", "--preset", "mlp-512-256-128", "--missing"),
    CONVOLUTIONAL: ("mnist", "--missing"),
}
"""Words of ``python -m training`` that make a model if it is not there."""


def subject(name: str, folder: Path, note: Callable[[str], None]) -> Subject:
    """Find a model, or train it.

    Args:
        name: One of those of ``TRAINING``.
        folder: Of the benchmark; what is trained lies in its ``home``.
        note: Takes a line about what goes on.

    Raises:
        BenchmarkError: The training failed.
    """
    own = folder.absolute() / "home"
    named = os.environ.get("BENTOML_HOME")
    for home in (Path(named) if named else own, own):
        if (found := latest(home, name)) is not None:
            return Subject(name, found)
    note(f"training {name}, once")
    log = folder / "logs" / f"training-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    own.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        code = subprocess.run(
            [sys.executable, "-m", "training", *TRAINING[name]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"BENTOML_HOME": str(own)},
            check=False,
        ).returncode
    found = latest(own, name)
    if code != 0 or found is None:
        raise BenchmarkError(f"Expected a trained {name}. Received exit code {code}: {log.read_text()[-500:].strip()}")
    return Subject(name, found)


def latest(home: Path, name: str) -> Path | None:
    """Folder of the highest version of a model in a store, if it has one."""
    versions = [path for path in (home / "models" / name).glob("*/") if path.name.isdigit()]
    return max(versions, key=lambda path: int(path.name)).absolute() if versions else None
