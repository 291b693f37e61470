"""What the next epoch of a run depends on: weights, the counters behind dropout, what optimizer and callbacks remember.

The order of rows and the movements of images follow from the number of the epoch, so a run that goes on from a state
gives the weights, bit for bit, of one that never stopped.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.config import TrainingConfig
from training.datasets.dataset import Dataset

History = dict[str, list[float]]
"""A list per loss and metric, one number per epoch."""

_REMEMBERED = ("best", "best_epoch", "wait")
"""Attributes of Keras' `EarlyStopping`, besides the best weights."""


@dataclass(frozen=True)
class State:
    """A run between two epochs.

    Attributes:
        epochs: How many are done.
        history: Of these epochs.
        stopping: What `EarlyStopping` remembers, as JSON-compatible values.
        variables: Of the model, then of its optimizer.
        best_weights: Those of the best epoch; empty if they are not kept.
    """

    epochs: int
    history: History
    stopping: dict[str, Any]
    variables: list[NDArray[Any]]
    best_weights: list[NDArray[Any]]

    @classmethod
    def of(cls, model: keras.Model, stopping: keras.callbacks.EarlyStopping, history: History) -> Self:
        """The state now, copied, so that the next epoch does not change it."""
        return cls(
            len(history["loss"]),
            {key: list(values) for key, values in history.items()},
            {key: getattr(stopping, key) for key in _REMEMBERED},
            [np.array(variable) for variable in _variables(model)],
            stopping.best_weights or [],
        )

    def restore(self, model: keras.Model, stopping: keras.callbacks.EarlyStopping) -> None:
        """Put model, optimizer and callback where they were."""
        for variable, array in zip(_variables(model), self.variables, strict=True):
            variable.assign(array)
        for key, value in self.stopping.items():
            setattr(stopping, key, value)
        stopping.best_weights = self.best_weights or None

    def to_bytes(self) -> bytes:
        """As the content of an `.npz` file."""
        arrays: dict[str, Any] = {f"variable_{number:05}": array for number, array in enumerate(self.variables)}
        arrays |= {f"best_{number:05}": array for number, array in enumerate(self.best_weights)}
        words = json.dumps({"epochs": self.epochs, "history": self.history, "stopping": self.stopping})
        arrays["words"] = np.frombuffer(words.encode(), np.uint8)
        file = io.BytesIO()
        np.savez(file, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """What `to_bytes` gave."""
        with np.load(io.BytesIO(content)) as file:
            arrays = {name: file[name] for name in sorted(file.files)}
        words = json.loads(arrays.pop("words").tobytes())
        return cls(
            **words,
            variables=[array for name, array in arrays.items() if name.startswith("variable")],
            best_weights=[array for name, array in arrays.items() if name.startswith("best")],
        )


def fingerprint(config: TrainingConfig, dataset: Dataset, model: keras.Model) -> str:
    """64 hex digits that change with all that decides a run: configuration, rows, variables, packages.

    Args:
        config: How the model is trained.
        dataset: What it is trained on, and watched by.
        model: Built and compiled, its optimizer built.
    """
    packages = [keras.__version__, tf.__version__]
    variables = [[list(variable.shape), variable.dtype] for variable in _variables(model)]
    digest = hashlib.sha256(json.dumps([config.as_dict(), packages, variables]).encode())
    for rows in (dataset.train, dataset.validation):
        for name, array in (rows.inputs | rows.targets).items():
            digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def _variables(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
