"""Multi-layer perceptrons: a stack of dense layers, with the rescaling of raw inputs inside the graph.

`Sequential` where the tutorials use it, functional where they do.
"""

import keras

from training.config import TrainingConfig
from training.datasets.dataset import Dataset


def image_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Pixels flattened, hidden layers, softmax over the classes, as a `Sequential` model.

    Args:
        config: Hidden layers and dropout.
        dataset: Its signature gives names, shape and number of classes.

    Returns:
        Input: uint8, shape (rows, height, width), 0-255. Output: float32, shape (rows, classes), rows sum to 1.
    """
    (image,) = dataset.signature.inputs
    before = [keras.layers.Rescaling(1 / 255, name="unit_range"), keras.layers.Flatten(name="flat")]
    return keras.Sequential(
        [
            keras.Input(image.shape, dtype="uint8", name=image.name),
            *before,
            *hidden_layers(config),
            class_probabilities(dataset),
        ],
        name=dataset.signature.name,
    )


def functional_image_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """The same net by the functional API: each layer is called on what the one before it gave."""
    (image,) = dataset.signature.inputs
    pixels = keras.Input(image.shape, dtype="uint8", name=image.name)
    tensor = keras.layers.Rescaling(1 / 255, name="unit_range")(pixels)
    tensor = keras.layers.Flatten(name="flat")(tensor)
    tensor = through(hidden_layers(config), tensor)
    return keras.Model(pixels, class_probabilities(dataset)(tensor), name=dataset.signature.name)


def binary_classifier(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """Features as they are, hidden layers, one sigmoid, as a `Sequential` model.

    With two features, He's weights are so large that the sigmoid may start where squared error has no slope; and
    without biases no ReLU answers to a row of zeros. Either way some seeds would never learn. So: Glorot's weights,
    and biases that start a little above zero. No dropout: every unit is needed.

    Returns:
        Input: float32, shape (rows, features). Output: float32, shape (rows, 1), 0-1.
    """
    (features,), (probability,) = dataset.signature.inputs, dataset.signature.outputs
    bias = keras.initializers.Constant(0.1)
    layers = zip(config.hidden, config.activations, strict=True)
    return keras.Sequential(
        [
            keras.Input(features.shape, dtype="float32", name=features.name),
            *(
                keras.layers.Dense(units, activation, bias_initializer=bias, name=f"hidden_{number}")
                for number, (units, activation) in enumerate(layers, start=1)
            ),
            keras.layers.Dense(1, activation="sigmoid", dtype="float32", name=probability.name),
        ],
        name=dataset.signature.name,
    )


def class_probabilities(dataset: Dataset) -> keras.layers.Layer:
    """The last layer of a classifier; in float32 whatever the others compute in, so that rows sum to 1."""
    (probabilities,) = dataset.signature.outputs
    return keras.layers.Dense(probabilities.shape[0], activation="softmax", dtype="float32", name=probabilities.name)


def hidden_layers(config: TrainingConfig, prefix: str = "hidden") -> list[keras.layers.Layer]:
    """The hidden layers of the configuration, each followed by its dropout.

    ReLU layers start from He's initialisation, the others from Glorot's.

    References:
        He, Zhang, Ren, Sun: *Delving Deep into Rectifiers*, https://arxiv.org/abs/1502.01852, 2015.
        Srivastava et al.: *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*,
        https://jmlr.org/papers/v15/srivastava14a.html, 2014.
    """
    layers = []
    for number, (units, activation) in enumerate(zip(config.hidden, config.activations, strict=True), start=1):
        start = "he_normal" if activation == "relu" else "glorot_uniform"
        layers.append(keras.layers.Dense(units, activation, kernel_initializer=start, name=f"{prefix}_{number}"))
        if config.dropout:
            layers.append(keras.layers.Dropout(config.dropout, name=f"{prefix}_dropout_{number}"))
    return layers


def through(layers: list[keras.layers.Layer], tensor: keras.KerasTensor) -> keras.KerasTensor:
    """Pass a tensor through layers, one after the other."""
    for layer in layers:
        tensor = layer(tensor)
    return tensor
