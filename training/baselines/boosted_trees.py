"""Gradient-boosted trees, the method to beat on tables.

References:
    Ke et al.: *LightGBM: A Highly Efficient Gradient Boosting Decision Tree*, NeurIPS, 2017, after which
    scikit-learn's are made.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from training.datasets.columns import columns_of
from training.datasets.dataset import Answers, Dataset
from training.signature import Category

ROUNDS = 300
LEAVES = 63
_LARGEST_VOCABULARY = 255
"""As many bins a column has; the indices of a larger vocabulary are taken as numbers."""


def boosted_trees(dataset: Dataset) -> Answers:
    """Answers to the test rows, from every field as it stands in the tensors, each once.

    Trained on the mean absolute error, since that is what regressors are judged by.
    """
    train, test = (
        np.stack(list(columns_of(dataset.signature, rows.inputs).values()), axis=1)
        for rows in (dataset.train, dataset.test)
    )
    is_category = [
        isinstance(field, Category) and len(field.vocabulary) <= _LARGEST_VOCABULARY
        for field in dataset.signature.fields
    ]
    answers = {}
    for target, truth in dataset.train.targets.items():
        trees = HistGradientBoostingRegressor(
            loss="absolute_error",
            max_iter=ROUNDS,
            max_leaf_nodes=LEAVES,
            categorical_features=is_category,
            early_stopping=False,
            random_state=0,
        )
        answers[target] = trees.fit(train, truth).predict(test).astype(np.float32)[:, None]
    return answers
