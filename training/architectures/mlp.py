"""Multi-layer perceptrons: a stack of dense layers, with the rescaling of raw inputs inside the graph."""

import keras

from training.config import TrainingConfig
from training.datasets.dataset import Dataset


def image_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Pixels flattened, hidden layers, softmax over the classes.

    Args:
        config: Hidden layers and dropout.
        dataset: Its signature gives names, shape and number of classes.

    Returns:
        Input: uint8, shape (rows, height, width), 0-255. Output: float32, shape (rows, classes), rows sum to 1.
    """
    (image,), (probabilities,) = dataset.signature.inputs, dataset.signature.outputs
    pixels = keras.Input(image.shape, dtype="uint8", name=image.name)
    flat = keras.layers.Flatten(name="flat")(keras.layers.Rescaling(1 / 255, name="unit_range")(pixels))
    last = keras.layers.Dense(probabilities.shape[0], activation="softmax", name=probabilities.name)
    return keras.Model(pixels, last(hidden_layers(config, flat)), name=dataset.signature.name)


def binary_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Features as they are, hidden layers, one sigmoid.

    Returns:
        Input: float32, shape (rows, features). Output: float32, shape (rows, 1), 0-1.
    """
    (features,), (probability,) = dataset.signature.inputs, dataset.signature.outputs
    given = keras.Input(features.shape, dtype="float32", name=features.name)
    last = keras.layers.Dense(1, activation="sigmoid", name=probability.name)
    return keras.Model(given, last(hidden_layers(config, given)), name=dataset.signature.name)


def hidden_layers(config: TrainingConfig, tensor: keras.KerasTensor) -> keras.KerasTensor:
    """Pass a flat tensor through the hidden layers of the configuration, each followed by its dropout.

    ReLU layers start from He's initialisation, the others from Glorot's.

    References:
        He, Zhang, Ren, Sun: *Delving Deep into Rectifiers*, https://arxiv.org/abs/1502.01852, 2015.
        Srivastava et al.: *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*,
        https://jmlr.org/papers/v15/srivastava14a.html, 2014.
    """
    for number, (units, activation) in enumerate(zip(config.hidden, config.activations, strict=True), start=1):
        start = "he_normal" if activation == "relu" else "glorot_uniform"
        dense = keras.layers.Dense(units, activation, kernel_initializer=start, name=f"hidden_{number}")
        tensor = dense(tensor)
        if config.dropout:
            tensor = keras.layers.Dropout(config.dropout, name=f"dropout_{number}")(tensor)
    return tensor
