"""Bodies of infer calls with raw bytes behind their JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson

from service.interface import Interface
from service.request import Answer

LENGTH = b"inference-header-content-length"


def blob(name: str, values: np.ndarray, datatype: str = "FP32", **parameters: Any) -> dict[str, Any]:
    """An input whose elements lie behind the JSON."""
    given = {"binary_data_size": values.nbytes, **parameters}
    return {"name": name, "shape": list(values.shape), "datatype": datatype, "parameters": given}


def joined(
    document: dict[str, Any], *blobs: bytes, length: int | bytes | None = None
) -> tuple[bytes, dict[bytes, bytes]]:
    """A body and its headers; `length` lies about where the JSON ends."""
    text = json.dumps(document).encode()
    value = len(text) if length is None else length
    return b"".join([text, *blobs]), {LENGTH: value if isinstance(value, bytes) else b"%d" % value}


def read_answer(answer: Answer, model: Interface) -> tuple[dict[str, Any], dict[str, np.ndarray | list[str]]]:
    """The JSON of an answer, and every output as a client reads it, whether it is JSON or bytes."""
    headers = dict(answer.headers)
    end = int(headers.get(LENGTH, b"%d" % len(answer.body)))
    document = orjson.loads(answer.body[:end])
    rest = answer.body[end:]
    found: dict[str, np.ndarray | list[str]] = {}
    for output in document["outputs"]:
        texts = output["datatype"] == "BYTES"
        if "data" in output:
            data = output["data"]
        else:
            size = output["parameters"]["binary_data_size"]
            part, rest = rest[:size], rest[size:]
            data = unpacked(part) if texts else np.frombuffer(part, model.outputs[output["name"]].numpy)
        dtype = None if texts else model.outputs[output["name"]].numpy
        found[output["name"]] = list(data) if texts else np.asarray(data, dtype).reshape(output["shape"])
    assert rest == b""
    return document, found


def unpacked(packed: bytes) -> list[str]:
    """The elements of a BYTES tensor."""
    texts = []
    while packed:
        size = int.from_bytes(packed[:4], "little")
        texts.append(packed[4 : 4 + size].decode())
        assert len(packed) >= 4 + size
        packed = packed[4 + size :]
    return texts
