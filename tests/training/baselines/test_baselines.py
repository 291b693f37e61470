"""`training.baselines.baselines`."""

from dataclasses import replace

import numpy as np
import pytest

from training.baselines.baselines import baselines
from training.datasets.dataset import Dataset, Rows
from training.presets import NAMES

CLASSIFIERS = ["commonest_class", "nearest_class_mean", "logistic_regression"]
REGRESSORS = ["rule_of_thumb", "linear_regression", "boosted_trees"]


def _few(dataset: Dataset) -> Dataset:
    return replace(dataset, train=dataset.train.take(slice(30)), test=dataset.test.take(slice(8)))


def _without_truth(rows: Rows) -> Rows:
    return replace(rows, targets={name: np.zeros_like(truth) for name, truth in rows.targets.items()})


@pytest.mark.parametrize("name", NAMES)
def test_answers_as_a_model_would(small_datasets: dict[str, Dataset], name: str) -> None:
    """Every baseline of the task answers every output, in its shape, with numbers; even of few rows."""
    dataset = _few(small_datasets[name])
    found = baselines(dataset)
    assert list(found) == (REGRESSORS if dataset.signature.task == "regression" else CLASSIFIERS)
    for answers in found.values():
        assert list(answers) == list(dataset.test.targets)
        shapes = {output.name: output.shape for output in dataset.signature.outputs}
        for output, answer in answers.items():
            assert answer.shape == (len(dataset.test), *shapes[output])
            assert answer.dtype == np.float32
            assert np.isfinite(answer).all()


@pytest.mark.parametrize("name", ["mnist", "flights"])
def test_only_the_training_rows_are_learned_from(small_datasets: dict[str, Dataset], name: str) -> None:
    """The truth of validation and test rows changes no answer, and a second time gives the same."""
    dataset = _few(small_datasets[name])
    blind = replace(dataset, test=_without_truth(dataset.test), validation=_without_truth(dataset.validation))
    first, second = baselines(dataset), baselines(blind)
    for baseline, answers in first.items():
        for output, answer in answers.items():
            assert np.array_equal(answer, second[baseline][output]), baseline


def test_rule_of_thumb_is_optional(small_datasets: dict[str, Dataset]) -> None:
    """Without a rule of thumb the others remain."""
    assert list(baselines(replace(_few(small_datasets["flights"]), rule_of_thumb=None))) == REGRESSORS[1:]
