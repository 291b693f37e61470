"""`training.config`."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from training.config import MEASURED, TrainingConfig
from training.errors import TrainingError
from training.presets import PRESETS

IDS = [f"{config.name}-{config.preset}" for config in PRESETS]


@pytest.mark.parametrize(
    "change",
    [{"epochs": 0}, {"seed": -1}, {"seed": 2**32}, {"hidden": (1, 2, 3, 4)}, {"hold_out_validation": False}],
)
def test_impossible_configurations_are_refused(change: dict[str, object]) -> None:
    """What could only fail later fails when the configuration is made, with rule and value."""
    with pytest.raises(TrainingError, match=r"^Expected .* Received .*\.$"):
        replace(PRESETS[0], **change)


@pytest.mark.parametrize("config", PRESETS, ids=IDS)
def test_survives_json(config: TrainingConfig) -> None:
    """The manifest's copy of a configuration is the configuration: nothing is lost in JSON but tuples."""
    kept = json.loads(json.dumps(config.as_dict()))
    assert kept["hidden"] == list(config.hidden)
    assert not set(kept) & set(MEASURED)
    assert set(kept) | set(MEASURED) == set(TrainingConfig.__dataclass_fields__)


def test_frozen() -> None:
    """Nobody changes a preset by accident."""
    with pytest.raises(FrozenInstanceError):
        PRESETS[0].epochs = 1
