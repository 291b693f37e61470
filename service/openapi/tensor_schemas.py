"""JSON schemas of tensors: one element, one row, rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from service.fields import limits
from service.openapi.subject import Schema
from service.signature import Tensor
from service.tensors import Bounds

FORMATS = {"FP16": "float", "FP32": "float", "FP64": "double"}
"""Datatypes whose format is not their own name (OpenAPI Format Registry)."""
MAX_PLACES = 64
"""Most elements of a row that are described one by one; a larger row with several ranges gets their hull."""


def element(dtype: str) -> Schema:
    """One element as a model answers it."""
    if dtype == "BOOL":
        return {"type": "boolean"}
    kind = "number" if dtype in FORMATS else "integer"
    return {"type": kind, "format": FORMATS.get(dtype, dtype.lower())}


def given(tensor: Tensor, low: float = -math.inf, high: float = math.inf, whole: bool = False) -> Schema:
    """One element as a model takes it.

    Args:
        tensor: The input.
        low: Smallest value that the model declares.
        high: Largest value that the model declares.
        whole: Whether only whole numbers are allowed.
    """
    schema = element(tensor.dtype)
    if tensor.dtype == "BOOL":
        return schema
    smallest, largest, _ = limits(tensor.numpy)
    ends = {"minimum": _number(max(low, smallest)), "maximum": _number(min(high, largest))}
    return {"type": "integer", **ends} if whole and tensor.dtype in FORMATS else {**schema, **ends}


def loosest(tensor: Tensor, bounds: Bounds | None) -> Schema:
    """An element that may stand at any place of a row."""
    if bounds is None:
        return given(tensor)
    whole = bounds.whole is not None and bool(bounds.whole.all())
    return given(tensor, bounds.low.min(), bounds.high.max(), whole)


def row(tensor: Tensor, bounds: Bounds | None = None) -> Schema:
    """One row of an input, as nested lists of exactly its shape, each element within its range."""
    described = {"description": f"{tensor.description} {tensor.dtype} of shape {list(tensor.shape)}."}
    if bounds is None or tensor.size > MAX_PLACES or _uniform(bounds):
        return {**_nested(tensor.shape, loosest(tensor, bounds)), **described}
    whole = np.zeros(tensor.shape, dtype=bool) if bounds.whole is None else bounds.whole
    ranges = zip(bounds.low.ravel(), bounds.high.ravel(), whole.ravel(), bounds.names, strict=True)
    places = [
        {**given(tensor, low, high, bool(is_whole)), **({"description": name} if name else {})}
        for low, high, is_whole, name in ranges
    ]
    return {**_placed(tensor.shape, places), **described}


def answered(tensor: Tensor) -> Schema:
    """One row of an output."""
    described = {"description": f"{tensor.description} {tensor.dtype} of shape {list(tensor.shape)}."}
    return {**_nested(tensor.shape, element(tensor.dtype)), **described}


def listed(items: Schema, most: int | None = None) -> Schema:
    """A list of at least one."""
    return {"type": "array", "items": items, "minItems": 1, **({} if most is None else {"maxItems": most})}


def exactly(items: Schema, length: int) -> Schema:
    """A list of one length."""
    return {"type": "array", "items": items, "minItems": length, "maxItems": length}


def _uniform(bounds: Bounds) -> bool:
    sides = [bounds.low, bounds.high, *([] if bounds.whole is None else [bounds.whole])]
    return len(set(bounds.names)) == 1 and all((side == side.flat[0]).all() for side in sides)


def _nested(shape: tuple[int, ...], schema: Schema) -> Schema:
    for length in reversed(shape):
        schema = exactly(schema, length)
    return schema


def _placed(shape: tuple[int, ...], places: list[Schema]) -> Schema:
    """Nested lists in which every element has a schema of its own."""
    if not shape:
        return places[0]
    width = len(places) // shape[0]
    parts = [_placed(shape[1:], places[at : at + width]) for at in range(0, len(places), width)]
    return {"type": "array", "prefixItems": parts, "minItems": shape[0], "maxItems": shape[0]}


def _number(value: Any) -> int | float:
    """A whole number without a fraction, where it is one."""
    return int(value) if float(value).is_integer() and abs(value) < 2**64 else float(value)
