"""JSON straight into NumPy: parsed once by a SIMD parser, flattened without a Python object per number.

The parser's flattening forgets where rows end, so the length of every row is checked beside it. Of a body that holds
one tensor and nothing else, that is one comparison: without the letters of its numbers, the text must be the brackets
and commas of that shape. Of others, every row is visited; arrays nested in the place of numbers would pass if they held
as many numbers, and cannot, because the opening brackets of the whole body are counted and compared with the arrays
that were visited.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import simdjson

from service.errors import BadInput, MalformedJson, Unsupported
from service.json_faults import FLAT, explain_row, explain_rows, visit
from service.signature import Tensor

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUMERIC = b"0123456789+-.eE \t\r\n"
"""What numbers and blanks consist of."""
VECTORISED_BYTES = 8 * 1024
"""Text from which NumPy counts faster, for all that it costs to begin."""
EXPLAINED_BYTES = 64 * 1024
"""Longest body that is parsed a second time, slowly, to say where its JSON breaks."""


@dataclass(slots=True)
class Document:
    """A parsed body.

    Attributes:
        root: The parser's view of the top value.
        body: The text.
        brackets: Less than nothing: the opening brackets that visited arrays account for.
        around: The text around the one tensor that the body holds, without ``NUMERIC``; None if it may hold more.
        exact: Whether the whole text was found to be that and a tensor of the shape that was asked for.
        checks: What was read: the parser's array, the arrays visited in it, and what explains a difference.
        reword: Puts what is wrong with a tensor into the dialect's words.
    """

    root: Any
    body: bytes
    brackets: int
    checks: list[tuple[Any, int, Callable[[], None]]]
    around: tuple[bytes, bytes] | None = None
    exact: bool = False
    reword: Callable[[BadInput, Tensor], BadInput] = lambda error, tensor: error

    def settle(self) -> None:
        """Call after reading: finds arrays hidden in the place of numbers."""
        if not self.exact and self.brackets + count_brackets(self.body):
            for value, visited, explain in self.checks:
                if value.mini.count(b"[") != visited:  # it holds numbers only: no text with brackets
                    explain()
        self.checks.clear()  # they hold this document, and it the body: what nobody holds is freed at once


def parse(body: bytes) -> Document:
    """Parse a body as one JSON value.

    Raises:
        MalformedJson: It is not, or nests deeper or holds longer numbers than the parser takes.
    """
    if body.startswith(BYTE_ORDER_MARK):
        raise MalformedJson("JSON Parse error: Invalid value. at offset: 0 (a byte order mark)")
    try:
        root = simdjson.Parser().parse(body)
    except (ValueError, RuntimeError):
        raise MalformedJson(f"JSON Parse error: {_reason(body)}") from None
    return Document(root, body, 0, [])


def count_brackets(body: bytes) -> int:
    """The opening brackets of a text."""
    if len(body) < VECTORISED_BYTES:
        return body.count(b"[")
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == ord("[")))


@functools.lru_cache(maxsize=512)
def skeleton(shape: tuple[int, ...]) -> bytes:
    """What is left of nested lists of numbers without ``NUMERIC``: the brackets and commas of their shape.

    A list of one number looks like an empty one: who compares must count the numbers as well.
    """
    text = b"[" + b"," * (shape[-1] - 1) + b"]"
    for size in reversed(shape[:-1]):
        text = b"[" + (text + b",") * (size - 1) + text + b"]"
    return text


def _is_exact(document: Document, shape: tuple[int, ...]) -> bool:
    """Whether the text is nothing but one tensor of that shape."""
    if document.around is None or not shape or 0 in shape:
        return False
    before, behind = document.around
    document.exact = document.body.translate(None, NUMERIC) == before + skeleton(shape) + behind
    return document.exact


def _reason(body: bytes) -> str:
    if not body.strip():
        return "The document is empty"
    if len(body) <= EXPLAINED_BYTES:
        try:
            json.loads(body)
        except json.JSONDecodeError as error:
            return f"Invalid value. at offset: {error.pos}"
        except (ValueError, RecursionError):
            pass
    return "Invalid value. Expected one JSON value of finite 64-bit numbers and UTF-8 text, at most 1024 deep"


def read_rows(document: Document, value: Any, tensor: Tensor, place: str) -> np.ndarray:
    """Read a JSON list of rows.

    Args:
        document: The body that the value belongs to.
        value: The parser's array, one element a row.
        tensor: The input that the rows are for.
        place: Name of a row in messages, with ``{row}`` for its number.

    Returns:
        Array of shape [rows, …] and the tensor's dtype.

    Raises:
        BadInput: The leaf that fits, naming the first place that does not fit.
        Unsupported: Half precision, which has no JSON form.
    """
    shape = (len(value), *tensor.shape)
    return _read(document, value, tensor, shape, lambda: explain_rows(value, tensor, place))


def read_row(document: Document, value: Any, tensor: Tensor, place: str) -> np.ndarray:
    """Read one row; as ``read_rows`` for a list of one, returning shape ``tensor.shape``."""
    return _read(document, value, tensor, tensor.shape, lambda: explain_row(value, tensor, place))


def _read(
    document: Document, value: Any, tensor: Tensor, shape: tuple[int, ...], find: Callable[[], None]
) -> np.ndarray:
    def explain() -> None:
        try:
            find()
        except BadInput as error:
            raise document.reword(error, tensor) from None

    if tensor.dtype == "FP16":
        raise Unsupported("Half precision has no JSON form; send it as binary data.")
    if not shape or tensor.dtype == "BOOL":
        explain()
        document.brackets -= _count_arrays(value)
        plain = value.as_list() if isinstance(value, simdjson.Array) else value
        return _narrowed(plain, tensor.numpy).reshape(shape)
    if not _is_exact(document, shape):
        visited = visit(value, shape)
        if not visited:
            explain()
        document.brackets -= visited
        document.checks.append((value, visited, explain))
    element_type, buffer_dtype = FLAT[tensor.numpy.kind]
    try:
        flat = np.frombuffer(value.as_buffer(of_type=element_type), dtype=buffer_dtype)
    except (TypeError, ValueError):
        explain()
        raise
    if flat.size != math.prod(shape):
        explain()
    return _cast(flat, tensor, explain).reshape(shape)


def _cast(flat: np.ndarray, tensor: Tensor, explain: Callable[[], None]) -> np.ndarray:
    dtype = tensor.numpy
    if dtype.kind == "f":
        return _narrowed(flat, dtype)
    low, high = _limits(dtype)
    # unsigned ones were read as such
    if flat.size and (np.maximum.reduce(flat) > high or (low and np.minimum.reduce(flat) < low)):
        explain()
    return flat.astype(dtype)


@np.errstate(over="ignore")
def _narrowed(values: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """A copy in a datatype; a number beyond FP32 becomes infinite, and is refused as such."""
    return np.array(values, dtype=dtype)


@functools.cache
def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _count_arrays(value: Any) -> int:
    return 1 + sum(_count_arrays(item) for item in value) if isinstance(value, simdjson.Array) else 0
