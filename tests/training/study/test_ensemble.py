"""`training.study.ensemble`."""

from functools import partial

import keras
import numpy as np
import pytest

from tests.training.conftest import DATA_DIR
from training.datasets import xor
from training.errors import TrainingError
from training.study.ensemble import Ensemble
from training.study.xor import tutorial_net

ROWS = xor.load(DATA_DIR).train
NET = "2-16-16-1"
SEEDS = (1, 301)
"""The first does not get there. The second is there at once, with an answer of exactly 0.5, falls back, and returns."""

EPOCHS = 50


def _alone(seed: int) -> tuple[keras.Model, list[bool]]:
    """A run of `model.fit`, and whether it was right in each epoch and after the last."""
    keras.utils.set_random_seed(seed)
    model = tutorial_net(NET)
    model.jit_compile = False  # takes longer to compile than to train
    table = ROWS.inputs["features"], ROWS.targets["probability"]
    history = model.fit(*table, batch_size=4, epochs=EPOCHS, verbose=0).history["binary_accuracy"]
    accuracy = model.evaluate(*table, verbose=0, return_dict=True)["binary_accuracy"]
    return model, [share == 1 for share in (*history, accuracy)]


def test_every_net_is_a_run_by_itself() -> None:
    """Net i is what `model.fit` gives from seed i, epoch by epoch and weight by weight."""
    nets = Ensemble(partial(tutorial_net, NET), SEEDS)
    right = nets.fit(ROWS, range(EPOCHS))
    assert right.shape == (EPOCHS + 1, len(SEEDS))
    assert right[-1].tolist() == [False, True]
    for number, seed in enumerate(SEEDS):
        model, expected = _alone(seed)
        assert right[:, number].tolist() == expected
        for array, wanted in zip(nets.weights(number), model.get_weights(), strict=True):
            np.testing.assert_allclose(array, wanted, atol=1e-5)


def test_only_dense_layers() -> None:
    """A layer that it cannot stack is refused, not skipped."""

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1), keras.layers.Dropout(0.5, name="drops")])
        model.compile(loss=["mean_squared_error"])
        return model

    with pytest.raises(TrainingError, match=r"^Expected dense layers with biases\. Received Dropout 'drops'\.$"):
        Ensemble(build, [0])
