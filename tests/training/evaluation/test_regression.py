"""`training.evaluation.regression`."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, median_absolute_error, r2_score

from training.datasets.columns import columns_of
from training.datasets.dataset import Answers, Dataset
from training.errors import TrainingError
from training.evaluation.bootstrap import clusters
from training.evaluation.findings import Table
from training.evaluation.regression import answered, regression_estimates, regression_scores, regression_tables


@pytest.fixture
def dataset(small_datasets: dict[str, Dataset]) -> Dataset:
    """Some flights."""
    return small_datasets["flights"]


@pytest.fixture
def answers(dataset: Dataset) -> Answers:
    """The truth and noise, with an interval around the arrival delay."""
    random = np.random.default_rng(0)
    noisy = {
        name: truth[:, None] + random.normal(2, 9, (len(truth), 1)) for name, truth in dataset.test.targets.items()
    }
    width = random.uniform(1, 20, (len(dataset.test), 2)) * [-1, 1]
    noisy["arrival_delay_interval"] = noisy["arrival_delay"] + width
    return {name: part.astype(np.float32) for name, part in noisy.items()}


def test_metrics_are_those_of_scikit_learn(dataset: Dataset, answers: Answers) -> None:
    """Mean and median absolute error and R2, each within its interval if it has one."""
    estimates = regression_estimates(dataset, answers, clusters(dataset))
    for target, truth in dataset.test.targets.items():
        pair = truth.astype(np.float64), answers[target].astype(np.float64)
        expected = {"mae_min": mean_absolute_error, "r2": r2_score, "median_absolute_error_min": median_absolute_error}
        for key, metric in expected.items():
            assert estimates[f"{target}_{key}"].value == pytest.approx(metric(*pair), rel=1e-9), key
        for key in ("mae_min", "bias_min", "r2"):
            low, high = estimates[f"{target}_{key}"].interval or (0, 0)
            assert low < estimates[f"{target}_{key}"].value < high


def test_answers_that_are_too_high_have_a_positive_bias(dataset: Dataset) -> None:
    """The truth has no error and R2 1; three minutes more are a bias and an error of three."""
    truth = {name: part[:, None] for name, part in dataset.test.targets.items()}
    exact = regression_estimates(dataset, truth, None)
    assert (exact["air_time_mae_min"].value, exact["air_time_r2"].value) == (0, 1)
    later = regression_estimates(dataset, {"air_time": truth["air_time"] + 3}, None)
    assert (later["air_time_mae_min"].value, later["air_time_bias_min"].value) == (3, 3)


def test_r2_needs_a_truth_that_varies(dataset: Dataset) -> None:
    """Where all flights take as long, R2 is left out; what resamples lack is left out of the interval."""
    first = dataset.test.take(slice(1))
    assert "air_time_r2" not in regression_estimates(replace(dataset, test=first), {"air_time": np.zeros((1, 1))}, None)
    two = dataset.test.take(np.array([0, -1]))
    few = regression_estimates(replace(dataset, test=two), {"air_time": np.zeros((2, 1))}, np.array([0, 1]))
    assert np.isfinite(few["air_time_r2"].interval).all()


def test_interval_score_is_two_quantile_losses(dataset: Dataset, answers: Answers) -> None:
    """The interval score is that of the 10 % and the 90 % quantile, of which each has its pinball loss."""
    low, high = answers["arrival_delay_interval"].astype(np.float64).T
    truth = dataset.test.targets["arrival_delay"].astype(np.float64)
    losses = mean_pinball_loss(truth, low, alpha=0.1) + mean_pinball_loss(truth, high, alpha=0.9)
    scores = regression_scores(dataset.test, answers, "arrival_delay")
    assert scores["interval_score_min"].mean() == pytest.approx(2 / 0.2 * losses, rel=1e-9)
    assert scores["interval_width_min"].mean() == pytest.approx((high - low).mean())
    assert scores["interval_coverage"].mean() == ((truth >= low) & (truth <= high)).mean()


def test_interval_is_judged_where_there_is_one(dataset: Dataset, answers: Answers) -> None:
    """Coverage has an interval by days, and only the target with a prediction interval has a coverage."""
    estimates = regression_estimates(dataset, answers, clusters(dataset))
    assert estimates["arrival_delay_interval_coverage"].interval is not None
    assert not [key for key in estimates if key.startswith("air_time_interval")]


def _mean(table: Table, key: str) -> float:
    return sum(row["rows"] * row[key] for row in table) / sum(row["rows"] for row in table)


def test_tables_add_up_to_the_whole(dataset: Dataset, answers: Answers) -> None:
    """Weighted by rows, the values of every table have the mean of all rows."""
    estimates = regression_estimates(dataset, answers, None)
    tables = regression_tables(dataset, answers)
    assert tables.keys() == {"by_carrier", "by_origin", "by_scheduled_departure_hour", "by_scheduled_arrival_hour"}
    for table in tables.values():
        assert sum(row["rows"] for row in table) == len(dataset.test)
        assert len(table) > 2
        for key in table[0].keys() - {"value", "rows"}:
            assert _mean(table, key) == pytest.approx(estimates[key].value, rel=1e-9), key
    assert {"arrival_delay_mae_min", "air_time_bias_min", "arrival_delay_interval_coverage"} <= tables["by_carrier"][
        0
    ].keys()


def test_a_row_of_a_table_is_its_rows(dataset: Dataset, answers: Answers) -> None:
    """The row of a carrier and that of an hour are the metrics of these flights alone."""
    fields = {field.name: field for field in dataset.signature.fields}
    for table, field, chosen in (
        ("by_carrier", "carrier", lambda row: fields["carrier"].vocabulary.index(row["value"])),
        ("by_scheduled_departure_hour", "scheduled_departure", lambda row: row["value"]),
    ):
        row = regression_tables(dataset, answers)[table][2]
        column = columns_of(dataset.signature, dataset.test.inputs)[field]
        mask = (column // 60 if field == "scheduled_departure" else column) == chosen(row)
        part = replace(dataset, test=dataset.test.take(mask))
        expected = regression_estimates(part, {name: answer[mask] for name, answer in answers.items()}, None)
        assert row["rows"] == mask.sum()
        assert row["air_time_mae_min"] == pytest.approx(expected["air_time_mae_min"].value)


def test_only_what_is_answered(dataset: Dataset, answers: Answers) -> None:
    """A model of one output is judged by that one; without any it is refused, with what was expected."""
    one = {"air_time": answers["air_time"]}
    assert all(key.startswith("air_time_") for key in regression_estimates(dataset, one, None))
    assert answered(dataset.test, answers, one) == ["air_time"]
    with pytest.raises(TrainingError, match=r"arrival_delay or air_time\. Received speed\."):
        answered(dataset.test, {"speed": one["air_time"]})
