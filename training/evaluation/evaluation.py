"""All that is said about a model after its test rows were read, once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from training.datasets.dataset import Answers, Dataset
from training.errors import TrainingError
from training.evaluation.bootstrap import clusters
from training.evaluation.classification import classification_estimates, classification_tables
from training.evaluation.findings import Estimate, Metrics, Table
from training.evaluation.regression import regression_estimates, regression_tables


@dataclass(frozen=True)
class Evaluation:
    """What the answers of a model, and of its contenders, to the test rows are worth.

    Attributes:
        metrics: Flat and finite, the content of `metrics.json`. Those of a contender begin with its name.
        intervals: Both ends of 95 % intervals, by key of `metrics`; not every metric has one, and none has if the
            test rows are all there is.
        tables: By name; `baselines` has a row for the model, then one for each contender.
    """

    metrics: Metrics
    intervals: dict[str, tuple[float, float]]
    tables: dict[str, Table]

    def joined(self, name: str, other: "Evaluation") -> "Evaluation":
        """This one with the metrics of another, its name before theirs, but behind that of a contender."""
        contenders = [row["contender"] for row in other.tables["baselines"][1:]]

        def renamed(key: str) -> str:
            contender = next((f"{found}_" for found in contenders if key.startswith(f"{found}_")), "")
            return f"{contender}{name}_{key.removeprefix(contender)}"

        metrics = {renamed(key): value for key, value in other.metrics.items() if key != "test_rows"}
        intervals = {renamed(key): ends for key, ends in other.intervals.items()}
        return replace(self, metrics=self.metrics | metrics, intervals=self.intervals | intervals)


def evaluate(
    dataset: Dataset, answers: Answers, contenders: Mapping[str, Answers] = MappingProxyType({})
) -> Evaluation:
    """Judge the answers to the test rows. Targets that the model does not answer are left out, for all.

    Args:
        dataset: Holds the test rows.
        answers: Of the model, by output name; shape (rows, elements). With `TARGET_interval`, shape (rows, 2), low and
            high, a prediction interval is judged too.
        contenders: Answers of the baselines by their names.

    Raises:
        TrainingError: If an answer is not finite, or there is none to any target.
    """
    broken = [name for name, answer in answers.items() if not np.isfinite(answer).all()]
    if broken:
        raise TrainingError(
            f"Expected finite answers to the test rows. Received others in {', '.join(broken)}: the training diverged, "
            "which a smaller learning rate may prevent."
        )
    cluster = clusters(dataset)
    is_classifier = dataset.signature.task == "classification"
    judge = classification_estimates if is_classifier else regression_estimates
    model = judge(dataset, answers, cluster)
    others = {
        name: {key: estimate for key, estimate in judge(dataset, other, cluster).items() if key in model}
        for name, other in contenders.items()
    }
    named = {f"test_{key}" if is_classifier else key: estimate for key, estimate in model.items()}
    named |= {f"{name}_{key}": estimate for name, found in others.items() for key, estimate in found.items()}
    tables = (classification_tables if is_classifier else regression_tables)(dataset, answers)
    return Evaluation(
        metrics={"test_rows": len(dataset.test)} | {key: estimate.value for key, estimate in named.items()},
        intervals={key: estimate.interval for key, estimate in named.items() if estimate.interval},
        tables=tables | {"baselines": _contest({"model": model, **others})},
    )


def _contest(contestants: dict[str, dict[str, Estimate]]) -> Table:
    """A row per contestant with the metrics that all of them have."""
    shared = [key for key in contestants["model"] if all(key in found for found in contestants.values())]
    return [{"contender": name, **{key: found[key].value for key in shared}} for name, found in contestants.items()]
