"""`training.fitting.loop`."""

import functools
import io
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.training.small_run import CONFIG, dataset, interrupted, same, trained
from training.config import TrainingConfig
from training.fitting.state import History
from training.machine import Machine

BEST = replace(CONFIG, keep_best=True, epochs=12)
EARLY = replace(BEST, seed=1, patience=3)
"""Best in its first epoch; the other in its third, in which runs are interrupted here."""


Runs = Callable[[TrainingConfig], tuple[keras.Model, History]]


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Gives what a whole run makes of a configuration; each is run once."""
    return functools.cache(trained)


def _said(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def _watched_loss(model: keras.Model, history: History) -> tuple[float, list[float]]:
    rows = dataset().validation
    loss = model.evaluate(rows.inputs["image"], [rows.targets["probabilities"]], verbose=0)[0]
    return loss, history["val_loss"]


@pytest.mark.parametrize(("config", "number"), [(BEST, signal.SIGINT), (EARLY, signal.SIGTERM)])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    tmp_path: Path, runs: Runs, console: Console, config: TrainingConfig, number: signal.Signals
) -> None:
    """Interrupted in its third epoch and resumed, a run gives the weights and history of one that was not, bit for bit.

    With dropout, moved images, Adam, cosine decay; whether the best epoch was before the interruption or is still to
    come, and where patience ends.
    """
    whole, history = runs(config)
    interrupted(Machine(state=tmp_path), config, number=number)
    assert len(list(tmp_path.iterdir())) == 1
    resumed, its_history = trained(config, Machine(state=tmp_path, resume=True), console=console)
    assert same(whole, resumed)
    assert its_history == history
    assert list(tmp_path.iterdir()) == []
    assert _said(console)[0] == "small: going on after epoch 2"
    best, epochs = (1, 4) if config is EARLY else (3, 12)
    assert _said(console)[-1] == f"small: kept the weights of epoch {best} of {epochs}"


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_goes_on_only_from_its_own_state(tmp_path: Path, runs: Runs, console: Console, resume: bool) -> None:
    """Unless it is asked for, and of the same configuration, a state is left alone."""
    interrupted(Machine(state=tmp_path))
    config = replace(CONFIG, learning_rate=0.5) if resume else CONFIG
    _, history = trained(config, Machine(state=tmp_path, resume=resume), console=console)
    assert history == runs(config)[1]
    assert len(list(tmp_path.iterdir())) == (1 if resume else 0)
    assert ("small: nothing to go on from, beginning anew" in _said(console)) == resume


def test_the_last_epoch_s_weights_are_kept() -> None:
    """Unless the best are asked for, the model is that of the last epoch, better or not."""
    loss, watched = _watched_loss(*trained(replace(BEST, keep_best=False)))
    assert loss == pytest.approx(watched[-1], rel=1e-5)
    assert watched[-1] > min(watched)


def test_the_best_epoch_s_weights_are_kept(runs: Runs) -> None:
    """If it is asked for, the model is that of the epoch with the smallest loss on the watched rows."""
    loss, watched = _watched_loss(*runs(BEST))
    assert loss == pytest.approx(min(watched), rel=1e-5)


def test_patience() -> None:
    """Training stops when the loss on the watched rows has not fallen for so many epochs."""
    _, history = trained(replace(BEST, epochs=100, patience=3))
    watched = history["val_loss"]
    assert len(watched) == int(np.argmin(watched)) + 1 + 3


def test_history(runs: Runs) -> None:
    """There is a number per epoch, under Keras' names, and the step size at the end of each."""
    _, history = runs(CONFIG)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert {len(values) for values in history.values()} == {4}
    expected = [0.01 * (1 + np.cos(np.pi * epoch / 4)) / 2 for epoch in (1, 2, 3, 4)]
    assert history["learning_rate"] == pytest.approx(expected, abs=1e-8)


def test_same_seed_same_weights(runs: Runs) -> None:
    """A run gives the same weights again, bit for bit, and with another seed others."""
    first, second, other = runs(CONFIG)[0], trained()[0], trained(replace(CONFIG, seed=1))[0]
    assert same(first, second)
    assert not same(first, other)


def test_tensorboard_logs(tmp_path: Path) -> None:
    """TensorBoard's own reader finds the history in the logs, an epoch a step."""
    _, history = trained(machine=Machine(tensorboard=tmp_path))
    for folder, prefix, keys in (
        ("train", "", ("loss", "accuracy", "learning_rate")),
        ("validation", "val_", ("loss", "accuracy")),
    ):
        events = EventAccumulator(str(tmp_path / folder), size_guidance={"tensors": 0})
        events.Reload()
        for key in keys:
            logged = events.Tensors(f"epoch_{key}")
            assert [event.step for event in logged] == [0, 1, 2, 3]
            values = [np.frombuffer(event.tensor_proto.tensor_content, np.float32)[0] for event in logged]
            assert values == pytest.approx(history[prefix + key], rel=1e-6)
