"""Requests: the same rows in the words of each dialect, the very same bytes for every server that speaks it.

    predict-json   TensorFlow Serving: ``{"instances": [row, …]}``
    v2-json        Open Inference Protocol V2, flat data as JSON
    v2-binary      the same with the tensors behind the JSON, in both directions

Only models of one input are written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from loadtests.answers import check_outputs
from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Rows, Tensor
from loadtests.forms import dump, member

SINGLE_BODIES, LARGE_BODIES = 32, 4
"""How many different bodies are sent in turn: of one row, and of more."""
STEP = 7
"""Between the first rows of two bodies, so that large ones differ as well."""
HEADER_LENGTH = "Inference-Header-Content-Length"
DTYPES = {"FP32": "<f4", "FP64": "<f8", "INT32": "<i4", "INT64": "<i8", "UINT8": "u1"}
"""Of tensors in binary answers: little-endian."""


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """Requests of one dialect and size.

    Attributes:
        dialect: Its name.
        rows: In each.
        headers: For each.
        bodies: The bytes.
        positions: Which examples each body holds, in order.
    """

    dialect: str
    rows: int
    headers: Mapping[str, str]
    bodies: tuple[bytes, ...]
    positions: tuple[Rows, ...]


def write(dialect: str, examples: Examples, rows: int) -> Requests:
    """Write the requests; examples are repeated where there are fewer of them than rows."""
    count = SINGLE_BODIES if rows == 1 else LARGE_BODIES
    positions = tuple((STEP * number + np.arange(rows)) % examples.count for number in range(count))
    written = [_body(dialect, examples, rows_of) for rows_of in positions]
    # the JSON before the tensors says the same in each, so its length is the same
    return Requests(dialect, rows, written[0][0], tuple(body for _, body in written), positions)


def _body(dialect: str, examples: Examples, positions: Rows) -> tuple[dict[str, str], bytes]:
    (tensor,) = examples.inputs
    array = examples.arrays[tensor.name][positions]
    if dialect == "predict-json":
        return {"Content-Type": "application/json"}, dump({"instances": array})
    entry: dict[str, Any] = {"name": tensor.name, "shape": list(array.shape), "datatype": tensor.datatype}
    if dialect == "v2-json":
        return {"Content-Type": "application/json"}, dump({"inputs": [{**entry, "data": array.reshape(-1)}]})
    raw = np.ascontiguousarray(array).tobytes()
    entry["parameters"] = {"binary_data_size": len(raw)}
    outputs = [{"name": output.name, "parameters": {"binary_data": True}} for output in examples.outputs]
    head = dump({"inputs": [entry], "outputs": outputs})
    return {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}, head + raw


def check(requests: Requests, number: int, answer: bytes, json_bytes: int, examples: Examples) -> None:
    """Hold the answer to one body against the stored one, within the tolerances of the signature.

    Args:
        requests: Of which one was sent.
        number: Which.
        answer: The body that came.
        json_bytes: How much of it is JSON; tensors follow.
        examples: Where the rows came from.

    Raises:
        WrongAnswer: With what was expected and what came.
    """
    try:
        head = json.loads(answer[:json_bytes])
    except ValueError:
        raise WrongAnswer.at("JSON", answer[:200]) from None
    if requests.dialect == "predict-json":
        # a stock BentoML API cannot give its list a name
        predictions = head if isinstance(head, list) else member(head, "predictions")
        outputs = {examples.outputs[0].name: predictions}
    else:
        outputs = _tensors(head, answer[json_bytes:], examples.outputs)
    check_outputs(outputs, examples, requests.positions[number])


def _tensors(head: Any, raw: bytes, outputs: tuple[Tensor, ...]) -> dict[str, Any]:
    datatypes = {tensor.name: tensor.datatype for tensor in outputs}
    found: dict[str, Any] = {}
    for entry in member(head, "outputs"):
        name, shape = member(entry, "name"), member(entry, "shape")
        size = entry.get("parameters", {}).get("binary_data_size")
        if size is None:
            data = np.asarray(member(entry, "data"))
        else:
            data, raw = np.frombuffer(raw[:size], DTYPES[datatypes.get(name, "UINT8")]), raw[size:]
        if data.size != int(np.prod(shape)):
            raise WrongAnswer.at(f"{name} of shape {shape}", f"{data.size} numbers")
        found[name] = data.reshape(shape)
    return found
