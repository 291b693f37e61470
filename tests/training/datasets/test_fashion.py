"""`training.datasets.fashion`."""

import numpy as np

from training.datasets.dataset import Dataset


def test_published_split(datasets: dict[str, Dataset]) -> None:
    """8,000 rows train, with the validation rows among them, and 2,000 test."""
    fashion = datasets["fashion"]
    assert len(fashion.without_validation().train) == 8_000
    assert len(fashion.test) == 2_000


def test_no_row_is_in_two_parts(datasets: dict[str, Dataset]) -> None:
    """The parts in file order are the file: every image once (Fashion-MNIST holds no duplicates here)."""
    fashion = datasets["fashion"]
    images = fashion.without_validation().train.join(fashion.test).inputs["image"]
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == 10_000


def test_file_order_is_balanced(datasets: dict[str, Dataset]) -> None:
    """A split in file order leaves every class at 8 to 12 % of the test rows."""
    share = np.bincount(datasets["fashion"].test.targets["probabilities"]) / 2_000
    assert share.size == 10
    assert 0.08 < share.min() <= share.max() < 0.12
