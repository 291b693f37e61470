"""All baselines of a data set."""

from threadpoolctl import threadpool_limits

from training.baselines.boosted_trees import boosted_trees
from training.baselines.classifiers import classifiers
from training.baselines.linear_regression import linear_regression
from training.datasets.dataset import Answers, Dataset

_THREADS = 1
"""More help little with matrices of this size. On a machine that is busy they wait for each other and take ten times
as long, and BLAS adds up in another order on every number of them."""


def baselines(dataset: Dataset) -> dict[str, Answers]:
    """Fit every baseline to the training rows and let it answer the test rows.

    Returns:
        By the name of the baseline, the weakest first: its answers, as a model would give them.
    """
    with threadpool_limits(_THREADS):
        if dataset.signature.task == "classification":
            return classifiers(dataset)
        found = {"rule_of_thumb": dataset.rule_of_thumb(dataset)} if dataset.rule_of_thumb else {}
        return found | {"linear_regression": linear_regression(dataset), "boosted_trees": boosted_trees(dataset)}
