"""Open Inference Protocol V2: server, health, model, configuration, statistics and repository pages.

References:
    NVIDIA, *Triton Inference Server protocol extensions*,
    https://github.com/triton-inference-server/server/tree/main/docs/protocol (2025), for the shapes of the extensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from service.counts import Counts
from service.interface import Interface
from service.signature import Tensor

SERVER = "keras-serve"
EXTENSIONS = ("binary_tensor_data", "classification", "model_configuration", "parameters", "statistics")
"""Extensions that are served; clients act on this list, so it holds nothing else. ``schedule_policy`` is not there: of
its two parameters ``timeout`` is obeyed, and there are no priorities. Where calls may load and unload, the caller adds
``model_repository``."""
ENGINES = {
    "onnxruntime": ("onnxruntime_onnx", "onnxruntime", "model.onnx"),
    "tensorflow": ("tensorflow_savedmodel", "tensorflow", "saved_model"),
}
"""Platform, backend and file of the artifact, by the engine's name."""
PREFERRED_SIZES = 5
STATES = {"LOADING": "LOADING", "AVAILABLE": "READY", "UNLOADING": "UNLOADING"}
"""Triton's words for TensorFlow Serving's states; what only waits, was refused or has ended is unavailable."""
REASONS = {"START": "waiting to be loaded", "END": "unloaded"}
NO_TIME = {"count": 0, "ns": 0}


def server(version: str, extensions: Sequence[str] = EXTENSIONS) -> bytes:
    """Answer ``GET /v2``."""
    return orjson.dumps({"name": SERVER, "version": version, "extensions": extensions})


def live(alive: bool) -> bytes:
    """Answer ``GET /v2/health/live``."""
    return orjson.dumps({"live": alive})


def ready(is_ready: bool, alive: bool) -> bytes:
    """Answer ``GET /v2/health/ready``; the specification has ``live`` there and KServe's client reads ``ready``."""
    return orjson.dumps({"ready": is_ready, "live": alive})


def model_ready(name: str, is_ready: bool) -> bytes:
    """Answer ``GET /v2/models/NAME/ready``."""
    return orjson.dumps({"name": name, "ready": is_ready})


def model_list(names: Iterable[str]) -> bytes:
    """Answer ``GET /v2/models``, as KServe lists models."""
    return orjson.dumps({"models": list(names)})


def model(
    interface: Interface,
    versions: Iterable[int],
    platform: str,
    parameters: Mapping[str, Any],
    labels: Mapping[str, int] | None = None,
) -> bytes:
    """Answer ``GET /v2/models/NAME``.

    Args:
        interface: The version that is described.
        versions: Every version that answers.
        platform: Format and engine, such as ``onnxruntime_onnx``.
        parameters: Further facts, such as the batch sizes whose answers agree bit for bit.
        labels: Where the model's labels point.
    """
    named = {"labels": {label: str(number) for label, number in labels.items()}} if labels else {}
    return orjson.dumps(
        {
            "name": interface.name,
            "versions": [str(version) for version in versions],
            "platform": platform,
            "inputs": [_tensor(tensor) for tensor in interface.inputs.values()],
            "outputs": [_tensor(tensor) for tensor in interface.outputs.values()],
            "parameters": {**parameters, **named},
        }
    )


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.dtype, "shape": [-1, *tensor.shape]}


def config(
    interface: Interface,
    engine: str,
    device: str,
    sizes: Sequence[int],
    version_policy: Mapping[str, Any],
    instances: int = 1,
) -> bytes:
    """Answer ``GET /v2/models/NAME/config`` as Triton writes a model's configuration.

    Args:
        interface: The version that is described.
        engine: Name of its engine, a key of ``ENGINES``.
        device: ``CPU`` or ``GPU``.
        sizes: Ascending batch sizes that the engine is prepared for.
        version_policy: ``{"latest": {"num_versions": 1}}``, ``{"all": {}}`` or ``{"specific": {"versions": [1]}}``.
        instances: Engines that serve the version, one a worker.
    """
    platform, backend, filename = ENGINES[engine]
    return orjson.dumps(
        {
            "name": interface.name,
            "platform": platform,
            "backend": backend,
            "default_model_filename": filename,
            "version_policy": version_policy,
            "max_batch_size": interface.max_rows,
            "input": [_configured(tensor) for tensor in interface.inputs.values()],
            "output": [_configured(tensor) for tensor in interface.outputs.values()],
            "instance_group": [{"name": interface.name, "kind": f"KIND_{device}", "count": instances}],
            "dynamic_batching": {
                "preferred_batch_size": preferred([size for size in sizes if size <= interface.max_rows]),
                "max_queue_delay_microseconds": 0,
            },
            "model_transaction_policy": {"decoupled": False},
        }
    )


def _configured(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "data_type": f"TYPE_{tensor.dtype}", "dims": list(tensor.shape)}


def preferred(sizes: Sequence[int]) -> list[int]:
    """A handful of ascending batch sizes: the largest, and others about half as large as the next."""
    chosen: list[int] = []
    for size in reversed(sizes):
        if not chosen or (2 * size <= chosen[0] and len(chosen) < PREFERRED_SIZES):
            chosen.insert(0, size)
    return chosen


def index(entries: Iterable[Mapping[str, Any]], only_ready: bool) -> bytes:
    """Answer ``POST /v2/repository/index``.

    Args:
        entries: Known versions: ``name``, ``version`` (a number), ``state`` in TensorFlow Serving's words, ``reason``.
        only_ready: Leave out what does not answer.
    """
    rows = [
        {
            "name": entry["name"],
            "version": str(entry["version"]),
            "state": STATES.get(entry["state"], "UNAVAILABLE"),
            "reason": entry["reason"] or REASONS.get(entry["state"], ""),
        }
        for entry in entries
    ]
    return orjson.dumps([row for row in rows if row["state"] == "READY" or not only_ready])


def statistics(models: Iterable[tuple[str, int, Counts]]) -> bytes:
    """Answer ``GET /v2/models/stats``, or that of one model or version.

    Args:
        models: Name, version and counts of each version that answers.
    """
    return orjson.dumps({"model_stats": [_statistics(name, version, counts) for name, version, counts in models]})


def _statistics(name: str, version: int, counts: Counts) -> dict[str, Any]:
    computed = counts.computed_count
    return {
        "name": name,
        "version": str(version),
        "last_inference": counts.last_inference_ms,
        "inference_count": counts.inference_count,
        "execution_count": counts.execution_count,
        "inference_stats": {
            "success": {"count": counts.success_count, "ns": counts.success_ns},
            "fail": {"count": counts.fail_count, "ns": counts.fail_ns},
            "queue": {"count": computed, "ns": counts.queue_ns},
            "compute_input": {"count": computed, "ns": counts.input_ns},
            "compute_infer": {"count": computed, "ns": counts.infer_ns},
            "compute_output": {"count": computed, "ns": counts.output_ns},
            "cache_hit": NO_TIME,
            "cache_miss": NO_TIME,
        },
        "response_stats": {},
        "batch_stats": [
            {
                "batch_size": rows,
                "compute_input": {"count": count, "ns": input_ns},
                "compute_infer": {"count": count, "ns": infer_ns},
                "compute_output": {"count": count, "ns": output_ns},
            }
            for rows, (count, input_ns, infer_ns, output_ns) in sorted(counts.sizes.items())
        ],
        "memory_usage": [],
    }
