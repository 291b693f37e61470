"""Whether a model is better than another, by their answers to the same test rows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.datasets.dataset import Answers, Dataset
from training.evaluation.bootstrap import clusters, resampled_means
from training.evaluation.classification import classification_scores
from training.evaluation.findings import Estimate
from training.evaluation.regression import answered, regression_scores


@dataclass(frozen=True)
class Difference:
    """How a new model differs from an old one.

    Attributes:
        metric: Key of the metrics that was compared.
        new: Its value for the new model.
        old: Its value for the old one.
        difference: new - old.
        low: Lower end of the 95 % interval of the difference.
        high: Its upper end.
    """

    metric: str
    new: float
    old: float
    difference: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves no room for the two being equal."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        """One sentence: which is better and by how much, if that can be told."""
        head = f"{self.metric} {self.new:.4f}, before {self.old:.4f}: "
        interval = f"95 % interval of the difference {self.low:+.4f} to {self.high:+.4f}"
        if not self.is_certain:
            return f"{head}no difference that 95 % would vouch for ({interval})."
        is_better = (self.difference > 0) == self.metric.endswith("accuracy")
        return f"{head}{'better' if is_better else 'worse'} by {abs(self.difference):.4f} ({interval})."


def compare(dataset: Dataset, new: Answers, old: Answers) -> Difference:
    """Compare accuracies, or mean absolute errors of the first target that both answer.

    Both are measured on the same resamples, so that days and rows which are hard for both do not widen the interval.
    Where the test rows are all there is, the interval is the difference itself; on a single day it is unbounded.

    Args:
        dataset: Holds the test rows.
        new: Answers to them, by output name; shape (rows, elements).
        old: Likewise.

    Raises:
        TrainingError: If there is no target that both answer.
    """
    if dataset.signature.task == "classification":
        target, metric = next(iter(dataset.test.targets)), "test_accuracy"
    else:
        target = answered(dataset.test, new, old)[0]
        metric = f"{target}_mae_min"
    scores = {key: _scores(dataset, answers, target) for key, answers in (("new", new), ("old", old))}
    means = resampled_means(scores, clusters(dataset))
    estimate = Estimate.of(means["new"] - means["old"])
    unknown = (estimate.value, estimate.value) if dataset.judged_by_training_rows else (-math.inf, math.inf)
    low, high = estimate.interval or unknown
    return Difference(metric, float(means["new"][0]), float(means["old"][0]), estimate.value, low, high)


def _scores(dataset: Dataset, answers: Answers, target: str) -> NDArray[np.float64]:
    if dataset.signature.task == "classification":
        return classification_scores(dataset.test.targets[target], answers[target])["accuracy"]
    return regression_scores(dataset.test, answers, target)["mae_min"]
