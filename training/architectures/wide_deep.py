"""Wide & deep models: a linear path for what is remembered, a deep path for what is generalised.

References:
    Cheng et al.: *Wide & Deep Learning for Recommender Systems*, https://arxiv.org/abs/1606.07792, 2016.
    Géron: *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, chapter 10, "Building Complex
    Models Using the Functional API", https://www.oreilly.com/library/view/-/9781098125967/, 2022.
"""

import keras
from keras import ops

from training.architectures.features import DAY_MIN, features
from training.architectures.mlp import hidden_layers
from training.config import TrainingConfig
from training.datasets.dataset import Dataset


def two_inputs(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    """`wide` goes straight to the first output, `deep` through hidden layers to both.

    Args:
        config: Hidden layers and noise.
        dataset: Signature, and training rows for means and deviations.

    Returns:
        Inputs: float32, shape (rows, elements). Outputs: float32, shape (rows, 1), in the targets' unit.
    """
    wide, deep = (keras.Input(t.shape, dtype="float32", name=t.name) for t in dataset.signature.inputs)
    main, auxiliary = (output.name for output in dataset.signature.outputs)
    hidden = hidden_layers(config, _deep_features(deep, config, dataset))
    joined = keras.layers.Concatenate(name="wide_and_deep")([_wide_features(wide, dataset), hidden])
    outputs = [_in_minutes(joined, main, dataset), _in_minutes(hidden, auxiliary, dataset)]
    return keras.Model([wide, deep], outputs, name=dataset.signature.name)


def _wide_features(tensor: keras.KerasTensor, dataset: Dataset) -> keras.KerasTensor:
    columns = dataset.signature.columns(tensor.name)
    parts = features(tensor, columns, dataset.train.inputs[tensor.name])
    return keras.layers.Concatenate(name="wide_features")(parts)


def _deep_features(tensor: keras.KerasTensor, config: TrainingConfig, dataset: Dataset) -> keras.KerasTensor:
    """All features, those of the weather blurred in training.

    Weather and airport together name a day almost as surely as a date does, and a network that knows the
    day remembers its congestion instead of learning from it. Fields with a default are the weather's.
    """
    columns = list(dataset.signature.columns(tensor.name))
    rows = dataset.train.inputs[tensor.name]
    weather = features(tensor, [pair for pair in columns if pair[1].default is not None], rows)
    blurred = keras.layers.GaussianNoise(config.weather_noise, name="blurred_weather")(
        keras.layers.Concatenate(name="weather")(weather)
    )
    plan = features(tensor, [pair for pair in columns if pair[1].default is None], rows)
    places = {field.name: index for index, field in columns}
    duration = _duration(tensor, places["scheduled_departure"], places["scheduled_arrival"])
    return keras.layers.Concatenate(name="deep_features")([*plan, duration, blurred])


def _duration(tensor: keras.KerasTensor, departure: int, arrival: int) -> keras.KerasTensor:
    """Scheduled hours from departure to arrival by the local clocks, over five: about 0 to 2; shape (rows, 1)."""
    minutes = tensor[:, arrival : arrival + 1] - tensor[:, departure : departure + 1]
    return ops.mod(minutes, DAY_MIN) / (5 * 60)


def _in_minutes(tensor: keras.KerasTensor, name: str, dataset: Dataset) -> keras.KerasTensor:
    """One linear unit, stretched to the spread of its target, so that all targets are learned alike fast."""
    target = dataset.train.targets[name]
    unit = keras.layers.Dense(1, name=f"{name}_scaled")(tensor)
    return keras.layers.Rescaling(float(target.std()), float(target.mean()), name=name)(unit)
