"""The interface of an engine, and the choice between them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from service.errors import SettingsError
from service.signature import Signature

Name = Literal["onnxruntime", "tensorflow"]
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


class Engine(Protocol):
    """Runs one model.

    Attributes:
        name: The engine's name in metadata, logs and metrics.
        device: ``CPU`` or ``GPU``.
    """

    name: str
    device: str

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Compute the outputs of a batch.

        Args:
            inputs: Every input by name, shape [rows, …], all of the same rows.

        Returns:
            Every output by name, in the signature's order. Whoever calls checks rows, shapes and values.
        """
        ...

    def sizes(self, max_batch_rows: int) -> list[int]:
        """The batch sizes that are worth preparing, ascending, the last being ``max_batch_rows``."""
        ...


def choose(setting: str) -> Name:
    """The engine that a setting means on this machine.

    Raises:
        SettingsError: TensorFlow is asked for and not installed.
    """
    if setting == "onnxruntime":
        return "onnxruntime"
    installed = importlib.util.find_spec("tensorflow") is not None
    if setting == "tensorflow":
        if not installed:
            raise SettingsError("KERAS_SERVE_ENGINE is tensorflow, which is not installed here: add the extra gpu.")
        return "tensorflow"
    return "tensorflow" if installed and _sees_gpu() else "onnxruntime"


def _sees_gpu() -> bool:
    if not NVIDIA_DRIVER.exists():  # TensorFlow takes seconds to import, so that the cheap question comes first
        return False
    from service.engines.tensorflow import has_gpu

    return has_gpu()


def load(name: Name, folder: Path, signature: Signature, threads: int, *, xla: bool = False) -> Engine:
    """Load a verified artifact into an engine.

    Raises:
        ArtifactError: The engine refuses the model, or its tensors are not those of the signature.
    """
    if name == "tensorflow":
        from service.engines.tensorflow import TensorFlowEngine

        return TensorFlowEngine(folder / "saved_model", signature, threads, xla=xla)
    from service.engines.onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(folder / "model.onnx", signature, threads)
