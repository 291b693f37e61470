"""Presets of the garment classifier."""

from dataclasses import replace

from training.config import Augmentation, Bound, TrainingConfig
from training.presets import mnist

MLP = TrainingConfig(
    name="fashion",
    preset="mlp-sigmoid-tanh",
    description="256 sigmoid units, 64 tanh units and a softmax over the ten garments, by plain gradient descent.",
    result="76.95 % of the 2,000 test garments right, 40 epochs in 5 s: `python -m training fashion`.",
    quality="76.95 % of 2,000 garments",
    parameters=218_058,
    seconds=5,
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
    target=(Bound(metric="test_accuracy", at_least=0.75),),
)

CNN = replace(
    mnist.CNN,
    name="fashion",
    description="Five convolutions of 24, 48, 48, 96 and 96 filters and a softmax over the ten garments.",
    result=(
        "90.55 % of the 2,000 test garments right, 30 epochs in 151 s: `python -m training fashion --preset "
        "cnn-24-48-96`."
    ),
    quality="90.55 % of 2,000 garments",
    seconds=151,
    augmentation=Augmentation(shift_px=1, rotation_degrees=3, zoom=0.05, shear=0.03),
    batch_rows=64,
    epochs=30,
    gate=(Bound(metric="test_accuracy", at_least=0.88),),
    target=(Bound(metric="test_accuracy", at_least=0.89),),
)
