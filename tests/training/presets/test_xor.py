"""`training.presets.xor`."""

import pytest

from tests.training.presets.built import check
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.presets import presets_of


@pytest.mark.parametrize("config", presets_of("xor").values(), ids=lambda config: config.preset)
def test_it_is_what_it_says(config: TrainingConfig, small_datasets: dict[str, Dataset]) -> None:
    """Parameters, what was measured, gate and target of each preset fit its model and each other."""
    check(config, small_datasets["xor"])


def test_only_the_shape_differs() -> None:
    """The study compares shapes, so nothing else may differ between the presets."""
    told = {"preset", "description", "hidden", "activations"}
    first, *others = (
        {key: value for key, value in config.as_dict().items() if key not in told}
        for config in presets_of("xor").values()
    )
    assert all(other == first for other in others)
