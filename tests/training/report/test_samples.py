"""`training.report.samples`."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tests.training.report.conftest import Written
from training.datasets.dataset import Rows
from training.report.samples import draw_samples, first_right, worst_mistakes

TRUTH = np.array([0, 1, 1, 0, 2])
PROBABILITIES = np.array([[0.6, 0.4, 0], [0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0], [0.5, 0.5, 0]], np.float32)


def test_the_most_confident_mistake_comes_first() -> None:
    """All mistakes and nothing else, in falling order of their probability."""
    assert worst_mistakes(TRUTH, PROBABILITIES) == [1, 3, 4]


def test_one_right_answer_of_each_class() -> None:
    """The first right row of a class; a class that is never answered rightly leaves a gap."""
    assert first_right(TRUTH, PROBABILITIES) == [0, 2, -1]


def test_images_and_captions(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Every image has its own label, answer and probability, in percent."""
    pixels = np.arange(5, dtype=np.uint8).repeat(4).reshape(5, 2, 2)
    draw_samples(tmp_path / "s.png", "t", Rows({"image": pixels}, {"p": TRUTH}), PROBABILITIES, ("a", "b", "c"))
    shown = {axis.get_title(): int(axis.images[0].get_array()[0, 0]) for axis in figures["s.png"].axes if axis.images}
    expected = {"b\n→ a\n90.00 %": 1, "a\n→ b\n70.00 %": 3, "c\n→ a\n50.00 %": 4, "a\n60.00 %": 0, "b\n80.00 %": 2}
    assert shown == expected
    assert next(iter(shown)) == "b\n→ a\n90.00 %"


def test_no_mistakes_at_all(figures: dict[str, Figure], tmp_path: Path) -> None:
    """A model without a mistake has an empty grid of them, and says so."""
    right = [0, 2]
    rows = Rows({"image": np.zeros((2, 2, 2), np.uint8)}, {"p": TRUTH[right]})
    draw_samples(tmp_path / "s.png", "t", rows, PROBABILITIES[right], ("a", "b", "c"))
    assert len([axis for axis in figures["s.png"].axes if axis.images]) == 2
    assert "0 of 2 test images are mistaken" in figures["s.png"].subfigs[0].get_suptitle()


def test_twenty_mistakes_at_most(reports: dict[str, Written]) -> None:
    """The grid shows the worst twenty and one right answer of each of the ten labels."""
    axes = reports["fashion"].figures["samples.png"].axes
    assert len([axis for axis in axes if "→" in axis.get_title()]) == 20
    assert len([axis for axis in axes if axis.images]) == 30
