"""Loyal customers by age and income: a customer is loyal who is young or has a high income, but not both.

Four rows are all there is, so training, watching and judging all use the truth table.
"""

from pathlib import Path

import numpy as np

from training.datasets.dataset import Dataset, Rows
from training.signature import Element, Number, Output, Place, Signature, Tensor, Threshold


def _yes_or_no(name: str, description: str, index: int) -> Number:
    fills = (Place("features", index),)
    return Number(name=name, description=description, fills=fills, unit="", minimum=0, maximum=1, whole=True)


SIGNATURE = Signature(
    name="xor",
    task="classification",
    inputs=(Tensor(name="features", dtype="FP32", shape=(2,), description="Young and high income, each 0 or 1."),),
    outputs=(
        Output(
            name="probability",
            dtype="FP32",
            shape=(1,),
            description="Probability that the customer is loyal.",
            rtol=1e-4,
            atol=1e-5,
        ),
    ),
    fields=(
        _yes_or_no("young", "1 if the customer is young, else 0.", 0),
        _yes_or_no("high_income", "1 if the customer has a high income, else 0.", 1),
    ),
    result=(
        Threshold(
            name="loyal",
            description="Whether the customer is loyal.",
            output="probability",
            index=0,
            threshold=0.5,
        ),
        Element(
            name="probability",
            description="Probability that the customer is loyal.",
            output="probability",
            index=0,
            unit="",
        ),
    ),
)

ABOUT = (
    "The truth table of exclusive or, told as customers: young and high income, each yes or no; a customer is "
    "loyal if exactly one holds. Four rows, which train and judge the model; there is nothing to generalise to."
)

INTENDED_USE = (
    "Learning and teaching: the smallest task that needs a hidden layer, and a model so small that a server around it "
    "can be checked by hand."
)

LIMITS = "A demonstration that a hidden layer can learn what no straight line separates; it knows no real customers."


def load(data_dir: Path) -> Dataset:
    """Make the truth table. `data_dir` is not read: the four rows are the definition itself."""
    features = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    loyal = (features[:, 0] != features[:, 1]).astype(np.float32)
    rows = Rows({"features": features}, {"probability": loyal})
    return Dataset(
        signature=SIGNATURE,
        train=rows,
        validation=rows.take(slice(0)),
        test=rows,
        examples=rows,
        records=[{"young": int(young), "high_income": int(income)} for young, income in features],
        files={},
        about=ABOUT,
        intended_use=INTENDED_USE,
        limits=LIMITS,
    )
