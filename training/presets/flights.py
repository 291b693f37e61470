"""Presets of the flight regressors. The table in `docs/training.md` holds them against three baselines."""

from dataclasses import replace

from training.config import Bound, TrainingConfig


def _no_worse_than(contender: str, *outputs: str) -> tuple[Bound, ...]:
    return tuple(
        Bound(metric=f"{output}_mae_min", at_most_metric=f"{contender}_{output}_mae_min") for output in outputs
    )


def _covered(lowest: float, highest: float, *outputs: str) -> tuple[Bound, ...]:
    return tuple(Bound(metric=f"{output}_interval_coverage", at_least=lowest, at_most=highest) for output in outputs)


_BOTH = ("arrival_delay", "air_time")
_DELAY = ("arrival_delay",)

WIDE_DEEP = TrainingConfig(
    name="flights",
    preset="wide-deep-two-inputs",
    description=(
        "Wide & deep: `wide` goes straight to the arrival delay, `deep` through hidden layers to both answers; "
        "each with an interval."
    ),
    result=(
        "Arrival delay MAE 11.41 min (boosted trees 11.80), air time MAE 5.68 min (5.86), on the 65,104 "
        "flights of unseen days, 12 epochs in 61 s: `python -m training flights`."
    ),
    quality="MAE 11.41 and 5.68 min",
    parameters=354_887,
    seconds=61,
    architecture="wide_deep:two_inputs",
    hidden=(256, 128),
    activations=("relu", "relu"),
    dropout=0.1,
    weather_noise=0.3,
    day_noise=0.4,
    day_dropout=0.1,
    loss="mean_absolute_error",
    loss_label="loss, weighted (min)",
    loss_weights=(0.9, 0.1),
    metric="mean_absolute_error",
    metric_label="mean absolute error (min)",
    learning_rate=2e-3,
    cosine_decay=True,
    batch_rows=512,
    epochs=12,
    gate=(*_no_worse_than("linear_regression", *_BOTH), *_covered(0.75, 0.85, *_BOTH)),
    target=(*_no_worse_than("boosted_trees", *_BOTH), *_covered(0.78, 0.82, *_BOTH)),
)

ONE_OUTPUT = replace(
    WIDE_DEEP,
    preset="wide-deep-one-output",
    description="The same with one answer, the arrival delay, and its interval.",
    result=(
        "Arrival delay MAE 11.38 min (boosted trees 11.80), on the 65,104 flights of unseen days, 12 epochs "
        "in 57 s: `python -m training flights --preset wide-deep-one-output`."
    ),
    seconds=57,
    parameters=181_636,
    quality="MAE 11.38 min",
    outputs=("arrival_delay", "arrival_delay_interval"),
    loss_weights=(),
    gate=(*_no_worse_than("linear_regression", *_DELAY), *_covered(0.75, 0.85, *_DELAY)),
    target=(*_no_worse_than("boosted_trees", *_DELAY), *_covered(0.78, 0.82, *_DELAY)),
)

ONE_INPUT = replace(
    ONE_OUTPUT,
    preset="wide-deep-one-input",
    description="One input, which goes to the arrival delay straight and through hidden layers.",
    result=(
        "Arrival delay MAE 11.34 min (boosted trees 11.80), on the 65,104 flights of unseen days, 12 epochs "
        "in 55 s: `python -m training flights --preset wide-deep-one-input`."
    ),
    seconds=55,
    parameters=206_661,
    quality="MAE 11.34 min",
    inputs=("deep",),
    architecture="wide_deep:one_input",
)

MLP = replace(
    ONE_INPUT,
    preset="mlp-256-128",
    description="A plain net on one input: ReLU layers of 256 and 128 units to the arrival delay.",
    result=(
        "Arrival delay MAE 11.47 min (boosted trees 11.80), on the 65,104 flights of unseen days, 12 epochs "
        "in 37 s: `python -m training flights --preset mlp-256-128`."
    ),
    seconds=37,
    parameters=173_251,
    quality="MAE 11.47 min",
    architecture="wide_deep:deep_only",
)

MLP_5_4_3 = replace(
    MLP,
    preset="mlp-5-4-3",
    description="The published net, ReLU layers of 5, 4 and 3 units: one input, one answer, no interval.",
    result=(
        "Arrival delay MAE 12.40 min (boosted trees 11.80), on the 65,104 flights of unseen days, 12 epochs "
        "in 16 s: `python -m training flights --preset mlp-5-4-3`."
    ),
    seconds=16,
    parameters=783,
    quality="MAE 12.40 min",
    outputs=("arrival_delay",),
    hidden=(5, 4, 3),
    activations=("relu", "relu", "relu"),
    dropout=0.0,
    weather_noise=0.0,
    day_noise=0.0,
    day_dropout=0.0,
    gate=_no_worse_than("rule_of_thumb", *_DELAY),
    target=_no_worse_than("linear_regression", *_DELAY),
)
