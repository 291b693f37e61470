"""`training.baselines.boosted_trees`."""

from dataclasses import replace

import numpy as np
import pytest

from training.baselines.boosted_trees import boosted_trees
from training.baselines.linear_regression import linear_regression
from training.datasets.columns import columns_of, tensors
from training.datasets.dataset import Dataset, Rows
from training.datasets.flights_signature import VOCABULARIES


@pytest.fixture
def flights(small_datasets: dict[str, Dataset]) -> Dataset:
    """Some flights."""
    return small_datasets["flights"]


def _odd_carriers_late(dataset: Dataset, rows: Rows) -> Rows:
    """Flights of every other carrier are late, but early if they left late: no sum of columns says so."""
    columns = columns_of(dataset.signature, rows.inputs)
    odd, late = columns["carrier"] % 2 == 1, columns["departure_delay"] > 0
    return replace(rows, targets={"arrival_delay": np.where(odd ^ late, 60, 0).astype(np.float32)})


def test_finds_what_no_sum_of_columns_says(flights: Dataset) -> None:
    """Fields work together: linear regression fails where trees do not."""
    dataset = replace(
        flights, train=_odd_carriers_late(flights, flights.train), test=_odd_carriers_late(flights, flights.test)
    )
    errors = {
        baseline.__name__: np.abs(
            baseline(dataset)["arrival_delay"][:, 0] - dataset.test.targets["arrival_delay"]
        ).mean()
        for baseline in (boosted_trees, linear_regression)
    }
    assert errors["boosted_trees"] < errors["linear_regression"] / 3


def test_words_have_no_order(flights: Dataset) -> None:
    """Every other destination is told from its neighbours, though each has too few flights for a leaf of its own."""
    words = np.arange(len(VOCABULARIES["dest"])).repeat(12)
    columns = {field.name: np.zeros(len(words)) for field in flights.signature.fields} | {"dest": words}
    rows = Rows(tensors(flights.signature, columns), {"arrival_delay": np.where(words % 2, 60, 0).astype(np.float32)})
    answers = boosted_trees(replace(flights, train=rows, test=rows))["arrival_delay"][:, 0]
    assert np.allclose(answers, rows.targets["arrival_delay"], atol=1)


def test_trained_on_the_absolute_error(flights: Dataset) -> None:
    """Where the fields say nothing, the answer with the smallest absolute error is the median."""
    blank = replace(flights.train, inputs={name: np.zeros_like(part) for name, part in flights.train.inputs.items()})
    answers = boosted_trees(replace(flights, train=blank))
    for target, truth in flights.train.targets.items():
        assert np.allclose(answers[target], np.median(truth), atol=0.5)
        assert abs(np.median(truth) - truth.mean()) > 1
