"""`training.evaluation.probabilities`."""

import numpy as np

from training.evaluation.probabilities import class_probabilities, decide


def test_one_probability_is_that_of_class_one() -> None:
    """A single output becomes two probabilities that add up to one."""
    assert class_probabilities(np.array([[0.25], [1.0]], np.float32)).tolist() == [[0.75, 0.25], [0, 1]]


def test_the_threshold_counts_as_class_one() -> None:
    """A single output is read against the threshold, which itself is class 1."""
    assert decide(np.array([[0.49], [0.5], [0.9], [0.1]], np.float32)).tolist() == [0, 1, 1, 0]


def test_the_most_probable_class_is_answered() -> None:
    """Of several probabilities the largest decides, the first if equal; the probabilities stay as they are."""
    answers = np.array([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4]], np.float32)
    assert decide(answers).tolist() == [1, 0]
    assert np.array_equal(class_probabilities(answers), answers)
