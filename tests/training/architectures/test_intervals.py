"""`training.architectures.intervals`."""

import keras
import numpy as np
import pytest

from training.architectures.intervals import TAIL_SHARE, pinball, scale_widths, with_interval
from training.datasets.dataset import Dataset


@pytest.fixture
def model(small_datasets: dict[str, Dataset]) -> keras.Model:
    """A net of one layer with an answer and its interval."""
    keras.utils.set_random_seed(0)
    given = keras.Input((3,), name="given")
    outputs = with_interval(keras.layers.Dense(8)(given), "air_time", small_datasets["flights"])
    return keras.Model(given, list(outputs.values()))


ROWS = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)


def test_the_answer_lies_within(model: keras.Model) -> None:
    """Low end, answer, high end: in this order, whatever the row."""
    answer, interval = (np.asarray(output) for output in model(ROWS * 100))
    assert (interval[:, 0] < answer[:, 0]).all()
    assert (answer[:, 0] < interval[:, 1]).all()


def test_widths_are_scaled_in_the_weights(model: keras.Model) -> None:
    """Scaling multiplies each width by its factor and leaves the answer as it was."""
    before = [np.asarray(output) for output in model(ROWS)]
    scale_widths(model, "air_time", 2.0, 0.5)
    after = [np.asarray(output) for output in model(ROWS)]
    assert np.array_equal(before[0], after[0])
    wider = (after[1] - after[0]) / (before[1] - before[0])
    assert np.allclose(wider, [2.0, 0.5], rtol=1e-4)


def test_widths_do_not_disturb_the_answer(model: keras.Model) -> None:
    """The loss of the interval has no gradient for what the answer is made of."""
    import tensorflow as tf

    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(pinball(np.zeros((50, 1), np.float32), model(ROWS)[1]))
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    moved = {weight.path for weight, gradient in zip(weights, gradients, strict=True) if gradient is not None}
    assert moved
    assert all("doubt" in path or "widths" in path for path in moved)


def test_no_interval_unless_the_signature_has_it(small_datasets: dict[str, Dataset]) -> None:
    """A model of the answer alone has no further output."""
    dataset = small_datasets["flights"].select(("deep",), ("arrival_delay",))
    assert list(with_interval(keras.Input((3,)), "arrival_delay", dataset)) == ["arrival_delay"]


def test_pinball_is_smallest_at_the_quantiles() -> None:
    """Among all ends, those that a tenth of the truths lies below and above cost least."""
    truth = np.random.default_rng(1).exponential(size=(5_000, 1)).astype(np.float32)
    ends = np.linspace(0.0, 4.0, 401, dtype=np.float32)
    both = [np.asarray(pinball(truth, np.full((5_000, 2), end, np.float32))).mean() for end in ends]
    lows = [float(np.mean(_one_end(truth, end, TAIL_SHARE))) for end in ends]
    highs = [float(np.mean(_one_end(truth, end, 1 - TAIL_SHARE))) for end in ends]
    assert np.allclose(both, (np.array(lows) + np.array(highs)) / 2, atol=1e-5)
    assert abs(ends[np.argmin(lows)] - np.quantile(truth, TAIL_SHARE)) < 0.02
    assert abs(ends[np.argmin(highs)] - np.quantile(truth, 1 - TAIL_SHARE)) < 0.05


def _one_end(truth: np.ndarray, end: float, share: float) -> np.ndarray:
    return np.where(truth >= end, share * (truth - end), (1 - share) * (end - truth))
