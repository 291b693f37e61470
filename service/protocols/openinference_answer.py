"""Open Inference Protocol V2: the answer of an infer call, in JSON, in raw bytes, or in both.

References:
    NVIDIA, *Classification extension*,
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md (2025).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from service.interface import Interface
from service.protocols.openinference_binary import JSON_LENGTH
from service.request import Answer, InferRequest, InferResult
from service.signature import LabelResult

BINARY = b"application/octet-stream"


def encode(request: InferRequest, result: InferResult, model: Interface) -> Answer:
    """Write the answer: the shape of each output, and its elements in a row, row-major, as JSON or behind it."""
    outputs: list[dict[str, Any]] = []
    blobs: list[Any] = []
    for name in request.outputs:
        array = np.ascontiguousarray(result.outputs[name])
        output: dict[str, Any] = {"name": name, "datatype": model.outputs[name].dtype, "shape": array.shape}
        elements: Any = array.reshape(-1)
        if name in request.classes:
            count = min(request.classes[name], array.shape[1])
            elements = best_classes(array, count, labels_of(model, name))
            output |= {"datatype": "BYTES", "shape": (len(array), count)}
        if name in request.binary:
            blobs.append(pack(elements) if name in request.classes else elements)
            output["parameters"] = {"binary_data_size": memoryview(blobs[-1]).nbytes}
        else:
            output["data"] = elements
        outputs.append(output)
    answer: dict[str, Any] = {"id": request.id} if request.id else {}
    answer |= {"model_name": result.model, "model_version": str(result.version), "outputs": outputs}
    text = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    if not blobs:
        return Answer(text)
    return Answer(b"".join([text, *blobs]), BINARY, [(JSON_LENGTH, b"%d" % len(text))])


def labels_of(model: Interface, output: str) -> Sequence[str | int]:
    """The names of an output's classes, in order; empty if the model gives them none."""
    for entry in model.signature.result:
        if isinstance(entry, LabelResult) and entry.output == output:
            return entry.labels
    return ()


def best_classes(scores: np.ndarray, count: int, labels: Sequence[str | int]) -> list[str]:
    """The best classes of each row, as ``score:index`` or ``score:index:label``.

    Args:
        scores: One number a class, shape [rows, classes].
        count: How many classes of each row are wanted, at most all.
        labels: A name for each class, or nothing.

    Returns:
        Row after row, the highest score first, of equal ones the lower index; scores in their shortest form.
    """
    classes = scores.shape[1]
    # sorted backwards and turned round, so that equal scores come out in the order of their indices
    order = (classes - 1 - np.argsort(scores[:, ::-1], axis=1, kind="stable")[:, ::-1])[:, :count]
    best = np.take_along_axis(scores, order, axis=1)
    texts = orjson.dumps(best.reshape(-1), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")
    ends = [f":{index}" + (f":{labels[index]}" if labels else "") for index in range(classes)]
    return [text + ends[index] for text, index in zip(texts, order.reshape(-1).tolist(), strict=True)]


def pack(texts: Sequence[str]) -> bytes:
    """Texts as elements of a BYTES tensor: the length of each as UINT32, little-endian, and its UTF-8."""
    return b"".join(len(text).to_bytes(4, "little") + text for text in map(str.encode, texts))
