"""ONNX Runtime on a CPU: the fastest engine for small models, and no TensorFlow in the image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from service.errors import ArtifactError
from service.signature import Signature, Tensor

ONNX_TYPES = {
    "BOOL": "tensor(bool)",
    "FP16": "tensor(float16)",
    "FP32": "tensor(float)",
    "FP64": "tensor(double)",
}


class OnnxRuntimeEngine:
    """Runs ``model.onnx``.

    Args:
        path: The ONNX file.
        signature: What the file must agree with.
        threads: Threads for one batch. With one, the batch is computed in the calling thread.

    Raises:
        ArtifactError: The file is no sound model, or its tensors are not those of the signature.
    """

    name = "onnxruntime"
    device = "CPU"
    in_flight = 1
    mixed_precision = False

    def __init__(self, path: Path, signature: Signature, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # its threads would spin between two batches: a whole processor, that the event loop needs (measured: 1.0
        # processors busy for one row every 2 ms, 0.06 without)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions share no base class
            raise ArtifactError(f"ONNX Runtime refuses model.onnx: {type(error).__name__}.") from error
        self._outputs = [tensor.name for tensor in signature.outputs]
        _compare("inputs", self._session.get_inputs(), signature.inputs)
        _compare("outputs", self._session.get_outputs(), signature.outputs)

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """See ``Engine.run``."""
        return dict(zip(self._outputs, self._session.run(self._outputs, inputs), strict=True))

    def sizes(self, max_batch_rows: int) -> list[int]:
        """Small sizes, then steps that widen: the engine prepares nothing per size, so that padding stays small.

        Steps of four, because the rows that a kernel's tile of four leaves over may round in another way.
        """
        steps = [1, 2, *range(4, 64, 4), *range(64, 256, 16), *range(256, max_batch_rows, 64)]
        return [*(size for size in steps if size < max_batch_rows), max_batch_rows]


def _compare(side: str, nodes: list[onnxruntime.NodeArg], tensors: Sequence[Tensor]) -> None:
    found = {node.name: (node.type, tuple(node.shape[1:])) for node in nodes}
    wanted = {t.name: (ONNX_TYPES.get(t.dtype, f"tensor({t.dtype.lower()})"), t.shape) for t in tensors}
    if found != wanted:
        raise ArtifactError(f"Expected {side} {wanted} in model.onnx. Received {found}.")
