"""Open Inference Protocol V2: tensors as raw bytes, behind the JSON of a request or in place of it.

Elements are little-endian, row-major and without padding; the arrays made of them share the body's memory.

References:
    NVIDIA, *Binary tensor data extension*,
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md (2025).
"""

from __future__ import annotations

import numpy as np

from service.errors import MalformedRequest, WrongShape, WrongType
from service.interface import Interface
from service.protocols.openinference_parameters import everything
from service.request import InferRequest
from service.signature import Tensor
from service.tensors import check, element

JSON_LENGTH = b"inference-header-content-length"
"""The header that says how many bytes of a body, after inflating, are JSON."""

DIGITS = 18
"""More of them count no bytes that a body could have."""


def json_length(value: bytes, size: int) -> int:
    """How many bytes of a body are JSON, after the header's value; 0 is a request without JSON.

    Args:
        value: The header's.
        size: Bytes of the whole body.

    Raises:
        MalformedRequest: It is no number, or the body is shorter.
    """
    shown = value[:40].decode(errors="replace")
    if not value.removeprefix(b"-").isdigit():
        raise MalformedRequest(f"Unable to parse Inference-Header-Content-Length, got: {shown}")
    digits = value.lstrip(b"0")
    length = int(digits or b"0") if len(digits) <= DIGITS else -1
    if not 0 <= length <= size:
        raise MalformedRequest(f"inference header size should be in range (0, {size}), got: {shown}")
    return length


class Blobs:
    """What lies behind the JSON of a body; each binary input takes its part, in the order of the inputs.

    Args:
        body: The whole body.
        start: Where the JSON ends.
        model: Whose inputs they are.

    Attributes:
        taken: What was taken: the tensor, its bytes, its rows.
    """

    __slots__ = ("_at", "_body", "_model", "taken")

    def __init__(self, body: bytes, start: int, model: Interface) -> None:
        self._body = body
        self._at = start
        self._model = model
        self.taken: list[tuple[Tensor, int, int]] = []

    def take(self, tensor: Tensor, size: int, rows: int) -> np.ndarray:
        """The next ``size`` bytes as rows of an input; see ``from_bytes``.

        Raises:
            WrongShape: There are fewer, or the rows need another number of bytes.
        """
        lacking = self._at + size - len(self._body)
        if lacking > 0:
            raise WrongShape(
                f"unexpected size for input '{tensor.name}', expecting {lacking} additional bytes "
                f"for model '{self._model.name}'"
            )
        array = from_bytes(self._body, self._at, size, tensor, rows, self._model)
        self._at += size
        self.taken.append((tensor, size, rows))
        return array

    def settle(self) -> None:
        """Call after the last input.

        Raises:
            MalformedRequest: Bytes are left over.
        """
        if self._at != len(self._body):
            raise MalformedRequest(f"unexpected additional input data for model '{self._model.name}'")


def from_bytes(body: bytes, start: int, size: int, tensor: Tensor, rows: int, model: Interface) -> np.ndarray:
    """Bytes of a body as rows of an input, checked like those that come as JSON.

    Args:
        body: Holds the bytes; it has that many.
        start: Where they begin.
        size: How many they are.
        tensor: The input they are for.
        rows: How many rows the client says they are.
        model: Whose input it is.

    Returns:
        Array of shape [rows, …] and the tensor's dtype; read-only where it shares the body's memory.

    Raises:
        BadInput: Another number of bytes than the rows need, or values that the model does not take.
    """
    expected = rows * tensor.size * tensor.numpy.itemsize
    if size != expected:
        raise WrongShape(
            f"input byte size mismatch for input '{tensor.name}' for model '{model.name}'. "
            f"Expected {expected}, got {size}"
        )
    array = np.frombuffer(body, tensor.numpy, rows * tensor.size, start).reshape(rows, *tensor.shape)
    place = f"inputs.{tensor.name}[{{row}}]"
    if tensor.dtype == "BOOL":
        _check_truth(array.view(np.uint8), place)
    elif not array.flags.aligned:  # the JSON before it may have any length, and engines read whole words
        array = array.copy()
    check(array, tensor, model.bounds.get(tensor.name), place)
    return array


def _check_truth(values: np.ndarray, place: str) -> None:
    wrong = values > 1
    if wrong.any():
        where = tuple(int(index) for index in np.unravel_index(int(wrong.argmax()), wrong.shape))
        raise WrongType.at(element(place, where), "a byte 0 or 1", str(values[where]))


def decode_raw(body: bytes, model: Interface) -> InferRequest:
    """Read a body that is nothing but one row of the model's one input; all outputs are answered as raw bytes.

    Raises:
        BadInput: The model has several inputs, or the bytes are not one row of its input.
    """
    if len(model.inputs) > 1:
        raise MalformedRequest(
            f"Raw request must only have 1 input (found 1) to be deduced but got {len(model.inputs)} inputs "
            f"in '{model.name}' model configuration"
        )
    name, tensor = next(iter(model.inputs.items()))
    wanted = everything(model, binary=True)
    inputs = {name: from_bytes(body, 0, len(body), tensor, 1, model)}
    return InferRequest(inputs, 1, wanted.names, binary=wanted.binary)
