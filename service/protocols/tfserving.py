"""TensorFlow Serving's REST predict: rows (``instances``), columns (``inputs``), and our ``records``.

References:
    TensorFlow Serving, *RESTful API*, https://www.tensorflow.org/tfx/serving/api_rest (2024), and
    ``tensorflow_serving/util/json_tensor.cc`` for the texts of its errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import simdjson

from service.errors import (
    BadInput,
    MalformedRequest,
    MissingInput,
    RaggedRows,
    UnknownInput,
    WrongShape,
    WrongType,
)
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document, parse, read_row, read_rows
from service.request import InferRequest, InferResult
from service.signature import Tensor
from service.tensors import check

FORMS = ("records", "instances", "inputs")
JSON_TYPES = {"null": "Null", "true": "True", "false": "False", "a list": "Array", "an object": "Object"}
TYPE_NAMES = {"FP16": "half", "FP32": "float", "FP64": "double", "BOOL": "bool"}


def decode(body: bytes, model: Interface) -> InferRequest:
    """Read the body of a predict call.

    Raises:
        BadInput: In TensorFlow Serving's words, where it has any, naming the place.
        TooLarge: More rows than allowed.
    """
    document = parse(body)
    document.reword = _reworded
    form = _form(document.root)
    value = document.root[form]
    if form == "instances":
        inputs = _rows(document, value, model)
    elif form == "inputs":
        inputs = _columns(document, value, model)
    else:
        inputs = _records(document, value, model)
    document.settle()
    return InferRequest(inputs, len(next(iter(inputs.values()))), model.output_names, form=form)


def _form(root: Any) -> str:
    """Which of the forms a body has."""
    if not isinstance(root, simdjson.Object):
        raise MalformedRequest(f"JSON Value: {_quote(root)} Is not object")
    keys = list(root.keys())
    if len(set(keys)) != len(keys):
        raise MalformedRequest("Expected each key once. Received a key twice.")
    if "signature_name" in keys:
        _check_signature(root["signature_name"])
    forms = [form for form in FORMS if form in keys]
    if len(forms) > 1:
        raise MalformedRequest("Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")
    if not forms:
        raise MalformedRequest("Missing 'inputs' or 'instances' key, or 'records'")
    return forms[0]


def _check_signature(name: Any) -> None:
    if not isinstance(name, str):
        raise WrongType("'signature_name' key must be a string value.")
    if name not in ("", "serving_default"):
        raise MalformedRequest(f'Serving signature name: "{name[:256]}" not found in signature def')


def _rows(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not isinstance(value, simdjson.Array):
        raise WrongType("Expecting 'instances' to be an list/array")
    if not len(value):
        raise MalformedRequest("No values in 'instances' array")
    model.check_rows(len(value))
    if isinstance(value[0], simdjson.Object):
        return named_rows(document, value, model, "instances")
    if len(model.inputs) > 1:
        raise MalformedRequest(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    name, tensor = next(iter(model.inputs.items()))
    return {name: _read(document, value, tensor, model, "instances[{row}]")}


def _read(document: Document, value: Any, tensor: Tensor, model: Interface, place: str) -> np.ndarray:
    """A list of rows of one input, checked."""
    array = read_rows(document, value, tensor, place)
    check(array, tensor, model.bounds.get(tensor.name), place)
    return array


def _reworded(error: BadInput, tensor: Tensor) -> BadInput:
    at = f" at {error.place}"
    if isinstance(error, WrongShape | RaggedRows):
        if isinstance(error.received, list):
            return error.reworded(f"Expecting shape {list(tensor.shape)} but got: {error.received}{at}")
        return error.reworded(
            f"Encountered list at unexpected size: expecting {error.expected}, got {error.received}{at}"
        )
    if isinstance(error, WrongType):
        wanted = TYPE_NAMES.get(tensor.dtype, tensor.dtype.lower())
        return error.reworded(f"JSON Value: {_typed(str(error.received))} is not of expected type: {wanted}{at}")
    return error


def _typed(received: str) -> str:
    """A described value with the name of its JSON type behind it."""
    if received.startswith("the string "):
        return f"{received.removeprefix('the string ')} Type: String"
    return f"{received} Type: {JSON_TYPES.get(received, 'Number')}"


def named_rows(document: Document, value: Any, model: Interface, list_name: str) -> dict[str, np.ndarray]:
    """Rows as objects of all inputs by name."""
    document.brackets -= 1
    rows = len(value)
    arrays = {t.name: np.empty((rows, *t.shape), dtype=t.numpy) for t in model.inputs.values()}
    for row, entry in enumerate(value):
        _check_keys(entry, model, row, list_name)
        for name, tensor in model.inputs.items():
            arrays[name][row] = read_row(document, entry[name], tensor, f"{list_name}[{row}].{name}")
    for name, array in arrays.items():
        check(array, model.inputs[name], model.bounds.get(name), f"{list_name}[{{row}}].{name}")
    return arrays


def _check_keys(entry: Any, model: Interface, row: int, list_name: str) -> None:
    start = f"Failed to process element: {row} of '{list_name}' list. Error: "
    if not isinstance(entry, simdjson.Object):
        raise WrongType(f"{start}JSON Value: {_quote(entry)} Is not object")
    keys = list(entry.keys())
    if len(keys) != len(model.inputs) or any(name not in keys for name in model.inputs):
        missing = [name for name in model.inputs if name not in keys]
        fault = MissingInput if missing else UnknownInput
        raise fault(f"{start}{_quote(entry)} keys must be equal to: {','.join(sorted(model.inputs))}")


def _columns(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not isinstance(value, simdjson.Object):
        if len(model.inputs) > 1:
            raise MissingInput(
                f"Missing named input: {next(iter(model.inputs))} in 'inputs' object. Received {describe(value)}."
            )
        return {name: _column(document, value, t, model, "inputs[{row}]") for name, t in model.inputs.items()}
    keys = list(value.keys())
    for name in model.inputs:
        if keys.count(name) != 1:
            raise MissingInput(f"Missing named input: {name} in 'inputs' object.")
    arrays = {
        name: _column(document, value[name], tensor, model, f"inputs.{name}[{{row}}]")
        for name, tensor in model.inputs.items()
    }
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise WrongShape(f"Expected inputs of the same first dimension. Received {lengths}.")
    return arrays


def _column(document: Document, value: Any, tensor: Tensor, model: Interface, place: str) -> np.ndarray:
    if not isinstance(value, simdjson.Array) or not len(value):
        received = "an empty list" if isinstance(value, simdjson.Array) else describe(value)
        raise WrongShape.at(place.removesuffix("[{row}]"), f"a list of rows of shape {list(tensor.shape)}", received)
    model.check_rows(len(value))
    return _read(document, value, tensor, model, place)


def _records(document: Document, value: Any, model: Interface) -> dict[str, np.ndarray]:
    if not isinstance(value, simdjson.Array):
        raise WrongType.at("records", "a list of records", describe(value))
    if not len(value):
        raise MalformedRequest("Expected at least one record. Received an empty list at records.")
    model.check_rows(len(value))
    if model.records is None:
        return named_rows(document, value, model, "records")
    return model.records.decode(value)


def _quote(value: Any) -> str:
    """The start of a JSON value as text, at most 256 characters as TensorFlow Serving quotes."""
    if isinstance(value, simdjson.Object | simdjson.Array):
        return bytes(value.mini[:256]).decode(errors="replace")
    return describe(value)


def encode(request: InferRequest, result: InferResult, model: Interface) -> bytes:
    """Write the answer in the form of the request. Numbers in their shortest form, whole ones with ``.0``."""
    outputs = result.outputs
    answer: Any
    if request.form == "records" and model.records is not None:
        answer = {"predictions": model.records.encode(outputs, request.rows)}
    elif len(outputs) == 1:
        key = "outputs" if request.form == "inputs" else "predictions"
        answer = {key: next(iter(outputs.values()))}
    elif request.form == "inputs":
        answer = {"outputs": outputs}
    else:
        answer = {"predictions": list(_split(outputs))}
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY, default=_contiguous)


def _split(outputs: dict[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Columns to one object a row."""
    for values in zip(*outputs.values(), strict=True):
        yield dict(zip(outputs, values, strict=True))


def _contiguous(value: Any) -> Any:
    """Arrays that are no single block of memory, which orjson does not take as they are."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    raise TypeError(type(value).__name__)
