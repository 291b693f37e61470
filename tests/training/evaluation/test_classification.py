"""`training.evaluation.classification`."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from training.datasets.dataset import Answers, Dataset
from training.evaluation.bootstrap import clusters
from training.evaluation.classification import (
    classification_estimates,
    classification_scores,
    classification_tables,
)
from training.evaluation.probabilities import decide


@pytest.fixture
def dataset(small_datasets: dict[str, Dataset]) -> Dataset:
    """Some garments, whose labels are words."""
    return small_datasets["fashion"]


@pytest.fixture
def answers(dataset: Dataset) -> Answers:
    """Random probabilities, every other row leaning to the truth."""
    random = np.random.default_rng(0)
    truth = dataset.test.targets["probabilities"]
    raw = random.random((len(truth), 10)) + np.eye(10)[truth] * random.integers(0, 2, (len(truth), 1))
    return {"probabilities": (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)}


def test_accuracy_is_the_exact_fraction() -> None:
    """Three right of four is 0.75."""
    scores = classification_scores(np.array([0, 1, 2, 0]), np.eye(3, dtype=np.float32)[[0, 1, 2, 2]])
    assert scores["accuracy"].mean() == 0.75


def test_log_loss_is_that_of_scikit_learn(dataset: Dataset, answers: Answers) -> None:
    """Mean of -log(probability of the true class)."""
    truth = dataset.test.targets["probabilities"]
    exact = answers["probabilities"].astype(np.float64)
    expected = log_loss(truth, exact / exact.sum(axis=1, keepdims=True), labels=range(10))
    estimate = classification_estimates(dataset, answers, clusters(dataset))["log_loss"]
    assert estimate.value == pytest.approx(expected, rel=1e-6)
    low, high = estimate.interval or (0, 0)
    assert low < expected < high


def test_certain_and_wrong_is_finite() -> None:
    """A probability that was rounded to zero costs much, but not everything."""
    scores = classification_scores(np.array([1.0, 0.0]), np.array([[0.0], [0.0]], np.float32))
    assert 15 < scores["log_loss"][0] < 17
    assert scores["log_loss"][1] == 0


def test_tables_are_those_of_scikit_learn(dataset: Dataset, answers: Answers) -> None:
    """Counts, precision, recall and F1 of every class, under its label."""
    tables = classification_tables(dataset, answers)
    truth, chosen = dataset.test.targets["probabilities"], decide(answers["probabilities"])
    labels = list(map(str, dataset.signature.result[0].labels))
    assert [row["truth"] for row in tables["confusion"]] == [row["label"] for row in tables["classes"]] == labels
    assert [[row[label] for label in labels] for row in tables["confusion"]] == confusion_matrix(truth, chosen).tolist()
    columns = precision_recall_fscore_support(truth, chosen)
    for key, expected in zip(("precision", "recall", "f1", "rows"), columns, strict=True):
        assert np.allclose([row[key] for row in tables["classes"]], expected), key


def test_what_cannot_be_divided_is_none(dataset: Dataset) -> None:
    """A class that the rows lack has no recall, one that is never answered no precision; neither is called zero."""
    test = dataset.test.take(dataset.test.targets["probabilities"] != 3)
    never_four = np.tile(np.eye(10, dtype=np.float32)[5], (len(test), 1))
    rows = classification_tables(replace(dataset, test=test), {"probabilities": never_four})["classes"]
    assert (rows[3]["rows"], rows[3]["precision"], rows[3]["recall"], rows[3]["f1"]) == (0, None, None, None)
    assert (rows[4]["precision"], rows[4]["recall"], rows[4]["f1"]) == (None, 0, 0)


def test_row_order_does_not_matter(dataset: Dataset, answers: Answers) -> None:
    """Metrics and tables of permuted rows are those of the rows."""
    order = np.random.default_rng(1).permutation(len(dataset.test))
    permuted = replace(dataset, test=dataset.test.take(order)), {name: part[order] for name, part in answers.items()}
    plain = classification_tables(dataset, answers)
    assert classification_tables(*permuted)["confusion"] == plain["confusion"]
    values = [classification_estimates(*pair, None) for pair in ((dataset, answers), permuted)]
    assert values[0].keys() == values[1].keys()
    for key, estimate in values[0].items():
        assert values[1][key].value == pytest.approx(estimate.value, rel=1e-12)


def test_a_truth_table_is_no_sample(small_datasets: dict[str, Dataset]) -> None:
    """Of the four cases there is nothing to estimate: no interval, no reliability."""
    xor = small_datasets["xor"]
    answers = {"probability": np.array([[0.1], [0.9], [0.9], [0.6]], np.float32)}
    estimates = classification_estimates(xor, answers, clusters(xor))
    assert {key: estimate.value for key, estimate in estimates.items()}.keys() == {"correct", "accuracy", "log_loss"}
    assert all(estimate.interval is None for estimate in estimates.values())
    assert (estimates["correct"].value, estimates["accuracy"].value) == (3, 0.75)
    tables = classification_tables(xor, answers)
    assert tables.keys() == {"classes", "confusion"}
    assert tables["confusion"] == [{"truth": "false", "false": 1, "true": 1}, {"truth": "true", "false": 0, "true": 2}]
