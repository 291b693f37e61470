"""`training.fitting.calibrate`."""

import keras
import numpy as np
import pytest

from training import fit
from training.architectures.intervals import TAIL_SHARE
from training.datasets.dataset import Dataset, Rows
from training.fitting.calibrate import calibrate
from training.presets import find_preset


@pytest.fixture
def classifier() -> keras.Model:
    """Three classes from two numbers, by a softmax over weights that are not trained."""
    keras.utils.set_random_seed(0)
    given = keras.Input((2,), name="x")
    return keras.Model(given, keras.layers.Dense(3, activation="softmax", name="y")(given))


def _drawn_from(probabilities: np.ndarray) -> np.ndarray:
    generator = np.random.default_rng(0)
    return np.array([generator.choice(3, p=row / row.sum()) for row in probabilities.astype(np.float64)], np.int32)


@pytest.mark.parametrize("boldness", [0.25, 4.0])
def test_probabilities_come_to_mean_what_they_say(classifier: keras.Model, boldness: float) -> None:
    """A net whose logits are too large, or too small, by a factor gets back those that the truth was drawn from."""
    numbers = np.random.default_rng(1).normal(size=(4_000, 2)).astype(np.float32)
    rows = Rows({"x": numbers}, {"y": np.zeros(4_000, np.int32)})
    true = fit.predict(classifier, rows)["y"]
    rows.targets["y"] = _drawn_from(true)
    layer = classifier.get_layer("y")
    layer.set_weights([weight * boldness for weight in layer.get_weights()])
    bold = fit.predict(classifier, rows)["y"]
    (remark,) = calibrate(classifier, rows, {"y": bold})
    scaled = fit.predict(classifier, rows)["y"]
    assert np.abs(scaled - true).mean() < 0.1 * np.abs(bold - true).mean()
    assert ("less" if boldness > 1 else "more") in remark


def test_intervals_come_to_hold(small_datasets: dict[str, Dataset]) -> None:
    """Whatever widths come out of the weights, a tenth of the rows calibrated on lies below and a tenth above."""
    dataset = small_datasets["flights"]
    keras.utils.set_random_seed(0)
    model = fit.build(find_preset("flights", None), dataset)
    before = fit.predict(model, dataset.validation)
    remarks = calibrate(model, dataset.validation, before)
    after = fit.predict(model, dataset.validation)
    assert len(remarks) == 2
    for name, truth in dataset.validation.targets.items():
        low, high = after[f"{name}_interval"].T
        # One row more or less: the share of rows that may lie outside is no whole number of rows.
        assert (truth < low).mean() == pytest.approx(TAIL_SHARE, abs=2 / len(truth))
        assert (truth > high).mean() == pytest.approx(TAIL_SHARE, abs=2 / len(truth))
        assert np.array_equal(before[name], after[name])


def test_what_is_no_softmax_is_left_alone(small_datasets: dict[str, Dataset]) -> None:
    """One sigmoid has no temperature here: nothing is changed, nothing is said."""
    dataset = small_datasets["xor"]
    model = fit.build(find_preset("xor", None), dataset)
    before = model.get_weights()
    assert calibrate(model, dataset.train, fit.predict(model, dataset.train)) == []
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
