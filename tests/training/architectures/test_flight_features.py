"""`training.architectures.flight_features`."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from training.architectures.flight_features import deep_features, wide_features
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.datasets.flights_signature import DEEP
from training.presets import find_preset

CONFIG = find_preset("flights", None)


def _model(config: TrainingConfig, dataset: Dataset) -> keras.Model:
    keras.utils.set_random_seed(0)
    given = keras.Input((len(DEEP),), name="deep")
    return keras.Model(given, deep_features(given, config, dataset))


def _days(config: TrainingConfig, dataset: Dataset, deep: np.ndarray, *, training: bool = False) -> np.ndarray:
    """The features that only a configuration with `day_noise` has."""
    without = _model(replace(config, day_noise=0.0), dataset).output_shape[1]
    return np.asarray(_model(config, dataset)(deep, training=training))[:, without:]


@pytest.fixture
def deep(small_datasets: dict[str, Dataset]) -> np.ndarray:
    """Example rows of the input `deep`."""
    return small_datasets["flights"].examples.inputs["deep"].copy()


def test_a_departure_is_near_its_day(small_datasets: dict[str, Dataset], deep: np.ndarray) -> None:
    """At midnight the bump of that very day is 1; a departure at noon lies as near to the day before as to the next."""
    dataset = small_datasets["flights"]
    deep[:, DEEP.index("scheduled_departure")] = 0
    near = _days(CONFIG, dataset, deep)
    first = dataset.train.inputs["deep"][:, DEEP.index("date")].min()
    expected = deep[:, DEEP.index("date")] - first + 1
    assert np.array_equal(near.argmax(axis=1), expected.astype(int))
    assert np.allclose(near.max(axis=1), 1, atol=1e-6)
    deep[:, DEEP.index("scheduled_departure")] = 720
    near = _days(CONFIG, dataset, deep)
    rows = np.arange(len(near))
    assert np.allclose(near[rows, expected.astype(int)], near[rows, expected.astype(int) + 1], atol=1e-5)


def test_another_year_is_near_no_day(small_datasets: dict[str, Dataset], deep: np.ndarray) -> None:
    """A date outside the training rows has flat bumps: the network falls back on season and weekday."""
    deep[:, DEEP.index("date")] += 5 * 364
    assert np.abs(_days(CONFIG, small_datasets["flights"], deep)).max() == 0


def test_days_are_hidden_in_training(small_datasets: dict[str, Dataset], deep: np.ndarray) -> None:
    """The share `day_dropout` of the rows has no day in training, the others have theirs in full."""
    dataset = small_datasets["flights"]
    many = np.repeat(deep[:1], 4_000, axis=0)
    config = replace(CONFIG, day_dropout=0.25, day_noise=1e-6)
    tops = _days(config, dataset, many, training=True).max(axis=1)
    assert abs((tops == 0).mean() - 0.25) < 0.03
    assert np.allclose(tops[tops > 0], tops.max(), atol=1e-4)
    assert tops.max() <= 1


def test_features_are_finite_and_of_one_size(small_datasets: dict[str, Dataset]) -> None:
    """Whatever the row, no feature is far from one: no column drowns the others."""
    dataset = small_datasets["flights"]
    given = keras.Input((7,), name="wide")
    wide = np.asarray(keras.Model(given, wide_features(given, dataset))(dataset.test.inputs["wide"]))
    deep = np.asarray(_model(CONFIG, dataset)(dataset.test.inputs["deep"]))
    for features in (wide, deep):
        assert np.isfinite(features).all()
        assert np.abs(features).mean() < 1.5
