"""`training.evaluation.comparison`."""

import math
from dataclasses import replace

import numpy as np
import pytest

from training.datasets.dataset import Answers, Dataset
from training.errors import TrainingError
from training.evaluation.bootstrap import clusters
from training.evaluation.comparison import compare
from training.evaluation.evaluation import evaluate


def _digits(dataset: Dataset, wrong: int) -> Answers:
    """Right, but for the first rows."""
    truth = dataset.test.targets["probabilities"].copy()
    truth[:wrong] = (truth[:wrong] + 1) % 10
    return {"probabilities": np.eye(10, dtype=np.float32)[truth]}


def _minutes(dataset: Dataset, deviation: float, seed: int = 0) -> Answers:
    truth = dataset.test.targets["arrival_delay"][:, None]
    return {"arrival_delay": truth + np.random.default_rng(seed).normal(0, deviation, truth.shape).astype(np.float32)}


def test_turned_around(small_datasets: dict[str, Dataset]) -> None:
    """New against old is old against new with the signs turned."""
    flights = small_datasets["flights"]
    a, b = _minutes(flights, 9), _minutes(flights, 10)
    ahead, back = compare(flights, a, b), compare(flights, b, a)
    assert (ahead.new, ahead.old, ahead.difference) == (back.old, back.new, -back.difference)
    assert (ahead.low, ahead.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize("name", ["mnist", "flights"])
def test_values_are_those_of_the_evaluation(small_datasets: dict[str, Dataset], name: str) -> None:
    """What is compared is the metric of that key."""
    dataset = small_datasets[name]
    new, old = (
        (_digits(dataset, 3), _digits(dataset, 9)) if name == "mnist" else (_minutes(dataset, 5), _minutes(dataset, 6))
    )
    difference = compare(dataset, new, old)
    assert difference.new == evaluate(dataset, new).metrics[difference.metric]
    assert difference.old == evaluate(dataset, old).metrics[difference.metric]
    assert difference.low <= difference.difference == difference.new - difference.old <= difference.high


def test_clearly_better_and_worse(small_datasets: dict[str, Dataset]) -> None:
    """More right answers are better; so is a smaller error."""
    mnist, flights = small_datasets["mnist"], small_datasets["flights"]
    better, worse = _digits(mnist, 4), _digits(mnist, 40)
    assert ": better by 0.0900 (95 % interval of the difference +0.0" in str(compare(mnist, better, worse))
    assert ": worse by 0.0900 (95 % interval of the difference -0.1" in str(compare(mnist, worse, better))
    assert "better by" in str(compare(flights, _minutes(flights, 5), _minutes(flights, 10)))
    assert "worse by" in str(compare(flights, _minutes(flights, 10), _minutes(flights, 5)))


def test_nothing_to_vouch_for(small_datasets: dict[str, Dataset]) -> None:
    """One digit more of 400 is chance, and so is equality."""
    mnist = small_datasets["mnist"]
    for wrong in (4, 5):
        difference = compare(mnist, _digits(mnist, 4), _digits(mnist, wrong))
        assert not difference.is_certain
        assert "no difference that 95 % would vouch for" in str(difference)


def test_rows_are_paired(small_datasets: dict[str, Dataset]) -> None:
    """Errors that both make on the same rows say nothing about their difference."""
    flights = small_datasets["flights"]
    rough = _minutes(flights, 50)
    truth = flights.test.targets["arrival_delay"][:, None]
    nearer = {"arrival_delay": truth + (rough["arrival_delay"] - truth) * np.float32(0.98)}
    difference = compare(flights, nearer, rough)
    low, high = evaluate(flights, rough).intervals["arrival_delay_mae_min"]
    assert difference.is_certain
    assert difference.high - difference.low < (high - low) / 10


def test_a_truth_table_leaves_nothing_open(small_datasets: dict[str, Dataset]) -> None:
    """All four cases against three are a difference of a quarter, exactly."""
    xor = small_datasets["xor"]
    right = {"probability": xor.test.targets["probability"][:, None]}
    wrong = {"probability": np.array([[1], [1], [1], [0]], np.float32)}
    difference = compare(xor, right, wrong)
    assert difference.low == difference.difference == difference.high == 0.25
    assert difference.is_certain


def test_one_day_vouches_for_nothing(small_datasets: dict[str, Dataset]) -> None:
    """Flights of a single day cannot tell how another would have been."""
    flights = small_datasets["flights"]
    single = replace(flights, test=flights.test.take(clusters(flights) == 0))
    difference = compare(single, _minutes(single, 1), _minutes(single, 100))
    assert (difference.low, difference.high) == (-math.inf, math.inf)
    assert not difference.is_certain


def test_nothing_in_common(small_datasets: dict[str, Dataset]) -> None:
    """Models that answer different questions are not compared."""
    flights = small_datasets["flights"]
    answers = _minutes(flights, 1)
    with pytest.raises(TrainingError, match="Received arrival_delay and air_time"):
        compare(flights, answers, {"air_time": answers["arrival_delay"]})
