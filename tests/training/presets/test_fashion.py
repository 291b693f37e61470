"""`training.presets.fashion`."""

import pytest

from tests.training.presets.built import check
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.presets import presets_of


@pytest.mark.parametrize("config", presets_of("fashion").values(), ids=lambda config: config.preset)
def test_it_is_what_it_says(config: TrainingConfig, small_datasets: dict[str, Dataset]) -> None:
    """Parameters, what was measured, gate and target of each preset fit its model and each other."""
    check(config, small_datasets["fashion"])


def test_the_default_is_as_published() -> None:
    """40 epochs of 128 rows by plain gradient descent on all 8,000 rows, nothing kept aside to choose by."""
    default = next(iter(presets_of("fashion").values()))
    assert (default.epochs, default.batch_rows, default.optimizer) == (40, 128, "sgd")
    assert not default.hold_out_validation
    assert default.augmentation is None
