"""Where a training runs. Knows no framework, so that the command line starts at once."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.errors import MachineError


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where and how a training runs; decides nothing about the model.

    Attributes:
        device: `cpu`, `gpu`, or a certain one such as `gpu:1`; None: what TensorFlow finds.
        distribute: `mirrored`: over all GPUs of this machine, or all its CPU devices if it has none; `workers`: over
            the machines that the environment variable `TF_CONFIG` lists.
        tensorboard: Folder for TensorBoard logs; None: none are written.
        state: Folder for the state of runs that were interrupted; None: none is kept.
        resume: Whether to go on from such a state, if there is one of the same configuration, data and packages.
    """

    device: str | None = None
    distribute: Literal["none", "mirrored", "workers"] = "none"
    tensorboard: Path | None = None
    state: Path | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        """Refuse what could only fail later.

        Raises:
            MachineError: If two places are asked for, or the workers are not listed.
        """
        if self.device and self.distribute != "none":
            raise MachineError(f"Expected either one device or {self.distribute}. Received both.")
        if self.distribute == "workers":
            _check_cluster(os.environ.get("TF_CONFIG", ""))

    @property
    def is_chief(self) -> bool:
        """Whether this process stores what is trained: of several workers the first does."""
        return self.distribute != "workers" or json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 0


def _check_cluster(text: str) -> None:
    """Raise unless the text lists workers and says which of them this process is.

    References:
        TensorFlow: *Multi-worker training with Keras*,
        https://www.tensorflow.org/tutorials/distribute/multi_worker_with_keras, 2024.
    """
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        if set(config["cluster"]) == {"worker"} and task["type"] == "worker" and workers[task["index"]]:
            return
    except (ValueError, KeyError, IndexError, TypeError):
        pass
    raise MachineError(
        'Expected TF_CONFIG to be {"cluster": {"worker": ["HOST:PORT", …]}, "task": {"type": "worker", "index": N}}. '
        f"Received {text!r}."
    )
