"""`training.architectures.features`."""

import keras
import numpy as np
import pytest

from training.architectures.features import circle, features, one_hot, standardised
from training.signature import Category, Date, Number, Place, Time


def _compute(build: object, values: np.ndarray) -> np.ndarray:
    tensor = keras.Input(values.shape[1:], dtype="float32")
    return np.asarray(keras.Model(tensor, build(tensor))(values.astype(np.float32)))


def test_standardised_has_mean_zero_and_deviation_one() -> None:
    """On the rows that gave the statistics, every column has mean 0 and deviation 1; a constant one gives 0."""
    rows = np.random.default_rng(0).normal([5, -300, 7], [2, 50, 0], (1000, 3))
    result = _compute(lambda tensor: standardised(tensor, rows), rows)
    assert np.allclose(result.mean(axis=0), 0, atol=1e-3)
    assert np.allclose(result.std(axis=0), [1, 1, 0], atol=1e-3)


@pytest.mark.parametrize("period", [7, 360, 365.2425, 1440])
def test_a_circle_closes(period: float) -> None:
    """One period later is the same place, half a period later the opposite one."""
    start = np.linspace(0, period, 11)[:, None]
    here = _compute(lambda tensor: circle(tensor, period), start)
    assert np.allclose(here, _compute(lambda tensor: circle(tensor, period), start + period), atol=1e-3)
    assert np.allclose(-here, _compute(lambda tensor: circle(tensor, period), start + period / 2), atol=1e-3)
    assert np.allclose((here**2).sum(axis=1), 1, atol=1e-5)


def test_one_hot_outside_the_vocabulary_is_nothing() -> None:
    """An index inside gives a single one; a row that only pads a batch may hold any other and gives zeros."""
    result = _compute(lambda tensor: one_hot(tensor, 3), np.array([[0], [2], [3], [-1], [1e9]]))
    assert result.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_weekdays_follow_the_calendar() -> None:
    """Seven days in a row have seven places, and a week later the same ones; 1970-01-01 has the first."""
    field = Date(name="d", description="", fills=(Place("x", 0),), minimum=None, maximum=None)
    days = np.arange(15_706, 15_706 + 14)[:, None]
    result = _compute(lambda tensor: features(tensor, [(0, field)], days)[1], days)
    assert result.argmax(axis=1).tolist() == (days[:, 0] % 7).tolist()
    assert (result.sum(axis=1) == 1).all()


def test_every_kind_of_field_has_features() -> None:
    """Numbers, angles, times, dates and categories: 1, 2, 2, 2 + 7 and one column per word."""
    common = {"description": "", "fills": ()}
    number = Number(name="n", unit="min", minimum=0, maximum=1, **common)
    angle = Number(name="a", unit="°", minimum=0, maximum=360, **common)
    day = Date(name="d", minimum=None, maximum=None, **common)
    word = Category(name="c", vocabulary=("x", "y", "z"), **common)
    fields = [number, angle, Time(name="t", **common), day, word]
    tensor = keras.Input((5,), dtype="float32")
    widths = [part.shape[1] for part in features(tensor, enumerate(fields), np.random.rand(10, 5))]
    assert sorted(widths) == sorted([1, 2, 2, 2, 7, 3])
