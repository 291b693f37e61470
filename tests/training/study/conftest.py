"""A study that nobody had to wait for."""

import numpy as np
import pytest

from training.presets import presets_of
from training.study.convergence import Convergence
from training.study.xor import SEEN, Study


def _made_up(number: int) -> Convergence:
    """Forty seeds, one of which never gets there; others fall back once."""
    first = np.random.default_rng(number).integers(1, 300, 40).astype(np.float64)
    for_good = first + first % 2
    first[number] = for_good[number] = np.inf
    return Convergence(first, for_good)


@pytest.fixture
def study() -> Study:
    """Made-up epochs of every net."""
    return Study(
        {name: _made_up(number) for number, name in enumerate(SEEN)},
        {name: _made_up(number) for number, name in enumerate(presets_of("xor"))},
    )
