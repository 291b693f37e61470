"""What every data set module returns: rows of named arrays, in three parts, with examples."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.signature import Signature

EXAMPLE_ROWS = 64

Record = dict[str, Any]
"""One row as a person writes it: field names to JSON values."""


@dataclass(frozen=True)
class Rows:
    """Rows of a data set.

    Attributes:
        inputs: By input name; shape (rows, *shape of the signature), dtype of the signature.
        targets: By output name; shape (rows,): class number (int32), or the value (float32).
    """

    inputs: dict[str, NDArray[Any]]
    targets: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        """Number of rows."""
        return len(next(iter(self.targets.values())))

    def take(self, rows: NDArray[np.integer[Any]] | NDArray[np.bool_] | slice) -> "Rows":
        """The chosen rows: positions, a mask, or a slice."""
        return Rows(
            {name: array[rows] for name, array in self.inputs.items()},
            {name: array[rows] for name, array in self.targets.items()},
        )

    def join(self, other: "Rows") -> "Rows":
        """These rows, then the other's."""
        return Rows(
            {name: np.concatenate([array, other.inputs[name]]) for name, array in self.inputs.items()},
            {name: np.concatenate([array, other.targets[name]]) for name, array in self.targets.items()},
        )


@dataclass(frozen=True)
class Dataset:
    """A data set, loaded and split.

    Attributes:
        signature: Tensors, fields and answers of the models trained on it.
        train: Rows that weights are fitted to.
        validation: Rows of the training part kept aside to choose settings by; may be empty.
        test: Rows read once, at the end.
        examples: Rows of `test` that travel with the artifact.
        records: The same rows as records.
        files: sha256 of every data file read, by its path under `data/`.
        about: Origin, licence and split in a sentence or two, for the model card.
        limits: What models trained on it must not be trusted with, for the model card.
    """

    signature: Signature
    train: Rows
    validation: Rows
    test: Rows
    examples: Rows
    records: list[Record]
    files: dict[str, str]
    about: str
    limits: str

    def without_validation(self) -> "Dataset":
        """The same data set with its validation rows used for training, and the test rows to watch."""
        return replace(self, train=self.train.join(self.validation), validation=self.test)


def example_positions(rows: int) -> NDArray[np.int64]:
    """Positions of the example rows: `EXAMPLE_ROWS` of them spread evenly over `rows`, all if fewer."""
    return np.linspace(0, rows - 1, min(rows, EXAMPLE_ROWS)).astype(np.int64)
