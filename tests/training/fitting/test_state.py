"""`training.fitting.state`. That a run goes on from a state bit for bit is asserted in `test_loop`."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.training.small_run import CONFIG, build, dataset, same
from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.fitting.state import State, fingerprint

HISTORY = {"loss": [0.1, 1 / 3], "val_loss": [float("nan"), 1e-45]}


def _stopping(model: keras.Model) -> keras.callbacks.EarlyStopping:
    stopping = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    stopping.set_model(model)
    stopping.on_train_begin()
    for epoch, loss in enumerate((0.3, 0.2, 0.4)):
        stopping.on_epoch_end(epoch, {"val_loss": loss})
    return stopping


def _built(seed: int = 0, units: int = 12) -> keras.Model:
    model = build(units=units)
    model.optimizer.build(model.trainable_variables)
    numbers = np.random.default_rng(seed)
    for variable in [*model.variables, *model.optimizer.variables]:
        variable.assign(numbers.integers(0, 100, variable.shape).astype(variable.dtype))
    return model


def test_there_and_back() -> None:
    """What is restored from bytes is what was kept: variables, optimizer, dropout's counters, history, best weights."""
    model, other = _built(0), _built(1)
    state = State.of(model, _stopping(model), HISTORY)
    read = State.from_bytes(state.to_bytes())
    assert (read.epochs, str(read.history)) == (2, str(HISTORY))
    stopping = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    stopping.set_model(other)
    stopping.on_train_begin()
    assert not same(model, other)
    read.restore(other, stopping)
    for ours, theirs in ((model.variables, other.variables), (model.optimizer.variables, other.optimizer.variables)):
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert (stopping.best, stopping.best_epoch, stopping.wait) == (0.2, 1, 1)
    assert all(np.array_equal(a, b) for a, b in zip(stopping.best_weights, model.get_weights(), strict=True))


def test_a_state_is_a_copy() -> None:
    """What training changes afterwards does not change the state."""
    model, history = _built(), {"loss": [1.0]}
    state = State.of(model, _stopping(model), history)
    before = state.to_bytes()
    history["loss"].append(2.0)
    for variable in model.variables:
        variable.assign(variable * 0)
    assert state.to_bytes() == before


def test_the_same_run_has_the_same_fingerprint() -> None:
    """Neither the names that Keras counts up nor what a preset once measured change it."""
    assert fingerprint(CONFIG, dataset(), _built()) == fingerprint(replace(CONFIG, result=""), dataset(), _built())


def _other_pixel(data: Dataset) -> Dataset:
    images = data.validation.inputs["image"].copy()
    images[-1, -1, -1] ^= 1
    return replace(data, validation=replace(data.validation, inputs={"image": images}))


@pytest.mark.parametrize(
    ("config", "data", "model"),
    [
        (replace(CONFIG, seed=1), dataset(), _built()),
        (replace(CONFIG, epochs=5), dataset(), _built()),
        (replace(CONFIG, augmentation=None), dataset(), _built()),
        (CONFIG, _other_pixel(dataset()), _built()),
        (CONFIG, dataset(42), _built()),
        (CONFIG, dataset(), _built(units=13)),
    ],
)
def test_another_run_has_another_fingerprint(config: TrainingConfig, data: Dataset, model: keras.Model) -> None:
    """Whatever decides a run changes it: seed, epochs, augmentation, a single pixel, the number of rows, the model."""
    assert fingerprint(config, data, model) != fingerprint(CONFIG, dataset(), _built())
