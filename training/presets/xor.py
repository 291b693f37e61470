"""Presets of the loyal customers: exclusive or."""

from dataclasses import replace

from training.config import Bound, TrainingConfig

_ALL_FOUR = (Bound(metric="test_accuracy", at_least=1.0),)

HIDDEN_16 = TrainingConfig(
    name="xor",
    preset="hidden-16",
    description="One hidden layer of 16 ReLU units and a sigmoid.",
    result="All four cases right, 100 epochs in 1 s: `python -m training xor`.",
    quality="4 of 4 cases",
    parameters=65,
    seconds=1,
    architecture="mlp:binary_classifier",
    hidden=(16,),
    activations=("relu",),
    loss="mean_squared_error",
    loss_label="mean squared error",
    metric="binary_accuracy",
    metric_label="accuracy (share of rows)",
    learning_rate=0.05,
    batch_rows=4,
    epochs=100,
    hold_out_validation=False,
    gate=_ALL_FOUR,
    target=_ALL_FOUR,
)

HIDDEN_16_16 = replace(
    HIDDEN_16,
    preset="hidden-16-16",
    description="Two hidden layers of 16 ReLU units each and a sigmoid.",
    result="All four cases right, 100 epochs in 5 s: `python -m training xor --preset hidden-16-16`.",
    seconds=5,
    quality="4 of 4 cases",
    parameters=337,
    hidden=(16, 16),
    activations=("relu", "relu"),
)

HIDDEN_32 = replace(
    HIDDEN_16,
    preset="hidden-32",
    description="One hidden layer of 32 ReLU units and a sigmoid.",
    result="All four cases right, 100 epochs in 6 s: `python -m training xor --preset hidden-32`.",
    seconds=6,
    quality="4 of 4 cases",
    parameters=129,
    hidden=(32,),
)
