"""`training.datasets.mnist`."""

import numpy as np

from training.datasets.dataset import Dataset


def test_whole(datasets: dict[str, Dataset]) -> None:
    """All 70,000 digits are there: the class counts are the published ones.

    References:
        LeCun, Cortes, Burges: *The MNIST database of handwritten digits*, http://yann.lecun.com/exdb/mnist/, 1998.
    """
    mnist = datasets["mnist"]
    train = np.bincount(mnist.without_validation().train.targets["probabilities"])
    test = np.bincount(mnist.test.targets["probabilities"])
    assert train.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_validation_is_taken_from_training(datasets: dict[str, Dataset]) -> None:
    """55,000 train, 5,000 validate; the published test set is left whole."""
    mnist = datasets["mnist"]
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (55_000, 5_000, 10_000)


def test_all_four_files_are_accounted_for(datasets: dict[str, Dataset]) -> None:
    """The manifest will carry the sum of each file that was read."""
    assert len(datasets["mnist"].files) == 4
