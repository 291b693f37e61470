"""Open Inference Protocol V2: infer with JSON tensors.

References:
    *Open Inference Protocol*, https://github.com/kserve/open-inference-protocol (2024).
    NVIDIA, *Triton Inference Server protocol extensions*,
    https://github.com/triton-inference-server/server/tree/main/docs/protocol (2025), for the texts of its errors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson
import simdjson

from service.errors import MalformedRequest, MissingInput, TooLarge, UnknownInput, Unsupported, WrongShape, WrongType
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document, parse, read_flat, read_rows
from service.request import InferRequest, InferResult
from service.signature import Tensor
from service.tensors import check

SEQUENCES = ("sequence_id", "sequence_start", "sequence_end")


def decode(body: bytes, model: Interface) -> InferRequest:
    """Read the body of an infer call.

    Raises:
        BadInput: In Triton's words, where it has any, naming the input.
        TooLarge: More rows than allowed, status 400 as Triton answers it.
    """
    document = parse(body)
    root = _object(document.root, "the request")
    _check_parameters(root.get("parameters"))
    entries = root.get("inputs")
    if not isinstance(entries, simdjson.Array):
        raise MalformedRequest("Expected 'inputs' as a list of tensors. Received " + describe(entries) + ".")
    document.brackets -= 1
    arrays: dict[str, np.ndarray] = {}
    for entry in entries:
        name, array = _input(document, _object(entry, "an input"), model)
        if name in arrays:
            raise MalformedRequest(f"Expected each input once. Received '{name}' twice.")
        arrays[name] = array
    _check_all_given(arrays, model)
    rows = _common_rows(arrays)
    wanted = _wanted(document, root.get("outputs"), model)
    document.settle()
    identity = root.get("id")
    inputs = {name: arrays[name] for name in model.inputs}
    return InferRequest(inputs, rows, wanted, id=identity if isinstance(identity, str) else "")


def _object(value: Any, what: str) -> Any:
    if not isinstance(value, simdjson.Object):
        raise MalformedRequest(f"Expected {what} as a JSON object. Received {describe(value)}.")
    keys = list(value.keys())
    if len(set(keys)) != len(keys):
        raise MalformedRequest(f"Expected each key of {what} once. Received a key twice.")
    return value


def _check_parameters(parameters: Any) -> None:
    if parameters is None:
        return
    for key in _object(parameters, "'parameters'"):
        if key.startswith("triton_"):
            raise MalformedRequest("Expected no parameter that begins with 'triton_', which are reserved.")
        if key in SEQUENCES:
            raise Unsupported("Sequences are not served: every request stands alone.")


def _input(document: Document, entry: Any, model: Interface) -> tuple[str, np.ndarray]:
    name = entry.get("name")
    if not isinstance(name, str):
        raise MalformedRequest("Expected 'name' of an input as a string. Received " + describe(name) + ".")
    tensor = model.inputs.get(name)
    if tensor is None:
        raise UnknownInput(f"unexpected inference input '{name[:256]}' for model '{model.name}'")
    datatype = entry.get("datatype")
    if datatype != tensor.dtype:
        received = datatype if isinstance(datatype, str) else describe(datatype)
        raise WrongType(
            f"inference input '{name}' data-type is '{received[:40]}', "
            f"but model '{model.name}' expects '{tensor.dtype}'"
        )
    rows = _rows(document, entry.get("shape"), tensor, model)
    parameters = entry.get("parameters")
    if parameters is not None and "binary_data_size" in _object(parameters, "'parameters'"):
        raise Unsupported("Binary tensors are not served; send the input's data as JSON.")
    if tensor.dtype == "FP16":
        raise Unsupported(
            f"receiving FP16 data via JSON is not supported. Send input '{name}' as binary data.", status=400
        )
    return name, _data(document, entry.get("data"), tensor, rows, model)


def _rows(document: Document, shape: Any, tensor: Tensor, model: Interface) -> int:
    """The batch length that ``shape`` declares."""
    sizes = shape.as_list() if isinstance(shape, simdjson.Array) else []
    document.brackets -= 1
    sound = all(type(size) is int for size in sizes) and tuple(sizes[1:]) == tensor.shape and sizes[:1] > [0]
    if not sound:
        received = bytes(shape.mini[:256]).decode(errors="replace") if sizes else "[]"
        raise WrongShape(
            f"unexpected shape for input '{tensor.name}' for model '{model.name}'. "
            f"Expected {_compact([-1, *tensor.shape])}, got {received}."
        )
    if sizes[0] > model.max_rows:
        raise TooLarge(f"inference request batch-size must be <= {model.max_rows} for '{model.name}'", status=400)
    return int(sizes[0])


def _compact(sizes: list[int]) -> str:
    return orjson.dumps(sizes).decode()


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
        array = read_flat(document, data, tensor, count, place).reshape(rows, *tensor.shape)
    check(array, tensor, model.bounds.get(tensor.name), f"inputs.{tensor.name}[{{row}}]")
    return array


def _check_all_given(arrays: dict[str, np.ndarray], model: Interface) -> None:
    missing = [name for name in model.inputs if name not in arrays]
    if missing:
        got = ",".join(f"'{name}'" for name in arrays)
        lacking = ",".join(f"'{name}'" for name in missing)
        raise MissingInput(
            f"expected {len(model.inputs)} inputs but got {len(arrays)} inputs for model '{model.name}'. "
            f"Got input(s) [{got}], but missing required input(s) [{lacking}]. Please provide all required input(s)."
        )


def _common_rows(arrays: dict[str, np.ndarray]) -> int:
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise WrongShape(f"Expected inputs of the same batch size. Received {lengths}.")
    return next(iter(lengths.values()))


def _wanted(document: Document, outputs: Any, model: Interface) -> tuple[str, ...]:
    """Names of the outputs that are asked for; all if none are named."""
    if outputs is None:
        return model.output_names
    if not isinstance(outputs, simdjson.Array):
        raise MalformedRequest(f"Expected 'outputs' as a list. Received {describe(outputs)}.")
    document.brackets -= 1
    names = []
    for entry in outputs:
        name = _object(entry, "an output").get("name")
        if not isinstance(name, str) or name not in model.outputs:
            shown = name[:256] if isinstance(name, str) else describe(name)
            raise UnknownInput(f"unexpected inference output '{shown}' for model '{model.name}'")
        names.append(name)
    return tuple(dict.fromkeys(names)) or model.output_names


def encode(request: InferRequest, result: InferResult, model: Interface) -> bytes:
    """Write the answer: flat data, row-major, the shape beside it."""
    outputs = [
        {
            "name": name,
            "datatype": model.outputs[name].dtype,
            "shape": result.outputs[name].shape,
            "data": np.ascontiguousarray(result.outputs[name]).reshape(-1),
        }
        for name in request.outputs
    ]
    answer: dict[str, Any] = {"id": request.id} if request.id else {}
    answer |= {"model_name": result.model, "model_version": str(result.version), "outputs": outputs}
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
