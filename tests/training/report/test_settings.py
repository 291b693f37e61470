"""`training.report.settings`."""

from dataclasses import fields, replace

import pytest

from tests.training.report.conftest import Written
from training.config import Augmentation
from training.presets import PRESETS
from training.report.run import Run
from training.report.settings import training_section


def _table(text: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {name: rest for name, *rest in lines[2:]}


@pytest.mark.parametrize("config", PRESETS, ids=lambda config: f"{config.name}/{config.preset}")
def test_every_setting_has_its_meaning(runs: dict[str, Run], config) -> None:
    """Each setting that is on stands in the table with a sentence; what is off does not."""
    settings = _table(training_section(replace(runs["mnist"], config=config)))
    on = {field.name.replace("_", " ") for field in fields(config) if getattr(config, field.name)}
    assert on & settings.keys() == settings.keys() - {"seed"} - (set() if config.seed else {"seed"})
    assert all(meaning.endswith(".") for _, meaning in settings.values())


def test_values_are_those_of_the_run(runs: dict[str, Run]) -> None:
    """Numbers, lists and the movements of images are written out."""
    movement = Augmentation(shift_px=2, rotation_degrees=7.5, zoom=0.1, shear=0)
    config = replace(runs["mnist"].config, hidden=(3, 4), activations=("relu", "tanh"), augmentation=movement, seed=7)
    settings = _table(training_section(replace(runs["mnist"], config=config)))
    assert settings["hidden"][0] == "3, 4"
    assert settings["augmentation"][0] == "shift px 2, rotation degrees 7.5, zoom 0.1, shear 0"
    assert settings["seed"][0] == "7"


def test_tells_what_happened(runs: dict[str, Run], reports: dict[str, Written]) -> None:
    """Epochs that were run, of how many; whose weights were kept; how long it took."""
    run = runs["mnist"]
    stopped = replace(run, config=replace(run.config, epochs=9, keep_best=True))
    story = training_section(stopped)
    assert "3 of at most 9 epochs" in story
    assert "epoch 2, which had the smallest loss" in story
    whole = training_section(replace(run, config=replace(run.config, epochs=3, keep_best=False)))
    assert "for 3 epochs, which took 12 s" in whole
    assert "after the last epoch" in whole
