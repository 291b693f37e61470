"""What every command takes."""

import argparse
import os
from pathlib import Path
from typing import TypeAlias

from training.storage.store import Store

DATA_DIR = Path(__file__).resolve().parents[2] / "data"

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where a command declares itself; argparse gives it no public name."""


def store_home() -> Path:
    """BentoML's home: `BENTOML_HOME`, or BentoML's own default."""
    return Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml").expanduser()


def open_store() -> Store:
    """The store that all commands read and write."""
    return Store(store_home())
