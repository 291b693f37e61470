"""TensorFlow's distribution strategies: one device, all devices of this machine, several machines."""

import functools
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.config import TrainingConfig
from training.datasets.dataset import Dataset
from training.errors import MachineError
from training.fitting.inputs import Shares
from training.fitting.signals import handled
from training.machine import Machine

_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.UnavailableError,
)


def strategy_of(machine: Machine) -> tf.distribute.Strategy:
    """The strategy under whose scope the model is built.

    For `workers` this must come before anything else that wakes TensorFlow, and it waits for the others.

    Raises:
        MachineError: If there is no such device.
    """
    return _strategy(machine.device, machine.distribute)


# A process can join its fellow workers once only, however many models it trains.
@functools.cache
def _strategy(device: str | None, distribute: str) -> tf.distribute.Strategy:
    _grow_memory()
    if distribute == "workers":
        # While it waits for the others in C++, Python would not notice Ctrl-C.
        with handled(signal.SIGINT, signal.SIG_DFL):
            return tf.distribute.MultiWorkerMirroredStrategy()
    if distribute == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([found.name for found in devices])
    return tf.distribute.OneDeviceStrategy(_found(device)) if device else tf.distribute.get_strategy()


def shares_of(context: tf.distribute.InputContext) -> Shares:
    """The shares that one worker's input pipeline makes: one for each of its devices."""
    here = context.num_replicas_in_sync // context.num_input_pipelines
    return Shares(context.num_replicas_in_sync, context.input_pipeline_id * here, here)


def check_shares(strategy: tf.distribute.Strategy, config: TrainingConfig, dataset: Dataset) -> None:
    """Refuse what would leave a device without a row.

    Raises:
        MachineError: If a batch has fewer rows than there are devices.
    """
    devices, rows = strategy.num_replicas_in_sync, len(dataset.train)
    fewest = min(rows, config.batch_rows, rows % config.batch_rows or rows, len(dataset.validation))
    if fewest < devices:
        raise MachineError(f"Expected at least {devices} rows in every batch, one for each device. Received {fewest}.")


def from_chief(strategy: tf.distribute.Strategy, machine: Machine, content: bytes) -> bytes:
    """What the first worker gives here; every worker must call this, and gets it."""
    if machine.distribute != "workers":
        return content
    # A sum to which the others add nothing.
    given = np.frombuffer(content if machine.is_chief else b"", np.uint8)
    length = int(_sum(strategy, np.array([given.size], np.int32))[0])
    padded = np.zeros(length, np.int32)
    padded[: given.size] = given
    return bytes(_sum(strategy, padded).astype(np.uint8))


@contextmanager
def lost_workers(machine: Machine) -> Iterator[None]:
    """Tell in a sentence that another worker is gone, which TensorFlow notices within a minute.

    Raises:
        MachineError: In place of TensorFlow's error.
    """
    try:
        yield
    except _LOST as error:
        if machine.distribute != "workers":
            raise
        raise MachineError(
            f"Expected all workers to stay. Received {type(error).__name__}. Start all anew with --resume."
        ) from error


def _sum(strategy: tf.distribute.Strategy, array: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sum of the arrays of all workers, each of which counts once however many devices it has."""
    devices = len(strategy.extended.worker_devices)

    def add() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        first = context.replica_id_in_sync_group % devices == 0
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(first, array, tf.zeros_like(array)))

    return np.asarray(strategy.experimental_local_results(strategy.run(tf.function(add)))[0])


def _grow_memory() -> None:
    """Take GPU memory as it is needed instead of all at once: others may use the device too."""
    for gpu in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # it is in use already
            tf.config.experimental.set_memory_growth(gpu, True)


def _found(device: str) -> str:
    kind, _, number = device.partition(":")
    name = f"/device:{kind.upper()}:{number or 0}"
    known = [found.name for found in tf.config.list_logical_devices()]
    if name not in known:
        words = ", ".join(other.removeprefix("/device:").lower() for other in known)
        raise MachineError(f"Expected a device of this machine: {words}. Received {device!r}.")
    return name
