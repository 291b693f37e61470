"""What a model must beat: answers that need no network, fitted to the same training rows.

    baselines                 all that belong to a data set, by name
      ├─ classifiers              commonest class, nearest class mean, logistic regression
      ├─ linear_regression        least squares on the fields
      └─ boosted_trees            gradient-boosted trees on the fields

A rule of thumb, where there is one, comes from the data set. Nothing is chosen, so no validation rows are read.
"""

from training.baselines.baselines import baselines

__all__ = ["baselines"]
