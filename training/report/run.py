"""All that a report tells of one training run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.config import TrainingConfig
from training.datasets.dataset import INTERVAL, Dataset
from training.evaluation.evaluation import Evaluation
from training.report.curves import History
from training.report.layers import Layer
from training.signature import Element, Label, Signature

if TYPE_CHECKING:
    from training.export import Quantized


@dataclass(frozen=True)
class Run:
    """One training run and its result.

    Attributes:
        config: How the model was trained.
        signature: Tensors and fields, under the name in the store.
        dataset: What it was trained on.
        history: A list per loss and metric, one number per epoch.
        evaluation: What it reached on the test rows.
        answers: Its answers to the test rows, by output name; float32, shape (rows, elements).
        layers: What it is made of.
        failures: What it missed of its gate, a sentence each.
        remarks: What else a reader should know, a sentence each.
        seconds: How long training took.
        provenance: What it takes to train it again, by what it is: packages, revision, seed, command.
        quantized: What its `model.onnx` became, if that computes in less than 32 bits.
    """

    config: TrainingConfig
    signature: Signature
    dataset: Dataset
    history: History
    evaluation: Evaluation
    answers: dict[str, NDArray[np.float32]]
    layers: list[Layer]
    failures: list[str]
    remarks: list[str]
    seconds: float
    provenance: dict[str, str]
    quantized: "Quantized | None" = None

    @property
    def labels(self) -> tuple[str, ...] | tuple[int, ...]:
        """The labels of a classifier, by class number; empty if its answer is not one of several."""
        return next((entry.labels for entry in self.signature.result if isinstance(entry, Label)), ())

    @property
    def units(self) -> dict[str, str]:
        """Unit of every number that a regressor answers, by target."""
        if self.signature.task != "regression":
            return {}
        numbers = [entry for entry in self.signature.result if isinstance(entry, Element)]
        return {entry.output: entry.unit for entry in numbers if not entry.output.endswith(INTERVAL)}
