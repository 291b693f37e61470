"""The loop over epochs, on whatever devices: callbacks, early stopping, the state of an interrupted run."""

import signal
from collections.abc import Callable

import keras
import tensorflow as tf
from rich.console import Console

from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.fitting.checkpoint import Checkpoint
from training.fitting.distribution import check_shares, from_chief, lost_workers, strategy_of
from training.fitting.epochs import Epochs
from training.fitting.precision import compute_dtype
from training.fitting.progress import progress
from training.fitting.signals import Handler, handled
from training.fitting.state import History, State, fingerprint
from training.machine import Machine


def fit(
    build: Callable[[], keras.Model],
    config: TrainingConfig,
    dataset: Dataset,
    machine: Machine,
    console: Console,
    title: str,
) -> tuple[keras.Model, History]:
    """Build a model and fit its weights to the training rows, watched by the validation rows.

    Args:
        build: Gives the model, compiled. It is called again for a model without traces of devices or 16 bits.
        config: Epochs, batches, augmentation, which epoch's weights are kept.
        dataset: The rows.
        machine: Where to run.
        console: Where to show progress.
        title: Name of the model.

    Returns:
        The model, computing in float32; and per epoch loss, metrics and `learning_rate`.

    Raises:
        MachineError: If there is no such device, batches have fewer rows than there are devices, another worker is
            lost, or the state cannot be written.
    """
    with lost_workers(machine):
        strategy = strategy_of(machine)
        check_shares(strategy, config, dataset)
        with compute_dtype(config, machine), strategy.scope():
            model = build()
        epochs = Epochs(model, strategy, config, dataset)
        kept = machine.state if machine.is_chief else None
        checkpoint = Checkpoint(kept and kept / f"{fingerprint(config, dataset, model)}.npz")
        state = _resumed(checkpoint, strategy, machine)
        if machine.resume:
            found = f"going on after epoch {state.epochs}" if state else "nothing to go on from, beginning anew"
            console.print(f"{title}: {found}", soft_wrap=True)
        first = state.epochs if state else 0
        with progress(console, title, config, first) as shown, handled(signal.SIGTERM, _at_term(machine)):
            history = _run(model, epochs, config, state, checkpoint, [shown, *_tensorboard(machine)])
    if config.keep_best:
        losses = history["val_loss"]
        best = losses.index(min(losses)) + 1
        console.print(f"{title}: kept the weights of epoch {best} of {len(losses)}", soft_wrap=True)
    if config.mixed_precision or machine.distribute != "none":
        model = _rebuilt(build, model)
    return model, history


def _run(
    model: keras.Model,
    epochs: Epochs,
    config: TrainingConfig,
    state: State | None,
    checkpoint: Checkpoint,
    shown: list[keras.callbacks.Callback],
) -> History:
    stopping = keras.callbacks.EarlyStopping(
        mode="min", patience=config.patience or config.epochs, restore_best_weights=config.keep_best
    )
    history, first = (state.history, state.epochs) if state else ({}, 0)
    # Before the epoch is reported: what is said to be done can be gone on from.
    keeping = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: checkpoint.keep(State.of(model, stopping, history))
    )
    callbacks = keras.callbacks.CallbackList(
        [stopping, keeping, *shown], model=model, epochs=config.epochs, steps=epochs.steps
    )
    epochs.start(first)
    model.stop_training = False
    with checkpoint:
        callbacks.on_train_begin()
        if state:
            state.restore(model, stopping)
        for epoch in range(first, config.epochs):
            callbacks.on_epoch_begin(epoch)
            logs = epochs.run(callbacks.on_train_batch_end)
            for key, value in logs.items():
                history.setdefault(key, []).append(value)
            callbacks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        callbacks.on_train_end()
    return history


def _resumed(checkpoint: Checkpoint, strategy: tf.distribute.Strategy, machine: Machine) -> State | None:
    """The state to go on from, if that is asked for and there is one; several workers go on from the chief's."""
    content = from_chief(strategy, machine, checkpoint.read() if machine.resume else b"")
    return State.from_bytes(content) if content else None


def _at_term(machine: Machine) -> Handler:
    """As Ctrl-C; but several workers may wait for one another in C++, where Python does not notice."""
    return signal.SIG_DFL if machine.distribute == "workers" else signal.default_int_handler


def _tensorboard(machine: Machine) -> list[keras.callbacks.Callback]:
    if machine.tensorboard is None or not machine.is_chief:
        return []
    return [keras.callbacks.TensorBoard(str(machine.tensorboard), write_graph=False)]


def _rebuilt(build: Callable[[], keras.Model], model: keras.Model) -> keras.Model:
    weights = model.get_weights()
    # So that layers which Keras numbers itself get the numbers that they had.
    keras.backend.clear_session()
    rebuilt = build()
    rebuilt.set_weights(weights)
    return rebuilt
