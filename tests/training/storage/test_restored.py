"""`training.storage.restored`."""

import json
from dataclasses import replace
from typing import Any

import pytest

from training.config import MEASURED, Augmentation, TrainingConfig
from training.errors import ManifestError, TrainingError
from training.presets import PRESETS
from training.storage.restored import restore

MOVED = replace(PRESETS[0], augmentation=Augmentation(shift_px=2, rotation_degrees=10.5, zoom=0.1, shear=0.1), seed=7)


def _stored(config: TrainingConfig) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(config.as_dict()))
    return stored


@pytest.mark.parametrize("config", [*PRESETS, MOVED], ids=lambda config: f"{config.name}-{config.preset}")
def test_a_configuration_survives_the_manifest(config: TrainingConfig) -> None:
    """All that decides the run comes back as it was: tuples, bounds, augmentation."""
    restored = restore(_stored(config))
    assert restored == replace(config, **{key: getattr(restored, key) for key in MEASURED})
    assert not any(getattr(restored, key) for key in MEASURED)


def test_a_manifest_older_than_a_key() -> None:
    """A key with a default may be missing: what it stands for did not exist yet."""
    stored = _stored(PRESETS[0])
    del stored["mixed_precision"]
    assert restore(stored).as_dict() == PRESETS[0].as_dict()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"surplus": 1}, "surplus"),
        ({"epochs": "15"}, "epochs"),
        ({"epochs": None}, "epochs"),
        ({"hidden": "wide"}, "hidden"),
        ({"gate": [{"metric": "test_accuracy", "at_least": 0.9, "at_most_metric": None, "surplus": 1}]}, "gate"),
        ({"augmentation": {"shift_px": 1}}, "augmentation.rotation_degrees"),
        ({"result": "the best"}, "result"),
        ({"precision": "int4"}, "precision"),
    ],
)
def test_another_version_of_the_project(change: dict[str, Any], key: str) -> None:
    """A key or value that this version would not write, at any depth, is refused by its name."""
    with pytest.raises(ManifestError, match=rf"^Expected .* Received another at '{key}'"):
        restore(_stored(PRESETS[0]) | change)


def test_a_missing_key_without_default() -> None:
    """Nothing is made up for what a run cannot do without."""
    stored = _stored(PRESETS[0])
    del stored["loss"]
    with pytest.raises(ManifestError, match="'loss'"):
        restore(stored)


def test_an_impossible_configuration() -> None:
    """The rules of the configuration hold for a restored one."""
    with pytest.raises(TrainingError, match="at least 1 epoch"):
        restore(_stored(PRESETS[0]) | {"epochs": 0})
