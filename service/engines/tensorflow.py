"""TensorFlow on a GPU (or a CPU by setting): one concrete function with a fixed signature."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

from service.engines.pinning import cuda_runtime
from service.engines.staging import Staging
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


def _halve_precision() -> None:
    """Let the graph optimiser compute in float16 what gains by it and bears it, in every function of this process.

    ``tf.config`` keeps this for the whole process, as the setting is. The optimiser leaves a GPU alone that computes
    float16 no faster, and functions that XLA compiles (seen on a CPU, with the same optimiser for bfloat16).
    """
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision": True})


class TensorFlowEngine:
    """Runs ``saved_model/``.

    On a GPU two threads may run batches at a time: TensorFlow returns from a function before the device has computed
    it and waits only when the answers are fetched, so that the second batch is copied to the device meanwhile.
    Not run on a GPU by this project so far: what two batches and page-locked memory gain there is not measured.

    Args:
        path: The SavedModel's folder.
        signature: What its ``serving_default`` must agree with.
        threads: Threads for one batch on a CPU.
        xla: Compile the graph once per batch size, which takes a while and happens before the model is ready.
        mixed_precision: Compute partly in float16; on a GPU without ``xla`` only.

    Raises:
        ArtifactError: The folder holds no such model, or its tensors are not those of the signature.
    """

    name = "tensorflow"

    def __init__(
        self, path: Path, signature: Signature, threads: int, *, xla: bool = False, mixed_precision: bool = False
    ) -> None:
        _grow_memory()
        with contextlib.suppress(RuntimeError):  # TensorFlow runs already; the first engine has set this
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        gpu = has_gpu()
        self.device = "GPU" if gpu else "CPU"
        self.in_flight = 2 if gpu else 1
        self.mixed_precision = mixed_precision and gpu and not xla
        if self.mixed_precision:
            _halve_precision()
        try:
            self._model: Any = tf.saved_model.load(str(path))  # keeps the variables alive
            self._function: Any = self._model.signatures["serving_default"]
        except (OSError, ValueError, KeyError, RuntimeError, tf.errors.OpError) as error:
            raise ArtifactError(f"TensorFlow refuses saved_model: {type(error).__name__}.") from error
        self._outputs = [tensor.name for tensor in signature.outputs]
        self._compare(signature)
        self._xla = xla
        self._compiling = Lock()
        self._compiled: dict[int, Any] = {}
        # the runtime library is there only now that TensorFlow has begun to use the device
        self._staging = Staging(cuda_runtime() if gpu else None)

    @property
    def compiled_rows(self) -> list[int]:
        """The batch sizes that XLA has compiled, ascending."""
        return sorted(self._compiled)

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """See ``Engine.run``."""
        function = self._compile(len(next(iter(inputs.values())))) if self._xla else self._function
        with self._staging.copies(inputs) as copies:
            tensors = {name: tf.experimental.dlpack.from_dlpack(copy.__dlpack__()) for name, copy in copies.items()}
            found = function(**tensors)
            # numpy() waits for the device, and copies: nothing of an answer stays in the buffer
            answers = {name: found[name].numpy() for name in self._outputs}
            del tensors, found
        return answers

    def sizes(self, max_batch_rows: int) -> list[int]:
        """Powers of two and the largest: each new size costs the runtime a preparation."""
        powers = [1 << power for power in range(max_batch_rows.bit_length()) if 1 << power < max_batch_rows]
        return [*powers, max_batch_rows]

    def _compile(self, rows: int) -> Any:
        """The function for a batch size, compiled when it is first called: for every size before the model is ready.

        A function for each size, since one for all would warn of each new size as of a mistake.
        """
        if rows not in self._compiled:
            with self._compiling:
                _, taken = self._function.structured_input_signature
                specs = {name: tf.TensorSpec((rows, *spec.shape[1:]), spec.dtype) for name, spec in taken.items()}
                function = tf.function(self._function, jit_compile=True).get_concrete_function(**specs)
                self._compiled.setdefault(rows, function)
        return self._compiled[rows]

    def _compare(self, signature: Signature) -> None:
        _, taken = self._function.structured_input_signature
        wanted = {tensor.name: (tensor.dtype, tensor.shape) for tensor in signature.inputs}
        names = {dtype: name for name, dtype in DTYPES.items()}
        found = {n: (names.get(np.dtype(s.dtype.as_numpy_dtype)), tuple(s.shape[1:])) for n, s in taken.items()}
        if found != wanted or set(self._function.structured_outputs) != set(self._outputs):
            raise ArtifactError(
                f"Expected inputs {wanted} and outputs {self._outputs} in saved_model. Received others."
            )
