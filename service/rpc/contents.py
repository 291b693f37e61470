"""An input's values where they come as a list of numbers, in the field of their datatype."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.errors import MissingInput, OutOfRange, Unsupported, WrongShape, WrongType
from service.interface import Interface
from service.rpc import inference_pb2 as pb
from service.signature import Tensor
from service.tensors import check

FIELDS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
}
"""The field that carries each datatype's numbers. FP16 has none: it comes as raw bytes only."""
WIDE = {"int_contents": np.dtype(np.int32), "uint_contents": np.dtype(np.uint32)}
"""The datatype of a field that several datatypes share."""


def from_numbers(contents: pb.InferTensorContents, tensor: Tensor, rows: int, model: Interface) -> np.ndarray:
    """A list of numbers, flat and row-major, as rows of an input, checked like those that come as bytes.

    Args:
        contents: Holds the numbers.
        tensor: The input they are for.
        rows: How many rows the client says they are.
        model: Whose input it is.

    Returns:
        Array of shape [rows, …] and the tensor's dtype.

    Raises:
        BadInput: There are none, they are in the field of another datatype or more or fewer than the rows need, or
            the model does not take them.
        Unsupported: FP16, status 400.
    """
    wanted = FIELDS.get(tensor.dtype)
    if wanted is None:
        raise Unsupported(
            f"receiving {tensor.dtype} data as a list of numbers is not supported. "
            f"Send input '{tensor.name}' in raw_input_contents.",
            status=400,
        )
    given = [field.name for field, _ in contents.ListFields()]
    if not given:
        raise MissingInput(f"unable to find data for input tensor '{tensor.name}' for model '{model.name}' in request.")
    if given != [wanted]:
        raise WrongType(
            f"unexpected explicit tensor data for input tensor '{tensor.name}' for model '{model.name}' "
            f"in {', '.join(given)}, expected {wanted} for datatype '{tensor.dtype}'"
        )
    numbers: Any = getattr(contents, wanted)
    if len(numbers) != rows * tensor.size:
        raise WrongShape(
            f"Expected {rows * tensor.size} numbers in {wanted} of input '{tensor.name}' as the shape says. "
            f"Received {len(numbers)}."
        )
    place = f"inputs.{tensor.name}"
    array = _narrow(np.fromiter(numbers, WIDE.get(wanted, tensor.numpy), len(numbers)), tensor, place)
    array = array.reshape(rows, *tensor.shape)
    check(array, tensor, model.bounds.get(tensor.name), place + "[{row}]")
    return array


def _narrow(array: np.ndarray, tensor: Tensor, place: str) -> np.ndarray:
    """The same numbers in the tensor's own datatype."""
    if array.dtype == tensor.numpy:
        return array
    info = np.iinfo(tensor.numpy)
    outside = (array < info.min) | (array > info.max)
    if outside.any():
        index = int(outside.argmax())
        row, rest = divmod(index, tensor.size)
        raise OutOfRange.at(
            f"{place}[{row}], element {rest}", f"an {tensor.dtype} from {info.min} to {info.max}", int(array[index])
        )
    return array.astype(tensor.numpy)
