"""`training.presets`."""

import importlib
import re
from pathlib import Path

import pytest

from tests.training.conftest import LOADERS
from training.config import TrainingConfig
from training.errors import UnknownPresetError
from training.presets import NAMES, PRESETS, find_preset, presets_of, stored_name
from training.storage.store import check_name

DOCS = Path(__file__).parents[2] / "docs" / "training.md"


@pytest.mark.parametrize("config", PRESETS, ids=lambda config: config.preset)
def test_every_preset_can_be_run(config: TrainingConfig) -> None:
    """Data set and architecture exist, the name can be stored, and there is a gate."""
    assert config.name in LOADERS
    module, _, function = config.architecture.partition(":")
    assert callable(getattr(importlib.import_module(f"training.architectures.{module}"), function))
    check_name(stored_name(config))
    assert config.gate


@pytest.mark.parametrize("config", PRESETS, ids=lambda config: config.preset)
def test_every_preset_tells_its_result_and_command(config: TrainingConfig) -> None:
    """The result is a measured number with the command that gives it, and the docs show the same sentence."""
    assert re.search(r"\d", config.result)
    assert f"`python -m training {config.name}" in config.result
    assert config.result in DOCS.read_text(encoding="utf-8")


def test_preset_names_are_unique() -> None:
    """No preset hides another."""
    assert sum(len(presets_of(name)) for name in NAMES) == len(PRESETS)
    assert len({stored_name(config) for config in PRESETS}) == len(PRESETS)


def test_default_bears_the_name() -> None:
    """The first preset of a name is its default and is stored under the bare name."""
    for name in NAMES:
        assert stored_name(find_preset(name, None)) == name


def test_other_presets_bear_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preset that is not the default is stored as NAME-PRESET."""
    from dataclasses import replace

    other = replace(find_preset("xor", None), preset="other")
    monkeypatch.setattr("training.presets.PRESETS", (*PRESETS, other))
    assert stored_name(find_preset("xor", "other")) == "xor-other"


def test_int8_bears_it_in_its_name() -> None:
    """A quantized model does not become the next version of the exact one by itself."""
    from dataclasses import replace

    names = [stored_name(replace(config, precision="int8")) for config in PRESETS]
    assert names == [f"{stored_name(config)}-int8" for config in PRESETS]


def test_unknown_preset() -> None:
    """The refusal names the presets that there are."""
    with pytest.raises(UnknownPresetError, match="hidden-16"):
        find_preset("xor", "nope")
