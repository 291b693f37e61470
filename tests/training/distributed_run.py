"""A program that trains the small run on several devices, and writes what came of it: `distributed_run.py KIND FOLDER`.

    mirrored    over two CPU devices, into FOLDER/mirrored.npz
    workers     as the worker that TF_CONFIG names, into FOLDER/worker-N.npz; then as one that goes on from the state
                in FOLDER/state, which the chief alone reads, into FOLDER/resumed-N.npz; then without end

A refusal is printed, and the exit status is 1.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.training.small_run import CONFIG, trained
from training.errors import TrainingError
from training.fitting import epochs
from training.fitting.state import History
from training.machine import Machine


def write(path: Path, run: tuple[keras.Model, History]) -> None:
    """Weights in Keras' order, then the history."""
    model, history = run
    part = path.with_suffix(".part.npz")
    arrays: dict[str, Any] = {key: np.array(values) for key, values in history.items()}
    np.savez(part, *model.get_weights(), **arrays)
    part.rename(path)


def main(kind: str, folder: Path) -> None:
    """Train as the head of this file says."""
    if kind == "mirrored":
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
        )
        write(
            folder / "mirrored.npz",
            trained(machine=Machine(distribute="mirrored", tensorboard=folder / "logs"), plain=True),
        )
        return
    machine = Machine(distribute="workers")
    number = 0 if machine.is_chief else 1
    # One would do ever more steps at a time, the other never: two machines need not be equally fast.
    epochs._CALL_S = [float("inf"), 0.0][number]
    write(folder / f"worker-{number}.npz", trained(machine=machine, plain=True))
    state = folder / ("state" if machine.is_chief else "nothing")
    write(folder / f"resumed-{number}.npz", trained(machine=replace(machine, state=state, resume=True), plain=True))
    trained(replace(CONFIG, epochs=1_000_000), machine, plain=True)


if __name__ == "__main__":
    tf.config.experimental.enable_op_determinism()
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except TrainingError as error:
        sys.exit(str(error))
