"""Convolutional nets: small filters that are moved over the image, so that a shape is known wherever it lies."""

import keras

from training.architectures.mlp import class_probabilities
from training.config import TrainingConfig
from training.datasets.dataset import Dataset


def image_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Five convolutions with batch normalisation, one pooling between them, softmax over the classes.

    The first convolution halves each side: it sees 28x28 pixels with few filters, the costly ones see 14x14 and 7x7.
    The last has no padding, so that 5x5 places are left to be weighed one by one.

    Args:
        config: Filters as `hidden`, their activations, and the dropout before the last layer.
        dataset: Its signature gives names, shape and number of classes.

    Returns:
        Input: uint8, shape (rows, height, width), 0-255. Output: float32, shape (rows, classes), rows sum to 1.

    References:
        Ioffe, Szegedy: *Batch Normalization*, https://arxiv.org/abs/1502.03167, 2015.
        Springenberg et al.: *Striving for Simplicity: The All Convolutional Net*,
        https://arxiv.org/abs/1412.6806, 2014.
    """
    (image,) = dataset.signature.inputs
    first, *middle, last = zip(config.hidden, config.activations, strict=True)
    layers = [
        keras.Input(image.shape, dtype="uint8", name=image.name),
        keras.layers.Rescaling(1 / 255, name="unit_range"),
        keras.layers.Reshape((*image.shape, 1), name="one_channel"),
        *_convolution("convolution_1", *first, side=5, strides=2),
    ]
    for number, (filters, activation) in enumerate(middle, start=2):
        layers += _convolution(f"convolution_{number}", filters, activation)
        if number == POOL_AFTER:
            layers.append(keras.layers.MaxPooling2D(name="pooled"))
    layers += _convolution(f"convolution_{len(config.hidden)}", *last, padding="valid")
    layers += [keras.layers.Flatten(name="flat"), keras.layers.Dropout(config.dropout, name="dropout")]
    return keras.Sequential([*layers, class_probabilities(dataset)], name=dataset.signature.name)


POOL_AFTER = 3
"""The convolution after which each side is halved again."""


def _convolution(
    name: str, filters: int, activation: str, side: int = 3, strides: int = 1, padding: str = "same"
) -> list[keras.layers.Layer]:
    return [
        keras.layers.Conv2D(filters, side, strides, padding, use_bias=False, kernel_initializer="he_normal", name=name),
        # Over some steps only, so that a run of a few epochs already has true means; over all devices together.
        keras.layers.BatchNormalization(momentum=0.9, synchronized=True, name=f"{name}_normalised"),
        keras.layers.Activation(activation, name=f"{name}_{activation}"),
    ]
