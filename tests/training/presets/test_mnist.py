"""`training.presets.mnist`."""

import pytest

from tests.training.presets.built import check
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.presets import presets_of


@pytest.mark.parametrize("config", presets_of("mnist").values(), ids=lambda config: config.preset)
def test_it_is_what_it_says(config: TrainingConfig, small_datasets: dict[str, Dataset]) -> None:
    """Parameters, what was measured, gate and target of each preset fit its model and each other."""
    check(config, small_datasets["mnist"])


def test_the_default_aims_high() -> None:
    """The digit classifier that is served by default aims at 99.5 % and must reach 99.2 %."""
    default = next(iter(presets_of("mnist").values()))
    assert (default.gate[0].at_least, default.target[0].at_least) == (0.992, 0.995)
