"""What is wrong with JSON that does not fit a tensor, and where. The slow path, taken for refused requests only."""

from __future__ import annotations

from typing import Any

import numpy as np
import simdjson

from service.errors import OutOfRange, RaggedRows, WrongShape, WrongType
from service.signature import Tensor

FLAT: dict[str, tuple[str, str]] = {"f": ("d", "<f8"), "u": ("u", "<u8"), "i": ("i", "<i8")}
"""Kind of dtype to the parser's element type and that of its buffer."""


LEAVES: dict[str, tuple[str, tuple[type, ...]]] = {"f": ("a number", (int, float)), "b": ("true or false", (bool,))}
"""Kind of dtype to what an element must be, in words and types; whole numbers otherwise."""

SURVEYED_ITEMS = 4096
"""Longest list that is looked at item by item to describe its shape."""

SURVEYED_DEPTH = 8
"""Deepest nesting that is told in a message, where the tensor itself is no deeper."""


def visit(value: Any, shape: tuple[int, ...]) -> int:
    """The number of arrays in ``value`` if every length fits ``shape``, else 0."""
    if not isinstance(value, simdjson.Array) or len(value) != shape[0]:
        return 0
    if len(shape) == 1:
        return 1
    count, inner = 1, shape[1:]
    if len(inner) == 1:  # the innermost rows, inlined: this loop is the cost of a large request
        length = inner[0]
        for row in value:
            if not isinstance(row, simdjson.Array) or len(row) != length:
                return 0
        return 1 + shape[0]
    for row in value:
        visited = visit(row, inner)
        if not visited:
            return 0
        count += visited
    return count


def explain_rows(value: Any, tensor: Tensor, place: str) -> None:
    """Raise what is wrong with the first bad row of a list; return if nothing is."""
    for number, row in enumerate(value):
        if _fits(row, tensor):
            continue
        try:
            explain_row(row, tensor, place.replace("{row}", str(number)))
        except WrongShape as error:
            if number or shape_of(value[-1]) != shape_of(row):
                raise RaggedRows.at(error.place, error.expected, error.received) from None
            raise


def _fits(row: Any, tensor: Tensor) -> bool:
    """A quick and sound check of one row, so that explaining one bad row does not walk through all good ones."""
    if not tensor.shape or tensor.dtype == "BOOL":
        return False
    visited = visit(row, tensor.shape)
    if not visited or row.mini.count(b"[") != visited:
        return False
    try:
        flat = np.frombuffer(row.as_buffer(of_type=FLAT[tensor.numpy.kind][0]), dtype=FLAT[tensor.numpy.kind][1])
    except (TypeError, ValueError):
        return False
    return tensor.numpy.kind == "f" or bool(flat.astype(tensor.numpy).astype(flat.dtype).tobytes() == flat.tobytes())


def explain_row(row: Any, tensor: Tensor, place: str) -> None:
    """Raise what is wrong with a row; return if nothing is."""
    shape = shape_of(row, max(SURVEYED_DEPTH, len(tensor.shape) + 1))
    if shape is None:
        raise RaggedRows.at(place, f"shape {list(tensor.shape)}", "rows of different lengths")
    if shape != tensor.shape:
        raise WrongShape.at(place, f"shape {list(tensor.shape)}", list(shape) if shape else _scalar(row))
    _explain_elements(row, tensor.shape, tensor, place)


def _explain_elements(value: Any, shape: tuple[int, ...], tensor: Tensor, place: str) -> None:
    if shape:  # looked at again, item by item: the survey of a long list is of its first item only
        if not isinstance(value, simdjson.Array) or len(value) != shape[0]:
            received = f"a list of {len(value)}" if isinstance(value, simdjson.Array) else describe(value)
            raise RaggedRows.at(place, f"a list of {shape[0]}", received)
        for index, item in enumerate(value):
            _explain_elements(item, shape[1:], tensor, f"{place}[{index}]")
        return
    kind = tensor.numpy.kind
    wanted, allowed = LEAVES.get(kind, ("a whole number", (int,)))
    if type(value) not in allowed:
        raise WrongType.at(place, wanted, describe(value))
    if kind in "ui" and not np.iinfo(tensor.numpy).min <= value <= np.iinfo(tensor.numpy).max:
        limits = np.iinfo(tensor.numpy)
        raise OutOfRange.at(place, f"a whole number from {limits.min} to {limits.max}", value)


def shape_of(value: Any, depth: int = SURVEYED_DEPTH) -> tuple[int, ...] | None:
    """The shape of nested JSON lists; None if rows differ within. Of a long list, the first stands for all."""
    if not isinstance(value, simdjson.Array) or not depth:
        return ()
    if not len(value):
        return (0,)
    items = value if len(value) <= SURVEYED_ITEMS else [value[0]]  # a slice would come as plain lists
    shapes = {shape_of(item, depth - 1) for item in items}
    first = shapes.pop()
    return None if shapes or first is None else (len(value), *first)


def _scalar(value: Any) -> str:
    """A value that stands where a list should, so that a number is not read as a size."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"the number {value!r}" if number else describe(value)


def describe(value: Any) -> str:
    """A short name of a JSON value for messages."""
    if isinstance(value, str):
        return f'the string "{value[:40]}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return repr(value)
    return "a list" if isinstance(value, simdjson.Array | list) else "an object"
