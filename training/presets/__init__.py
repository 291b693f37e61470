"""The presets: one per architecture. The first of each name is its default.

Each carries its measured result and the command that gives it; `docs/training.md` shows them as a table.
"""

from training.config import Bound, TrainingConfig
from training.errors import UnknownPresetError

_MNIST_MLP = TrainingConfig(
    name="mnist",
    preset="mlp-512-256-128",
    description="Three ReLU layers of 512, 256 and 128 units and a softmax over the ten digits, with dropout.",
    result="98.49 % of the 10,000 test digits right, 15 epochs in 45 s: `python -m training mnist`.",
    architecture="mlp:image_classifier",
    hidden=(512, 256, 128),
    activations=("relu", "relu", "relu"),
    dropout=0.2,
    loss="sparse_categorical_crossentropy",
    loss_label="cross-entropy (nats)",
    metric="accuracy",
    metric_label="accuracy (share of rows)",
    learning_rate=1e-3,
    cosine_decay=True,
    batch_rows=128,
    epochs=15,
    gate=(Bound(metric="test_accuracy", at_least=0.983),),
)

_FASHION_MLP = TrainingConfig(
    name="fashion",
    preset="mlp-sigmoid-tanh",
    description="256 sigmoid units, 64 tanh units and a softmax over the ten garments, by plain gradient descent.",
    result="76.65 % of the 2,000 test garments right, 40 epochs in 11 s: `python -m training fashion`.",
    architecture="mlp:image_classifier",
    hidden=(256, 64),
    activations=("sigmoid", "tanh"),
    # The published loss, categorical cross-entropy, on class numbers instead of one-hot rows.
    loss="sparse_categorical_crossentropy",
    loss_label="cross-entropy (nats)",
    metric="accuracy",
    metric_label="accuracy (share of rows)",
    optimizer="sgd",
    learning_rate=0.01,
    batch_rows=128,
    epochs=40,
    hold_out_validation=False,
    gate=(Bound(metric="test_accuracy", at_least=0.7),),
)

_XOR_HIDDEN = TrainingConfig(
    name="xor",
    preset="hidden-16",
    description="One hidden layer of 16 ReLU units and a sigmoid.",
    result="All four cases right, 100 epochs in 9 s: `python -m training xor`.",
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
    gate=(Bound(metric="test_accuracy", at_least=1.0),),
)

_FLIGHTS_WIDE_DEEP = TrainingConfig(
    name="flights",
    preset="wide-deep-two-inputs",
    description="Wide & deep: `wide` goes straight to the arrival delay, `deep` through hidden layers to both outputs.",
    result=(
        "Arrival delay MAE 12.34 min (linear regression 12.44), air time MAE 7.11 min (7.48), "
        "on the 65,104 flights of unseen days, 10 epochs in 25 s: `python -m training flights`."
    ),
    architecture="wide_deep:two_inputs",
    hidden=(128, 64),
    activations=("relu", "relu"),
    weather_noise=1.0,
    loss="mean_absolute_error",
    loss_label="mean absolute error, weighted (min)",
    loss_weights=(0.9, 0.1),
    metric="mean_absolute_error",
    metric_label="mean absolute error (min)",
    learning_rate=2e-3,
    cosine_decay=True,
    batch_rows=512,
    epochs=10,
    gate=(
        Bound(metric="arrival_delay_mae_min", at_most_metric="linear_regression_arrival_delay_mae_min"),
        Bound(metric="air_time_mae_min", at_most_metric="linear_regression_air_time_mae_min"),
    ),
)

PRESETS: tuple[TrainingConfig, ...] = (_MNIST_MLP, _FASHION_MLP, _XOR_HIDDEN, _FLIGHTS_WIDE_DEEP)

NAMES: tuple[str, ...] = tuple(dict.fromkeys(config.name for config in PRESETS))


def presets_of(name: str) -> dict[str, TrainingConfig]:
    """The presets of a model by their own names, the default first."""
    return {config.preset: config for config in PRESETS if config.name == name}


def find_preset(name: str, preset: str | None) -> TrainingConfig:
    """The preset asked for, or the default.

    Raises:
        UnknownPresetError: If the model has no such preset.
    """
    known = presets_of(name)
    if preset is None:
        return next(iter(known.values()))
    if preset not in known:
        raise UnknownPresetError(f"Expected a preset of {name}: {', '.join(known)}. Received {preset!r}.")
    return known[preset]


def stored_name(config: TrainingConfig) -> str:
    """Name in the store: the model's for its default preset, `NAME-PRESET` for any other."""
    is_default = config.preset == find_preset(config.name, None).preset
    return config.name if is_default else f"{config.name}-{config.preset}"
