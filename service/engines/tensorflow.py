"""TensorFlow on a GPU (or a CPU by setting): one concrete function with a fixed signature."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

from service.errors import ArtifactError
from service.signature import DTYPES, Signature


def has_gpu() -> bool:
    """Whether TensorFlow can use a GPU here."""
    return bool(tf.config.list_physical_devices("GPU"))


def _grow_memory() -> None:
    """Take GPU memory as it is needed instead of all at once: several models and workers share the device."""
    for device in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(device, True)
        except RuntimeError:  # the device is in use already, so that the first engine has set this
            return


class TensorFlowEngine:
    """Runs ``saved_model/``.

    Args:
        path: The SavedModel's folder.
        signature: What its ``serving_default`` must agree with.
        threads: Threads for one batch on a CPU.
        xla: Compile the graph once per batch size, which takes a while and happens before the model is ready.

    Raises:
        ArtifactError: The folder holds no such model, or its tensors are not those of the signature.
    """

    name = "tensorflow"

    def __init__(self, path: Path, signature: Signature, threads: int, *, xla: bool = False) -> None:
        _grow_memory()
        with contextlib.suppress(RuntimeError):  # TensorFlow runs already; the first engine has set this
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        try:
            self._model: Any = tf.saved_model.load(str(path))  # keeps the variables alive
            self._function: Any = self._model.signatures["serving_default"]
        except (OSError, ValueError, KeyError, RuntimeError, tf.errors.OpError) as error:
            raise ArtifactError(f"TensorFlow refuses saved_model: {type(error).__name__}.") from error
        self.device = "GPU" if has_gpu() else "CPU"
        self._outputs = [tensor.name for tensor in signature.outputs]
        _, taken = self._function.structured_input_signature
        wanted = {tensor.name: (tensor.dtype, tensor.shape) for tensor in signature.inputs}
        names = {dtype: name for name, dtype in DTYPES.items()}
        found = {n: (names.get(np.dtype(s.dtype.as_numpy_dtype)), tuple(s.shape[1:])) for n, s in taken.items()}
        if found != wanted or set(self._function.structured_outputs) != set(self._outputs):
            raise ArtifactError(
                f"Expected inputs {wanted} and outputs {self._outputs} in saved_model. Received others."
            )
        if xla:
            self._function = tf.function(self._function, jit_compile=True)

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """See ``Engine.run``."""
        answers = self._function(**{name: tf.constant(array) for name, array in inputs.items()})
        return {name: answers[name].numpy() for name in self._outputs}

    def sizes(self, max_batch_rows: int) -> list[int]:
        """Powers of two and the largest: each new size costs the runtime a preparation."""
        powers = [1 << power for power in range(max_batch_rows.bit_length()) if 1 << power < max_batch_rows]
        return [*powers, max_batch_rows]
