"""`training.presets.flights`."""

import pytest

from tests.training.presets.built import check
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.presets import presets_of


@pytest.mark.parametrize("config", presets_of("flights").values(), ids=lambda config: config.preset)
def test_it_is_what_it_says(config: TrainingConfig, small_datasets: dict[str, Dataset]) -> None:
    """Parameters, what was measured, gate and target of each preset fit its model and each other."""
    check(config, small_datasets["flights"])


def test_the_default_shares_the_interface(small_datasets: dict[str, Dataset]) -> None:
    """Only the default answers all outputs: the others have an interface, and so a name, of their own."""
    default, *others = presets_of("flights").values()
    assert (default.inputs, default.outputs) == ((), ())
    assert all(config.outputs for config in others)
