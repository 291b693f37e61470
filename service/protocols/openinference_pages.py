"""Open Inference Protocol V2: server, health and model pages."""

from __future__ import annotations

from typing import Any

import orjson

from service.interface import Interface
from service.signature import Tensor

SERVER = "keras-serve"
EXTENSIONS: tuple[str, ...] = ()
"""Extensions that are served; clients act on this list, so it holds nothing else."""


def server(version: str) -> bytes:
    """Answer ``GET /v2``."""
    return orjson.dumps({"name": SERVER, "version": version, "extensions": EXTENSIONS})


def live(alive: bool) -> bytes:
    """Answer ``GET /v2/health/live``."""
    return orjson.dumps({"live": alive})


def ready(is_ready: bool, alive: bool) -> bytes:
    """Answer ``GET /v2/health/ready``; the specification has ``live`` there and KServe's client reads ``ready``."""
    return orjson.dumps({"ready": is_ready, "live": alive})


def model_ready(name: str, is_ready: bool) -> bytes:
    """Answer ``GET /v2/models/NAME/ready``."""
    return orjson.dumps({"name": name, "ready": is_ready})


def model(interface: Interface, versions: list[int], platform: str, parameters: dict[str, Any]) -> bytes:
    """Answer ``GET /v2/models/NAME``.

    Args:
        interface: The version that is described.
        versions: Every version that answers.
        platform: Format and engine, such as ``onnxruntime_onnx``.
        parameters: Further facts, such as the batch sizes whose answers agree bit for bit.
    """
    return orjson.dumps(
        {
            "name": interface.name,
            "versions": [str(version) for version in versions],
            "platform": platform,
            "inputs": [_tensor(tensor) for tensor in interface.inputs.values()],
            "outputs": [_tensor(tensor) for tensor in interface.outputs.values()],
            "parameters": parameters,
        }
    )


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.dtype, "shape": [-1, *tensor.shape]}
