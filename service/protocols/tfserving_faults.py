"""What is wrong with a request, in TensorFlow Serving's words.

References:
    ``tensorflow_serving/util/json_tensor.cc``, for the texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import simdjson

from service.errors import (
    BadInput,
    MalformedRequest,
    NotFinite,
    OutOfRange,
    RaggedRows,
    Unsupported,
    WrongShape,
    WrongType,
)
from service.signature import Tensor

QUOTED_BYTES = 256
"""Most of the body that a message repeats, as TensorFlow Serving has it."""
DEFAULT_SIGNATURES = ("", "serving_default")
JSON_TYPES = {"null": "Null", "true": "True", "false": "False", "a list": "Array", "an object": "Object"}
TYPE_NAMES = {"FP16": "half", "FP32": "float", "FP64": "double"}
ROW = re.compile(r"instances\[(\d+)\](\.)?")


def type_name(tensor: Tensor) -> str:
    """TensorFlow's name of a datatype."""
    return TYPE_NAMES.get(tensor.dtype, tensor.dtype.lower())


def json_type(described: str) -> str:
    """RapidJSON's name of the type of a value that ``describe`` has described."""
    return "String" if described.startswith("the string ") else JSON_TYPES.get(described, "Number")


def quote(value: Any) -> str:
    """The start of a JSON value as text."""
    text = value.mini if isinstance(value, simdjson.Object | simdjson.Array) else orjson.dumps(value)
    return bytes(text[:QUOTED_BYTES]).decode(errors="replace")


def is_base64(value: Any) -> bool:
    """Whether a value is ``{"b64": "…"}``: the bytes of one string, and no object of inputs."""
    return isinstance(value, simdjson.Object) and list(value.keys()) == ["b64"] and isinstance(value["b64"], str)


def keys_of(root: Any) -> list[str]:
    """The keys of a body, in its order.

    Raises:
        MalformedRequest: It is no object, or has a key twice.
    """
    if not isinstance(root, simdjson.Object):
        raise MalformedRequest(f"JSON Value: {quote(root)} Is not object")
    keys = list(root.keys())
    if len(keys) > 1 and len(set(keys)) != len(keys):
        raise MalformedRequest("Expected each key once. Received a key twice.")
    return keys


def signature_name(root: Any) -> str:
    """The signature that a body names.

    Raises:
        WrongType: It is no string.
    """
    name = root["signature_name"]
    if not isinstance(name, str):
        raise WrongType("'signature_name' key must be a string value.")
    return name


def check_signature(name: str) -> None:
    """Refuse a signature that no model has.

    Raises:
        MalformedRequest: It is none of the default's names.
    """
    if name not in DEFAULT_SIGNATURES:
        raise MalformedRequest(f'Serving signature name: "{name[:QUOTED_BYTES]}" not found in signature def')


def reworded(error: BadInput, tensor: Tensor) -> BadInput:
    """What is wrong with a tensor, and in which row of ``instances`` if it is one."""
    return error.reworded(f"{_element(error.place, tensor)}{_text(error, tensor)} at {error.place}")


def _element(place: str, tensor: Tensor) -> str:
    row = ROW.match(place)
    if row is None:
        return ""
    key = f" key: {tensor.name}" if row[2] else ""
    return f"Failed to process element: {row[1]}{key} of 'instances' list. Error: "


def _text(error: BadInput, tensor: Tensor) -> str:
    if isinstance(error, WrongShape | RaggedRows):
        return _shape_text(error, tensor)
    if isinstance(error, WrongType):
        return mistyped(str(error.received), tensor)
    if isinstance(error, OutOfRange):
        return f"{mistyped(str(error.received), tensor)}, {error.expected}"
    return error.sentence


def _shape_text(error: BadInput, tensor: Tensor) -> str:
    received = error.received
    if isinstance(received, list):
        return _sizes(received, tensor)
    if received.startswith("the number "):
        return f"{_sizes([], tensor)}, {received}"
    if isinstance(error, WrongShape) and json_type(received) != "Number":
        return f"{mistyped(received, tensor)}, {error.expected}"
    return f"Encountered list at unexpected size: expecting {error.expected}, got {received}"


def _sizes(received: list[int], tensor: Tensor) -> str:
    text = f"Expecting shape {compact(tensor.shape)} but got: {compact(received)}"
    size = math.prod(received)
    return text if size == tensor.size else f"Expecting tensor size: {tensor.size} but got: {size}. {text}"


def compact(shape: tuple[int, ...] | list[int]) -> str:
    """A shape as TensorFlow Serving writes it: ``[28,28]``."""
    return f"[{','.join(map(str, shape))}]"


def mistyped(described: str, tensor: Tensor) -> str:
    """A described value has a JSON type that the tensor does not take."""
    shown = described.removeprefix("the string ")
    return f"JSON Value: {shown} Type: {json_type(described)} is not of expected type: {type_name(tensor)}"


def unconvertible(error: Unsupported, value: Any) -> Unsupported:
    """Half precision, which has no JSON form in this dialect."""
    return error.reworded(
        f"Conversion of JSON Value: {quote(value)} to type: half is not served: half precision has no JSON form. "
        "Send it as binary data to the infer call under /v2."
    )


def lossy(error: NotFinite, array: np.ndarray, tensor: Tensor, row_of: Callable[[int], Any]) -> BadInput:
    """A number that is too large for FP32.

    Args:
        error: What ``tensors.check`` says of it.
        array: Rows of ``tensor``, shape [rows, …].
        tensor: The input they are for.
        row_of: The JSON that a row was read from.
    """
    finite = np.isfinite(array).reshape(len(array), -1)
    row = int(finite.all(axis=1).argmin())
    value = row_of(row)
    plain = value.as_list() if isinstance(value, simdjson.Array) else value
    number = np.asarray(plain, dtype=np.float64).reshape(-1)[finite[row].argmin()]
    return error.reworded(
        f"Cannot convert JSON value: {float(number)!r} to {type_name(tensor)} without loss of precision "
        f"at {error.place}"
    )
