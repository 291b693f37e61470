"""The interface of an engine, and the choice between them."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from service.errors import SettingsError
from service.signature import Signature

log = logging.getLogger(__name__)

Name = Literal["onnxruntime", "tensorflow"]
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


class Engine(Protocol):
    """Runs one model.

    Attributes:
        name: The engine's name in metadata, logs and metrics.
        device: ``CPU`` or ``GPU``.
        in_flight: How many threads may call ``run`` at the same time. More than one is worth it where the caller
            waits for a device: the next batch is copied while it computes.
        mixed_precision: Whether it computes partly in float16, so that its answers are less exact.
    """

    name: str
    device: str
    in_flight: int
    mixed_precision: bool

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


def load(
    name: Name, folder: Path, signature: Signature, threads: int, *, xla: bool = False, mixed_precision: bool = False
) -> Engine:
    """Load a verified artifact into an engine.

    Args:
        name: Which engine.
        folder: The artifact.
        signature: What the model must agree with.
        threads: Threads for one batch on a CPU.
        xla: Compile with XLA, where the engine can.
        mixed_precision: Compute partly in float16, where the engine can; elsewhere a warning says that it does not.

    Raises:
        ArtifactError: The engine refuses the model, or its tensors are not those of the signature.
    """
    engine: Engine
    if name == "tensorflow":
        from service.engines.tensorflow import TensorFlowEngine

        path = folder / "saved_model"
        engine = TensorFlowEngine(path, signature, threads, xla=xla, mixed_precision=mixed_precision)
    else:
        from service.engines.onnxruntime import OnnxRuntimeEngine

        engine = OnnxRuntimeEngine(folder / "model.onnx", signature, threads)
    if mixed_precision and not engine.mixed_precision:
        log.warning(
            "KERAS_SERVE_MIXED_PRECISION does nothing here: it is for tensorflow on a GPU without KERAS_SERVE_XLA",
            extra={"engine": engine.name, "device": engine.device, "xla": xla},
        )
    return engine
