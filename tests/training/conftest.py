"""Data sets small enough to train on within a test, and stores that vanish with it."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from training.config import TrainingConfig
from training.datasets import fashion, flights, mnist, xor
from training.datasets.dataset import Dataset, Rows
from training.presets import find_preset
from training.quiet import ask_for_quiet
from training.storage.store import Store

ask_for_quiet()

DATA_DIR = Path(__file__).parents[2] / "data"

LOADERS: dict[str, Callable[[Path], Dataset]] = {
    "mnist": mnist.load,
    "fashion": fashion.load,
    "flights": flights.load,
    "xor": xor.load,
}


@pytest.fixture(scope="session")
def datasets() -> dict[str, Dataset]:
    """Every data set in full, by name."""
    return {name: load(DATA_DIR) for name, load in LOADERS.items()}


@pytest.fixture(scope="session")
def small_datasets(datasets: dict[str, Dataset]) -> dict[str, Dataset]:
    """Every data set cut down to a few hundred rows of each part."""
    return {name: _smaller(dataset) for name, dataset in datasets.items()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store, in `tmp_path / "home"`."""
    return Store(tmp_path / "home")


@pytest.fixture
def console() -> Console:
    """A console that is no terminal and keeps what is printed."""
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def quick_xor() -> TrainingConfig:
    """The xor preset, two epochs of it."""
    return replace(find_preset("xor", None), epochs=2)


def _smaller(dataset: Dataset) -> Dataset:
    return replace(
        dataset, train=_spread(dataset.train), validation=_spread(dataset.validation), test=_spread(dataset.test)
    )


def _spread(rows: Rows, at_most: int = 400) -> Rows:
    if not len(rows):
        return rows
    return rows.take(np.linspace(0, len(rows) - 1, min(at_most, len(rows))).astype(int))
