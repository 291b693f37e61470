"""Metrics and tables of a regressor whose targets are minutes.

References:
    Gneiting, Raftery: *Strictly Proper Scoring Rules, Prediction, and Estimation*, Journal of the American
    Statistical Association 102, https://doi.org/10.1198/016214506000001437, 2007; section 6.2, the interval score,
    which Winkler proposed in 1972.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.columns import columns_of
from training.datasets.dataset import INTERVAL, Answers, Dataset, Rows
from training.errors import TrainingError
from training.evaluation.bootstrap import Clusters, Scores, resampled_means
from training.evaluation.findings import Estimate, Table
from training.signature import Category, Time

INTERVAL_SHARE = 0.8
"""How many of the true values a prediction interval is meant to hold."""

LONGEST_TABLE_ROWS = 20
"""Words of the largest vocabulary that has a table of its own."""


def answered(rows: Rows, *contestants: Answers) -> list[str]:
    """The targets that all of them answer, in the order of the data set.

    Raises:
        TrainingError: If there is none.
    """
    names = [name for name in rows.targets if all(name in answers for answers in contestants)]
    if not names:
        received = " and ".join(", ".join(answers) or "none" for answers in contestants)
        raise TrainingError(f"Expected answers to {' or '.join(rows.targets)}. Received {received}.")
    return names


def regression_scores(rows: Rows, answers: Answers, target: str) -> Scores:
    """Of every row, in minutes: `mae_min`, the distance from the truth; `bias_min`, answer - truth.

    With `TARGET_interval` among the answers, float32, shape (rows, 2), low and high, also: `interval_coverage`, 1 if
    the truth lies within, else 0; `interval_width_min`; and `interval_score_min`, smaller is better,

        high - low + 2 / (1 - INTERVAL_SHARE) * (distance of the truth from the interval, 0 within)
    """
    truth = rows.targets[target].astype(np.float64)
    # In float64: a sum of 65,000 squares in float32 is off in the fourth digit.
    error = answers[target].astype(np.float64)[:, 0] - truth
    scores = {"mae_min": np.abs(error), "bias_min": error}
    interval = answers.get(f"{target}{INTERVAL}")
    if interval is not None:
        low, high = interval.astype(np.float64).T
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        scores["interval_coverage"] = ((low <= truth) & (truth <= high)).astype(np.float64)
        scores["interval_width_min"] = high - low
        scores["interval_score_min"] = high - low + 2 / (1 - INTERVAL_SHARE) * outside
    return scores


def regression_estimates(dataset: Dataset, answers: Answers, cluster: Clusters | None) -> dict[str, Estimate]:
    """Of every target that is answered, by `TARGET_` and: the scores, `r2`, `median_absolute_error_min`.

    R2 = 1 - mean((answer - truth)^2) / variance(truth); left out where the truth is the same in all rows. The median
    has no interval, being no quotient of sums.
    """
    return {
        f"{target}_{name}": estimate
        for target in answered(dataset.test, answers)
        for name, estimate in _estimates(dataset.test, answers, target, cluster).items()
    }


def _estimates(rows: Rows, answers: Answers, target: str, cluster: Clusters | None) -> dict[str, Estimate]:
    scores = regression_scores(rows, answers, target)
    truth = rows.targets[target].astype(np.float64)
    truth -= truth.mean()  # or its square drowns its variance
    squares = {"squared_error": scores["bias_min"] ** 2, "truth": truth, "squared_truth": truth**2}
    means = resampled_means(scores | squares, cluster)
    estimates = {name: Estimate.of(means[name]) for name in scores}
    variance = means["squared_truth"] - means["truth"] ** 2
    if variance[0] > 0:
        unexplained = np.full_like(variance, np.nan)
        np.divide(means["squared_error"], variance, out=unexplained, where=variance > 0)
        estimates["r2"] = Estimate.of(1 - unexplained)
    return estimates | {"median_absolute_error_min": Estimate(float(np.median(scores["mae_min"])))}


def regression_tables(dataset: Dataset, answers: Answers) -> dict[str, Table]:
    """A table `by_FIELD` for every category of few words, and `by_FIELD_hour` for every time of the day.

    Their rows: `value`, the word or the hour; `rows`; and for every target that is answered `TARGET_mae_min`,
    `TARGET_bias_min` and, with an interval, `TARGET_interval_coverage`. Values without rows are left out.
    """
    shown = ("mae_min", "bias_min", "interval_coverage")
    scores = {
        f"{target}_{name}": score
        for target in answered(dataset.test, answers)
        for name, score in regression_scores(dataset.test, answers, target).items()
        if name in shown
    }
    columns = columns_of(dataset.signature, dataset.test.inputs)
    tables = {}
    for field in dataset.signature.fields:
        match field:
            case Category() if len(field.vocabulary) <= LONGEST_TABLE_ROWS:
                tables[f"by_{field.name}"] = _table(field.vocabulary, columns[field.name], scores)
            case Time():
                tables[f"by_{field.name}_hour"] = _table(range(24), columns[field.name] // 60, scores)
    return tables


def _table(values: Sequence[str] | Sequence[int], group: NDArray[Any], scores: Scores) -> Table:
    table = []
    for number, value in enumerate(values):
        chosen = group == number
        if chosen.any():
            means = {name: float(score[chosen].mean()) for name, score in scores.items()}
            table.append({"value": value, "rows": int(chosen.sum()), **means})
    return table
