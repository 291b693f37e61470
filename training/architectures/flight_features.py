"""What a flight's numbers say, as features of a network: its plan, its weather, and the days around it."""

import keras
import numpy as np
from keras import ops

from training.architectures.features import DAY_MIN, features
from training.config import TrainingConfig
from training.datasets.dataset import Dataset

_NOISE_UNIT_DAYS = 8.0
"""Noise is added to days over this: Keras takes deviations up to 1 only."""


def wide_features(tensor: keras.KerasTensor, dataset: Dataset) -> keras.KerasTensor:
    """Features of the input `wide`; float32, shape (rows, some)."""
    columns = dataset.signature.columns(tensor.name)
    parts = features(tensor, columns, dataset.train.inputs[tensor.name])
    return keras.layers.Concatenate(name="wide_features")(parts)


def deep_features(tensor: keras.KerasTensor, config: TrainingConfig, dataset: Dataset) -> keras.KerasTensor:
    """Features of the input `deep`; float32, shape (rows, some).

    The weather is blurred in training. Weather and airport together name a day almost as surely as a date does, and a
    network that knows the day remembers its congestion instead of learning from it. Fields with a default are the
    weather's.

    Args:
        tensor: The input, one element per field.
        config: How much is blurred.
        dataset: Signature, and training rows for means and deviations.
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
    parts = [*plan, duration, blurred]
    if config.day_noise:
        parts.append(_days_around(tensor, places, rows, config))
    return keras.layers.Concatenate(name="deep_features")(parts)


def _duration(tensor: keras.KerasTensor, departure: int, arrival: int) -> keras.KerasTensor:
    """Scheduled hours from departure to arrival by the local clocks, over five: about 0 to 2; shape (rows, 1)."""
    minutes = tensor[:, arrival : arrival + 1] - tensor[:, departure : departure + 1]
    return ops.mod(minutes, DAY_MIN) / (5 * 60)


def _days_around(
    tensor: keras.KerasTensor, places: dict[str, int], rows: np.ndarray, config: TrainingConfig
) -> keras.KerasTensor:
    """How near the departure lies to each day of the training rows; float32, shape (rows, days), 0-1.

    Winds and congestion last for a day or two, so a day that training never saw is much like its neighbours. One bump
    a day, a day wide: exp(-(t - day)^2 / 2). In training the time is blurred, so that no day can be learned by heart,
    and now and then hidden, as it is for every date before or after the training rows: there, all bumps are flat.
    """
    date, minute = places["date"], places["scheduled_departure"]
    first, last = float(rows[:, date].min()), float(rows[:, date].max())
    day = tensor[:, date : date + 1] - first + tensor[:, minute : minute + 1] / DAY_MIN
    noise = keras.layers.GaussianNoise(config.day_noise / _NOISE_UNIT_DAYS, name="blurred_day")
    day = _NOISE_UNIT_DAYS * noise(day / _NOISE_UNIT_DAYS)
    # From the day before the first to the day after the last.
    bumps = np.arange(-1, last - first + 3, dtype=np.float32)[None, :]
    near = ops.exp(-0.5 * ops.square(day - bumps))
    # Dropout makes the ones that it keeps larger; the smaller of that and one is one again.
    known = keras.layers.Dropout(config.day_dropout, name="hidden_day")(ops.ones_like(day))
    return near * ops.minimum(known, 1.0)
