"""Open Inference Protocol V2: the infer call, with tensors as JSON and as raw bytes, and our ``records``.

References:
    *Open Inference Protocol*, https://github.com/kserve/open-inference-protocol (2024).
    NVIDIA, *Triton Inference Server protocol extensions*,
    https://github.com/triton-inference-server/server/tree/main/docs/protocol (2025), for the texts of its errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import simdjson

from service.errors import MalformedRequest, ServiceError, Unsupported, WrongShape, WrongType
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document, parse, read_row, read_rows
from service.protocols.openinference_answer import encode
from service.protocols.openinference_binary import JSON_LENGTH, Blobs, decode_raw, json_length
from service.protocols.openinference_parameters import (
    Members,
    read_outputs,
    read_parameters,
    whole_number,
)
from service.protocols.openinference_tensors import (
    check_datatype,
    check_once,
    check_rows,
    complete,
    input_named,
    refuse_shared_memory,
    rows_of,
)
from service.protocols.tfserving import named_rows
from service.request import InferRequest
from service.signature import Tensor
from service.templates import Template
from service.tensors import check

__all__ = ["decode", "encode"]

NO_HEADERS: Mapping[bytes, bytes] = MappingProxyType({})


def decode(body: bytes, model: Interface, headers: Mapping[bytes, bytes] = NO_HEADERS) -> InferRequest:
    """Read the body of an infer call.

    Args:
        body: JSON; where ``headers`` give its length, raw bytes of inputs behind it, or nothing but those.
        model: Whose interface the request must fit.
        headers: By name in lower case.

    Raises:
        BadInput: In Triton's words, where it has any, naming the input.
        TooLarge: More rows than allowed, status 400 as Triton answers it.
        Unsupported: Sequences, shared memory, or half precision by JSON (status 400).
    """
    length = headers.get(JSON_LENGTH)
    end = len(body) if length is None else json_length(length, len(body))
    if not end and length is not None:
        return decode_raw(body, model)
    head = body if end == len(body) else body[:end]
    try:
        known = _known(body, head, model)
    except ServiceError:  # the text may mean something else after all; if not, it is refused as if nothing were known
        known = None
    return known if known is not None else _read(body, head, model)


def _known(body: bytes, head: bytes, model: Interface) -> InferRequest | None:
    """Read a request whose text is remembered; None if it is not."""
    if len(head) < len(body):
        template = model.templates.of_bytes(head)
        if template is None:
            return None
        blobs = Blobs(body, len(head), model)
        inputs = {tensor.name: blobs.take(tensor, size, rows) for tensor, size, rows in template.parts}
        blobs.settle()
        return _request(inputs if len(inputs) == 1 else complete(inputs, model), template)
    found = model.templates.of_list(body)
    if found is None:
        return None
    template, start, stop = found
    tensor, _, rows = template.parts[0]
    document = parse(body[start:stop])
    inputs = {tensor.name: _data(document, document.root, tensor, rows, model)}
    document.settle()
    return _request(inputs, template)


def _read(body: bytes, head: bytes, model: Interface) -> InferRequest:
    """Read a request as a whole, and remember its text for the next one."""
    document = parse(head)
    root = Members(document.root, "the request")
    binary, timeout_s = read_parameters(root.get("parameters"))
    blobs = Blobs(body, len(head), model)
    inputs = _inputs(document, root, blobs, model)
    blobs.settle()
    wanted = read_outputs(document, root.get("outputs"), binary, model)
    document.settle()
    identity = root.get("id")
    name = identity if isinstance(identity, str) else ""
    template = Template(blobs.taken, wanted.names, wanted.binary, wanted.classes, name, timeout_s)
    if len(blobs.taken) == len(model.inputs):
        model.templates.learn_bytes(head, template)
    elif len(model.inputs) == 1 and len(head) == len(body) and root.get("records") is None:
        parts = [(tensor, 0, len(inputs[tensor.name])) for tensor in model.inputs.values()]
        model.templates.learn_list(body, replace(template, parts=parts))
    return _request(inputs, template)


def _request(inputs: dict[str, np.ndarray], template: Template) -> InferRequest:
    return InferRequest(
        inputs,
        len(next(iter(inputs.values()))),
        template.outputs,
        id=template.id,
        timeout_s=template.timeout_s,
        binary=template.binary,
        classes=template.classes,
    )


def _inputs(document: Document, root: Members, blobs: Blobs, model: Interface) -> dict[str, np.ndarray]:
    """Every input of the model, in its order."""
    entries, records = root.get("inputs"), root.get("records")
    if records is not None:
        if entries is not None:
            raise MalformedRequest("Expected only one of 'inputs' and 'records'. Received both.")
        return _records(document, records, model)
    if not isinstance(entries, simdjson.Array):
        raise MalformedRequest("Expected 'inputs' as a list of tensors. Received " + describe(entries) + ".")
    document.brackets -= 1
    arrays: dict[str, np.ndarray] = {}
    for entry in entries:
        name, array = _input(document, Members(entry, "an input"), blobs, model)
        check_once(name, arrays)
        arrays[name] = array
    return complete(arrays, model)


def _records(document: Document, records: Any, model: Interface) -> dict[str, np.ndarray]:
    """Rows as a person writes them; of a model without fields, objects of raw tensors by input name."""
    if not isinstance(records, simdjson.Array):
        raise WrongType.at("records", "a list of records", describe(records))
    if not len(records):
        raise MalformedRequest("Expected at least one record. Received an empty list at records.")
    check_rows(len(records), model)
    if model.records is None:
        for tensor in model.inputs.values():
            _refuse_half(tensor)
        return named_rows(document, records, model, "records")
    return model.records.decode(records)


def _input(document: Document, entry: Members, blobs: Blobs, model: Interface) -> tuple[str, np.ndarray]:
    name = entry.get("name")
    if not isinstance(name, str):
        raise MalformedRequest("Expected 'name' of an input as a string. Received " + describe(name) + ".")
    tensor = input_named(name, model)
    datatype, shape = entry.get("datatype"), entry.get("shape")
    check_datatype(datatype if isinstance(datatype, str) else describe(datatype), tensor, model)
    document.brackets -= 1
    sizes = shape.as_list() if isinstance(shape, simdjson.Array) else []
    rows = rows_of(sizes, tensor, model, lambda: bytes(shape.mini[:256]).decode(errors="replace") if sizes else "[]")
    data = entry.get("data")
    size = _binary_size(entry.get("parameters"), name)
    if size is not None:
        if data is not None:
            raise MalformedRequest(f"Expected one of 'data' and 'binary_data_size' for input '{name}'. Received both.")
        return name, blobs.take(tensor, size, rows)
    _refuse_half(tensor)
    return name, _data(document, data, tensor, rows, model)


def _refuse_half(tensor: Tensor) -> None:
    if tensor.dtype == "FP16":
        raise Unsupported(
            f"receiving FP16 data via JSON is not supported. Send input '{tensor.name}' as binary data.", status=400
        )


def _binary_size(parameters: Any, name: str) -> int | None:
    """How many bytes an input has behind the JSON; None if it is part of the JSON."""
    if parameters is None:
        return None
    owner = f"input '{name}'"
    given = Members(parameters, f"'parameters' of {owner}")
    refuse_shared_memory(given.keys, owner)
    return whole_number(given, "binary_data_size", owner)


def _data(document: Document, data: Any, tensor: Tensor, rows: int, model: Interface) -> np.ndarray:
    """The rows of an input, nested as the shape says or flat."""
    if not isinstance(data, simdjson.Array):
        raise MalformedRequest(f"Expected 'data' of input '{tensor.name}' as a list. Received {describe(data)}.")
    place = f"inputs.{tensor.name}.data"
    if len(data) and isinstance(data[0], simdjson.Array):
        if len(data) != rows:
            raise WrongShape.at(place, f"{rows} rows as the shape says", len(data))
        array = read_rows(document, data, tensor, place + "[{row}]")
    else:
        count = rows * math.prod(tensor.shape)
        if len(data) != count:
            raise WrongShape.at(place, f"{count} numbers as the shape says", len(data))
        array = read_row(document, data, _flat(tensor.name, tensor.dtype, count), place).reshape(rows, *tensor.shape)
    check(array, tensor, model.bounds.get(tensor.name), f"inputs.{tensor.name}[{{row}}]")
    return array


@lru_cache(maxsize=1024)
def _flat(name: str, dtype: Any, count: int) -> Tensor:
    """A tensor of one axis, which stands for all rows of another; kept, for it takes longer to make than to fill."""
    return Tensor(name=name, dtype=dtype, shape=(count,), description="")
