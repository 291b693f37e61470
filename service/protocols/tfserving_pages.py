"""TensorFlow Serving's status and metadata pages; the status carries KServe V1's ``ready`` as well.

References:
    TensorFlow Serving, *RESTful API*, https://www.tensorflow.org/tfx/serving/api_rest (2024).
    KServe, *V1 protocol*, https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol (2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from service.interface import Interface
from service.signature import Tensor

TF_TYPES = {
    "BOOL": "DT_BOOL",
    "FP16": "DT_HALF",
    "FP32": "DT_FLOAT",
    "FP64": "DT_DOUBLE",
}


def status(name: str, versions: Mapping[int, str], ready: bool, reasons: Mapping[int, str] | None = None) -> bytes:
    """Answer ``GET /v1/models/NAME``.

    Args:
        name: The model.
        versions: State of each version: START, LOADING, AVAILABLE, UNLOADING or END.
        ready: Whether requests without a version are answered.
        reasons: Why versions were refused, or wait.

    A version that was refused has ended with FAILED_PRECONDITION: loading it again is of no use until it is replaced.
    One that waits for an operator is not at fault, so its code stays OK and only the message says for what.
    """
    listed = []
    for number, state in sorted(versions.items(), reverse=True):
        reason = (reasons or {}).get(number, "")
        code = "FAILED_PRECONDITION" if reason and state == "END" else "OK"
        listed.append({"version": str(number), "state": state, "status": {"error_code": code, "error_message": reason}})
    return orjson.dumps({"name": name, "ready": ready, "model_version_status": listed})


def model_list(names: Sequence[str]) -> bytes:
    """Answer ``GET /v1/models`` as KServe V1 does."""
    return orjson.dumps({"models": list(names)})


def metadata(model: Interface) -> bytes:
    """Answer ``GET /v1/models/NAME/metadata``, of any version; ``signature_def`` is nested twice there.

    Only the signature that predict takes is listed. Those of classify and regress would promise an input of serialised
    ``tf.Example`` strings, and names that predict would then have to take.
    """
    definition = {
        "inputs": {name: _tensor(t, f"serving_default_{name}:0") for name, t in model.inputs.items()},
        "outputs": {
            name: _tensor(t, f"StatefulPartitionedCall:{place}")
            for place, (name, t) in enumerate(model.outputs.items())
        },
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    return orjson.dumps(
        {
            "model_spec": {"name": model.name, "signature_name": "", "version": str(model.version)},
            "metadata": {"signature_def": {"signature_def": {"serving_default": definition}}},
        }
    )


def _tensor(tensor: Tensor, name: str) -> dict[str, Any]:
    sizes = [-1, *tensor.shape]
    return {
        "dtype": TF_TYPES.get(tensor.dtype, f"DT_{tensor.dtype}"),
        "tensor_shape": {"dim": [{"size": str(size), "name": ""} for size in sizes], "unknown_rank": False},
        "name": name,
    }
