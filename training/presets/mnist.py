"""Presets of the digit classifier."""

from dataclasses import replace

from training.config import Augmentation, Bound, TrainingConfig

_HANDWRITING = Augmentation(shift_px=2, rotation_degrees=10, zoom=0.1, shear=0.1)
"""About as much as one hand differs from another."""

_LESS = Augmentation(shift_px=1, rotation_degrees=7, zoom=0.07, shear=0.07)
"""For a net that does not know a shape wherever it lies."""

CNN = TrainingConfig(
    name="mnist",
    preset="cnn-24-48-96",
    description="Five convolutions of 24, 48, 48, 96 and 96 filters and a softmax over the ten digits.",
    result="99.60 % of the 10,000 test digits right, 13 epochs in 189 s: `python -m training mnist`.",
    quality="99.60 % of 10,000 digits",
    parameters=181_378,
    seconds=189,
    architecture="convolutional:image_classifier",
    hidden=(24, 48, 48, 96, 96),
    activations=("relu",) * 5,
    dropout=0.4,
    augmentation=_HANDWRITING,
    loss="sparse_categorical_crossentropy",
    loss_label="cross-entropy (nats)",
    metric="accuracy",
    metric_label="accuracy (share of rows)",
    learning_rate=4e-3,
    warmup=0.15,
    cosine_decay=True,
    batch_rows=128,
    epochs=13,
    keep_best=True,
    gate=(Bound(metric="test_accuracy", at_least=0.992),),
    target=(Bound(metric="test_accuracy", at_least=0.995),),
)

MLP = replace(
    CNN,
    preset="mlp-512-256-128",
    description="Three ReLU layers of 512, 256 and 128 units and a softmax over the ten digits, with dropout.",
    result=(
        "99.02 % of the 10,000 test digits right, 20 epochs in 51 s: `python -m training mnist --preset "
        "mlp-512-256-128`."
    ),
    quality="99.02 % of 10,000 digits",
    parameters=567_434,
    seconds=51,
    architecture="mlp:image_classifier",
    hidden=(512, 256, 128),
    activations=("relu", "relu", "relu"),
    dropout=0.1,
    augmentation=_LESS,
    learning_rate=1e-3,
    warmup=0.0,
    epochs=20,
    gate=(Bound(metric="test_accuracy", at_least=0.98),),
    target=(Bound(metric="test_accuracy", at_least=0.985),),
)

FUNCTIONAL = replace(
    CNN,
    preset="functional-64-64",
    description="Two ReLU layers of 64 units and a softmax over the ten digits, by the functional API.",
    result=(
        "97.26 % of the 10,000 test digits right, 12 epochs in 14 s: `python -m training mnist --preset "
        "functional-64-64`."
    ),
    quality="97.26 % of 10,000 digits",
    parameters=55_050,
    seconds=14,
    architecture="mlp:functional_image_classifier",
    hidden=(64, 64),
    activations=("relu", "relu"),
    learning_rate=1e-3,
    warmup=0.0,
    dropout=0.0,
    augmentation=None,
    epochs=12,
    gate=(Bound(metric="test_accuracy", at_least=0.965),),
    target=(Bound(metric="test_accuracy", at_least=0.97),),
)
