"""Nested JSON values that fit a shape, nearly fit it, or do not, and the plain rule that tells which."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from hypothesis import strategies as st

shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)
"""Shapes of one row."""

INT64_MIN, UINT64_MAX = -(2**63), 2**64 - 1
NUMBERS = (
    st.integers(-3, 300)
    | st.integers(INT64_MIN, UINT64_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e6, 1e6)
)
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, False, "", "1", "[", "]]", {}, {"a": 1}, {"a": [1]}, []])
JSON: st.SearchStrategy[Any] = st.recursive(
    NUMBERS | ODD | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
"""Any JSON value."""
NUMBERS_NESTED: st.SearchStrategy[Any] = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=4), max_leaves=12)
"""Any nesting of numbers."""


def fits(value: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Whether a JSON value has the shape, and elements of the JSON type that a dtype takes."""
    if shape:
        return isinstance(value, list) and len(value) == shape[0] and all(fits(v, shape[1:], dtype) for v in value)
    if dtype.kind == "b":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if dtype.kind == "f":
        return True
    limits = np.iinfo(dtype)
    return isinstance(value, int) and limits.min <= value <= limits.max


@st.composite
def nested_values(draw: st.DrawFn, shape: tuple[int, ...], sound: bool = False) -> Any:
    """A value of the shape, of one kind of element; unless it has to be sound, most are then damaged in one place."""
    elements = draw(st.sampled_from([NUMBERS, st.integers(0, 255), st.booleans(), st.floats(-1e3, 1e3)]))
    value = _filled(draw, shape, elements)
    return value if sound else _damaged(draw, copy.deepcopy(value))


def _filled(draw: st.DrawFn, shape: tuple[int, ...], elements: st.SearchStrategy[Any]) -> Any:
    return [_filled(draw, shape[1:], elements) for _ in range(shape[0])] if shape else draw(elements)


def _damaged(draw: st.DrawFn, value: Any) -> Any:
    way = draw(st.sampled_from(["not at all", "replace", "wrap", "unwrap", "move", "flatten", "any"]))
    if way == "any":
        return draw(NUMBERS_NESTED | JSON)
    if way == "flatten":
        return list(_leaves(value))
    lists = list(_lists(value))
    if way == "not at all" or not lists:
        return value
    chosen = draw(st.sampled_from(lists))
    at = draw(st.integers(0, len(chosen) - 1))
    if way == "replace":
        chosen[at] = draw(JSON)
    elif way == "wrap":
        chosen[at] = [chosen[at]]
    elif way == "unwrap" and isinstance(chosen[at], list):
        chosen[at : at + 1] = chosen[at]
    elif way == "move":  # the same elements in all, elsewhere
        draw(st.sampled_from(lists)).append(chosen.pop(at))
    return value


def _lists(value: Any) -> Any:
    if isinstance(value, list):
        if value:
            yield value
        for item in value:
            yield from _lists(item)


def _leaves(value: Any) -> Any:
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
