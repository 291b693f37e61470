"""`training.study.convergence`."""

from itertools import product

import numpy as np
import pytest

from training.study.convergence import convergence, quantile, share_by, share_ordered

NEVER = np.inf


def test_first_and_for_good() -> None:
    """Epochs count from 1; who falls back was there first, but for good only later; who is wrong at the end, never."""
    runs = {"0000": (NEVER, NEVER), "0001": (4, 4), "0101": (2, 4), "1111": (1, 1), "0110": (2, NEVER), "0111": (2, 2)}
    found = convergence(np.array([[sign == "1" for sign in run] for run in runs]).T)
    assert list(zip(found.first, found.for_good, strict=True)) == list(runs.values())


def test_a_quantile_is_an_epoch_by_which_the_share_is_right() -> None:
    """It is the first such epoch, and there is none if too few ever are."""
    epochs = np.array([*np.random.default_rng(0).integers(1, 50, 30), *[NEVER] * 10], dtype=np.float64)
    for share in (0.1, 0.25, 0.5, 0.75):
        epoch = quantile(epochs, share)
        assert epoch in epochs
        assert share_by(epochs, epoch) >= share > share_by(epochs, epoch - 1)
    assert quantile(epochs, 0.8) == NEVER


@pytest.mark.parametrize("samples", [2, 3])
def test_share_ordered_tries_all_ways(samples: int) -> None:
    """It is what trying every pick of one run of each sample gives, ties and failures included."""
    draw = np.random.default_rng(1)
    epochs = [np.where((drawn := draw.integers(1, 9, 7 + i)) == 8, NEVER, drawn) for i in range(samples)]
    ways = list(product(*epochs))
    expected = sum(list(way) == sorted(set(way)) for way in ways) / len(ways)
    assert 0 < expected < 1
    assert share_ordered(*epochs) == pytest.approx(expected)
