"""Wide & deep models: a linear path for what is remembered, a deep path for what is generalised.

References:
    Cheng et al.: *Wide & Deep Learning for Recommender Systems*, https://arxiv.org/abs/1606.07792, 2016.
    Géron: *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, chapter 10, "Building Complex
    Models Using the Functional API", https://www.oreilly.com/library/view/-/9781098125967/, 2022.
"""

import keras

from training.architectures.flight_features import deep_features, wide_features
from training.architectures.intervals import with_interval
from training.architectures.mlp import hidden_layers, through
from training.config import TrainingConfig
from training.datasets.dataset import Dataset


def two_inputs(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """`wide` goes straight to the first output, `deep` through hidden layers to every output.

    Each output has hidden layers of its own: shared ones would serve the output with the greatest weight, and the
    others would get what is left. An output `NAME_interval` of the signature is answered beside `NAME`.

    Args:
        config: Hidden layers and noise.
        dataset: Signature, and training rows for means and deviations.

    Returns:
        Inputs: float32, shape (rows, elements). Outputs: float32, shape (rows, 1) or (rows, 2), in the targets' unit.
    """
    wide, deep = (keras.Input(t.shape, dtype="float32", name=t.name) for t in dataset.signature.inputs)
    linear, shared = wide_features(wide, dataset), deep_features(deep, config, dataset)
    outputs: dict[str, keras.KerasTensor] = {}
    for number, name in enumerate(dataset.train.targets):
        hidden = through(hidden_layers(config, name), shared)
        if number == 0:
            hidden = keras.layers.Concatenate(name="wide_and_deep")([linear, hidden])
        outputs |= with_interval(hidden, name, dataset)
    return keras.Model([wide, deep], in_order(outputs, dataset), name=dataset.signature.name)


def one_input(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """One input: its features go to the output twice, straight and through hidden layers."""
    (tensor,) = dataset.signature.inputs
    (name,) = dataset.train.targets
    given = keras.Input(tensor.shape, dtype="float32", name=tensor.name)
    shared = deep_features(given, config, dataset)
    hidden = through(hidden_layers(config), shared)
    joined = keras.layers.Concatenate(name="wide_and_deep")([shared, hidden])
    return keras.Model(given, in_order(with_interval(joined, name, dataset), dataset), name=dataset.signature.name)


def deep_only(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """One input through hidden layers to one output: a plain multi-layer perceptron."""
    (tensor,) = dataset.signature.inputs
    (name,) = dataset.train.targets
    given = keras.Input(tensor.shape, dtype="float32", name=tensor.name)
    hidden = through(hidden_layers(config), deep_features(given, config, dataset))
    return keras.Model(given, in_order(with_interval(hidden, name, dataset), dataset), name=dataset.signature.name)


def in_order(outputs: dict[str, keras.KerasTensor], dataset: Dataset) -> list[keras.KerasTensor]:
    """The outputs in the signature's order."""
    return [outputs[output.name] for output in dataset.signature.outputs]
