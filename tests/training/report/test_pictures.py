"""`training.report.pictures`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.training.report.conftest import Written, invent_run
from tests.training.report.legible import faults
from training.datasets.dataset import Dataset
from training.presets import NAMES
from training.report.pictures import draw_pictures

CLASSIFIER = {"curves.png", "baselines.png", "confusion.png", "reliability.png", "samples.png"}
PICTURES = {
    "mnist": CLASSIFIER,
    "fashion": CLASSIFIER,
    "flights": {"curves.png", "baselines.png", "residuals.png", "groups.png", "intervals.png"},
    "xor": {"curves.png"},
}


@pytest.mark.parametrize("name", NAMES)
def test_what_there_is_to_draw(reports: dict[str, Written], name: str) -> None:
    """Each kind of model has its pictures; a truth table has only its curves."""
    assert {path.name for path in (reports[name].folder / "report").glob("*.png")} == PICTURES[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_word_can_be_read(reports: dict[str, Written], name: str) -> None:
    """No text is cut off by the edge of its picture or runs into another."""
    for file, figure in reports[name].figures.items():
        assert faults(figure) == [], file


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_as_wide_as_a_page(reports: dict[str, Written], name: str) -> None:
    """No picture is so wide that a page would shrink its letters."""
    for file, figure in reports[name].figures.items():
        assert figure.bbox.width <= 1104, file
        assert figure.bbox.height <= 1500, file


def test_a_model_of_one_answer(small_datasets: dict[str, Dataset], figures: dict[str, Figure], tmp_path: Path) -> None:
    """A regressor of one number without an interval has panels for it alone; a name of 63 letters finds room."""
    dataset = small_datasets["flights"].select(("deep",), ("arrival_delay",))
    run = invent_run(dataset)
    draw_pictures(tmp_path, replace(run, signature=dataset.signature.named("flights-" + "one-output-" * 5)))
    assert figures.keys() == PICTURES["flights"] - {"intervals.png"}
    for file, figure in figures.items():
        assert faults(figure) == [], file
        assert not any("air time" in axis.get_title() for axis in np.ravel(figure.axes))
