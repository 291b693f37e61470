"""What every data set module returns: rows of named arrays, in three parts, with examples."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.signature import Signature

EXAMPLE_ROWS = 64

INTERVAL = "_interval"
"""An output `NAME_interval` answers the same target as `NAME`, by a low and a high end."""

Record = dict[str, Any]
"""One row as a person writes it: field names to JSON values."""

Answers = dict[str, NDArray[np.float32]]
"""What a model or a baseline makes of rows, by output name: float32, shape (rows, elements)."""


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

    def target(self, output: str) -> NDArray[Any]:
        """What an output is trained to answer, shape (rows,)."""
        return self.targets[output.removesuffix(INTERVAL)]

    def select(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> "Rows":
        """The same rows with some of their inputs and targets."""
        return Rows(
            {name: array for name, array in self.inputs.items() if name in inputs},
            {name: array for name, array in self.targets.items() if name in outputs},
        )

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
        intended_use: What models trained on it are for, for the model card.
        limits: What models trained on it must not be trusted with, for the model card.
        variants: The test rows with changed inputs, by what was changed; the model is judged on them too, because its
            users' rows will be such.
        rule_of_thumb: Answers the test rows as a person would who knows the training rows; None: there is no rule.
    """

    signature: Signature
    train: Rows
    validation: Rows
    test: Rows
    examples: Rows
    records: list[Record]
    files: dict[str, str]
    about: str
    intended_use: str
    limits: str
    variants: dict[str, Rows] = field(default_factory=dict)
    rule_of_thumb: "Callable[[Dataset], Answers] | None" = None

    def select(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> "Dataset":
        """The same data set seen through some of its inputs and outputs; records leave out what fills none of them."""
        signature = self.signature.select(inputs, outputs)
        names = {item.name for item in signature.fields}
        train, validation, test, examples = (rows.select(inputs, outputs) for rows in self.parts.values())
        records = [{key: value for key, value in record.items() if key in names} for record in self.records]
        return replace(
            self,
            signature=signature,
            train=train,
            validation=validation,
            test=test,
            examples=examples,
            records=records,
            variants={name: rows.select(inputs, outputs) for name, rows in self.variants.items()},
        )

    @property
    def parts(self) -> dict[str, Rows]:
        """All rows, by the name of their part."""
        return {"train": self.train, "validation": self.validation, "test": self.test, "examples": self.examples}

    @property
    def judged_by_training_rows(self) -> bool:
        """Whether the test rows are the training rows: a truth table, whose metrics are not estimates of anything."""
        return all(np.array_equal(self.test.inputs[name], array) for name, array in self.train.inputs.items())

    def without_validation(self) -> "Dataset":
        """The same data set with its validation rows used for training, and the test rows to watch."""
        return replace(self, train=self.train.join(self.validation), validation=self.test)


def example_positions(rows: int) -> NDArray[np.int64]:
    """Positions of the example rows: `EXAMPLE_ROWS` of them spread evenly over `rows`, all if fewer."""
    return np.linspace(0, rows - 1, min(rows, EXAMPLE_ROWS)).astype(np.int64)
