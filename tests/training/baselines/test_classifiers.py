"""`training.baselines.classifiers`."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from training.baselines.classifiers import classifiers
from training.datasets.dataset import Answers, Dataset
from training.evaluation.evaluation import evaluate


@pytest.fixture(scope="module")
def digits(small_datasets: dict[str, Dataset]) -> Dataset:
    """Some digits."""
    return small_datasets["mnist"]


@pytest.fixture(scope="module")
def answers(digits: Dataset) -> dict[str, Answers]:
    """What the baselines make of them."""
    return classifiers(digits)


def test_probabilities_add_up_to_one(answers: dict[str, Answers]) -> None:
    """Every row of every baseline is a distribution."""
    for found in answers.values():
        assert np.allclose(found["probabilities"].sum(axis=1), 1, atol=1e-5)
        assert (found["probabilities"] >= 0).all()


def test_commonest_class(digits: Dataset, answers: dict[str, Answers]) -> None:
    """Each class is as probable as it is among the training rows, so that the commonest is answered."""
    counts = np.bincount(digits.train.targets["probabilities"], minlength=10)
    assert np.allclose(answers["commonest_class"]["probabilities"], counts / counts.sum())


def test_nearest_class_mean(digits: Dataset, answers: dict[str, Answers]) -> None:
    """What is answered is the nearest of ten points, the mean pictures."""
    train, test = (rows.inputs["image"].reshape(len(rows), -1) / 255.0 for rows in (digits.train, digits.test))
    means = [train[digits.train.targets["probabilities"] == digit].mean(axis=0) for digit in range(10)]
    expected = KNeighborsClassifier(1).fit(means, range(10)).predict(test)
    assert np.array_equal(answers["nearest_class_mean"]["probabilities"].argmax(axis=1), expected)


def test_each_is_better_than_the_one_before(digits: Dataset, answers: dict[str, Answers]) -> None:
    """Pictures tell more than counts, and weights more than means: in accuracy and in log loss."""
    rows = evaluate(digits, answers["logistic_regression"], answers).tables["baselines"][1:]
    assert [row["contender"] for row in rows] == ["commonest_class", "nearest_class_mean", "logistic_regression"]
    assert rows[0]["accuracy"] + 0.3 < rows[1]["accuracy"] < rows[2]["accuracy"]
    assert rows[0]["log_loss"] > 1.5 > rows[1]["log_loss"] > rows[2]["log_loss"]


def test_missing_classes_are_not_answered(digits: Dataset) -> None:
    """A class without training rows has no probability, and the others keep their numbers."""
    few = replace(digits, train=digits.train.take(np.isin(digits.train.targets["probabilities"], (2, 7))))
    for baseline, found in classifiers(few).items():
        answered = np.flatnonzero(found["probabilities"].any(axis=0))
        assert answered.tolist() == [2, 7], baseline


def test_a_single_class_needs_no_line(digits: Dataset) -> None:
    """Where all training rows are of one class, nothing is separated, and it is answered for certain."""
    single = replace(digits, train=digits.train.take(digits.train.targets["probabilities"] == 7))
    found = classifiers(single)
    assert list(found) == ["commonest_class"]
    assert (found["commonest_class"]["probabilities"] == np.eye(10)[7]).all()


def test_no_straight_line_separates_xor(small_datasets: dict[str, Dataset]) -> None:
    """On the truth table every baseline gets half of the cases."""
    xor = small_datasets["xor"]
    for name, answers in classifiers(xor).items():
        assert evaluate(xor, answers).metrics["test_accuracy"] == 0.5, name


def test_a_straight_line_separates_or(small_datasets: dict[str, Dataset]) -> None:
    """The same baseline finds the line where there is one."""
    xor = small_datasets["xor"]
    either = xor.train.inputs["features"].max(axis=1)
    table = replace(xor.train.join(xor.train).join(xor.train), targets={"probability": np.tile(either, 3)})
    answers = classifiers(replace(xor, train=table, test=table))["logistic_regression"]["probability"]
    assert np.corrcoef(answers[:, 0], np.tile(either, 3))[0, 1] > 0.7
