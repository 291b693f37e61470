"""`training.evaluation.evaluation`."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from training.datasets.dataset import Answers, Dataset
from training.errors import TrainingError
from training.evaluation.evaluation import Evaluation, evaluate
from training.presets import NAMES

KEYS = {
    "mnist": {"test_rows", "test_correct", "test_accuracy", "test_log_loss", "test_expected_calibration_error"},
    "xor": {"test_rows", "test_correct", "test_accuracy", "test_log_loss"},
    "flights": {"test_rows"}
    | {
        f"{target}_{key}"
        for target in ("arrival_delay", "air_time")
        for key in ("mae_min", "r2", "bias_min", "median_absolute_error_min")
    },
}
KEYS["fashion"] = KEYS["mnist"]


def _answers(dataset: Dataset, seed: int = 0) -> Answers:
    random = np.random.default_rng(seed)
    shapes = {
        output.name: (len(dataset.test), *output.shape)
        for output in dataset.signature.outputs
        if output.name in dataset.test.targets
    }
    raw = {name: random.random(shape, np.float32) for name, shape in shapes.items()}
    return {name: part / part.sum(axis=1, keepdims=True) if part.shape[1] > 1 else part for name, part in raw.items()}


@pytest.mark.parametrize("name", NAMES)
def test_contenders_are_judged_as_the_model_is(small_datasets: dict[str, Dataset], name: str) -> None:
    """A contender with the model's answers has the model's metrics and intervals, and its row of the table."""
    dataset = small_datasets[name]
    answers = _answers(dataset)
    evaluation = evaluate(dataset, answers, {"copy": answers, "other": _answers(dataset, 1)})
    own = {key for key in evaluation.metrics if not key.startswith(("copy_", "other_"))}
    assert own == KEYS[name]
    for part in (evaluation.metrics, evaluation.intervals):
        for key in (own & part.keys()) - {"test_rows"}:
            assert part[f"copy_{key.removeprefix('test_')}"] == part[key]
    model, copy, other = evaluation.tables["baselines"]
    assert (model["contender"], copy["contender"], other["contender"]) == ("model", "copy", "other")
    assert {**copy, "contender": "model"} == model != {**other, "contender": "model"}


@pytest.mark.parametrize("name", NAMES)
def test_content_is_json(small_datasets: dict[str, Dataset], name: str) -> None:
    """Numbers are finite, intervals belong to metrics and hold them, rows of a table have the same keys."""
    dataset = small_datasets[name]
    evaluation = evaluate(dataset, _answers(dataset), {"other": _answers(dataset, 1)})
    for part in (evaluation.metrics, evaluation.intervals, evaluation.tables):
        json.dumps(part, allow_nan=False)
    for key, (low, high) in evaluation.intervals.items():
        assert low <= evaluation.metrics[key] <= high
    for table in evaluation.tables.values():
        assert len({tuple(row) for row in table}) == 1
    assert (not evaluation.intervals) is (name == "xor")


@pytest.mark.parametrize("name", NAMES)
def test_same_answers_same_evaluation(small_datasets: dict[str, Dataset], name: str) -> None:
    """Nothing is left to chance, whatever was drawn before."""
    dataset = small_datasets[name]
    first = evaluate(dataset, _answers(dataset))
    np.random.default_rng().random()
    assert evaluate(dataset, _answers(dataset)) == first


@pytest.mark.parametrize("name", NAMES)
def test_a_handful_of_rows(small_datasets: dict[str, Dataset], name: str) -> None:
    """Eight rows, with classes, words and days missing, are judged without a warning."""
    dataset = small_datasets[name]
    few = replace(dataset, test=dataset.test.take(slice(8)))
    assert evaluate(few, _answers(few)).metrics["test_rows"] == len(few.test)


def test_only_what_the_model_answers(small_datasets: dict[str, Dataset]) -> None:
    """A model of one output is compared on that one, though its contenders answer both."""
    flights = small_datasets["flights"]
    both = _answers(flights)
    evaluation = evaluate(flights, {"arrival_delay": both["arrival_delay"]}, {"other": both})
    assert not [key for key in evaluation.metrics if "air_time" in key]
    assert "other_arrival_delay_mae_min" in evaluation.metrics
    for table in evaluation.tables.values():
        assert not [key for key in table[0] if "air_time" in key]


def test_a_prediction_interval_is_nothing_that_contenders_lack(small_datasets: dict[str, Dataset]) -> None:
    """The model's interval has metrics, and the table of contenders only what all of them have."""
    flights = small_datasets["flights"]
    other = _answers(flights)
    interval = {"arrival_delay_interval": other["arrival_delay"] + np.array([-1, 1], np.float32)}
    evaluation = evaluate(flights, other | interval, {"other": other})
    assert evaluation.metrics["arrival_delay_interval_width_min"] == pytest.approx(2)
    assert "arrival_delay_interval_coverage" in evaluation.intervals
    assert not [key for key in evaluation.tables["baselines"][0] if "interval" in key]


def test_answers_that_are_no_numbers_are_refused(small_datasets: dict[str, Dataset]) -> None:
    """A diverged model ends in one sentence that names the output."""
    flights = small_datasets["flights"]
    answers = _answers(flights)
    answers["air_time"][3] = math.nan
    with pytest.raises(TrainingError, match=r"Expected finite answers .* in air_time:"):
        evaluate(flights, answers)


def test_joined_metrics_bear_a_name() -> None:
    """What another evaluation found stands beside this one's own, under names of its own, and changes nothing."""
    own = Evaluation({"test_rows": 4, "mae_min": 1.0}, {"mae_min": (0.5, 1.5)}, {"t": [{"a": 1}]})
    table = [{"contender": "model"}, {"contender": "rule"}]
    other = Evaluation(
        {"test_rows": 4, "mae_min": 2.0, "rule_mae_min": 3.0}, {"mae_min": (1.5, 2.5)}, {"baselines": table}
    )
    joined = own.joined("elsewhere", other)
    assert joined.metrics == {
        "test_rows": 4,
        "mae_min": 1.0,
        "elsewhere_mae_min": 2.0,
        "rule_elsewhere_mae_min": 3.0,
    }
    assert joined.intervals == {"mae_min": (0.5, 1.5), "elsewhere_mae_min": (1.5, 2.5)}
    assert joined.tables == own.tables
