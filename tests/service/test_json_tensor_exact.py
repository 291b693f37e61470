"""The quick way of a body that is one tensor and nothing else takes and refuses exactly what the careful way does."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ServiceError
from service.json_tensor import NUMERIC, parse, read_rows, skeleton
from service.signature import Tensor
from tests.nested import nested_values
from tests.toy_signatures import one_tensor

SHAPES = st.sampled_from([(1,), (2,), (3,), (1, 1), (2, 3), (3, 1), (1, 3), (2, 1, 2)])
DTYPES = st.sampled_from(["FP32", "UINT8", "INT64"])
BEHIND = b"}"
INSERTS = [
    ",",
    "[",
    "]",
    "[]",
    "[],",
    ",[]",
    "],[",
    "1",
    ",1",
    "null",
    '"1"',
    "{}",
    "true",
    "e",
    " ",
    "-",
    "1.5",
    "300",
]


def outcome(body: bytes, one: Tensor, key: str, around: bool) -> object:
    """The array of a body, or the fault with its words; with what is around the tensor given or not."""
    try:
        document = parse(body)
        if around:
            document.around = (b'{"%b":' % key.encode().translate(None, NUMERIC), BEHIND)
        array = read_rows(document, document.root[key], one, "place[{row}]")
        document.settle()
    except ServiceError as error:
        return type(error), error.code, error.sentence, error.place
    return array.dtype, array.shape, array.tobytes()


def same_both_ways(body: bytes, one: Tensor, key: str = "inputs") -> object:
    """The outcome, which is the same with the quick way and without."""
    quick, careful = (outcome(body, one, key, around) for around in (True, False))
    assert quick == careful
    return quick


def whole(rows: Any, key: str = "inputs") -> bytes:
    """A body of rows, under a key."""
    return json.dumps({key: rows}).encode()


def sound(data: st.DataObject, shape: tuple[int, ...]) -> Any:
    """One to three rows of small whole numbers."""
    rows = (data.draw(st.integers(1, 3)), *shape)
    size = int(np.prod(rows))
    return np.reshape(data.draw(st.lists(st.integers(0, 300), min_size=size, max_size=size)), rows).tolist()


@settings(max_examples=300)
@given(data=st.data(), shape=SHAPES, dtype=DTYPES)
def test_a_text_with_a_mark_elsewhere(data: st.DataObject, shape: tuple[int, ...], dtype: str) -> None:
    """Commas, brackets and values that are added, dropped or moved in a good body have the same outcome both ways."""
    text = json.dumps({"inputs": sound(data, shape)}, separators=(",", data.draw(st.sampled_from([":", " : "]))))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(9, len(text)))
        stop = start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 3]))
        added = data.draw(st.sampled_from(["", *INSERTS]))
        cut, text = text[start:stop], text[:start] + added + text[stop:]
        if data.draw(st.booleans()):
            at = data.draw(st.integers(9, len(text)))
            text = text[:at] + cut + text[at:]
    body = text.encode()
    try:
        keys = list(parse(body).root.keys())
    except (ServiceError, AttributeError):
        return
    if keys == ["inputs"] and isinstance(json.loads(body)["inputs"], list):
        same_both_ways(body, one_tensor(dtype, shape))


@settings(max_examples=200)
@given(data=st.data(), shape=SHAPES, dtype=DTYPES)
def test_rows_that_nearly_fit(data: st.DataObject, shape: tuple[int, ...], dtype: str) -> None:
    """Rows with an element replaced, wrapped, moved to another list or flattened have the same outcome both ways."""
    rows = data.draw(st.lists(nested_values(shape), min_size=1, max_size=3))
    same_both_ways(whole(rows), one_tensor(dtype, shape))


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ((1,), [[], [1, 2]]),
        ((1,), [[], [1]]),
        ((1,), [[1], []]),
        ((1,), [[], []]),
        ((1,), [[[]], [1]]),
        ((2,), [[1], [2, 3, 4]]),
        ((2,), [[1, 2, 3], [4]]),
        ((2,), [[1, 2, 3, 4]]),
        ((2,), [1, 2]),
        ((2,), [[1, [2]]]),
        ((2,), [[1, "2"]]),
        ((2,), [[1, None]]),
        ((2,), [[1, {}]]),
        ((2,), [[True, 1]]),
        ((2, 2), [[[1, 2, 3], [4]]]),
        ((2, 2), [[[1, 2]], [[3, 4], [5, 6], [7, 8]]]),
        ((1, 1), [[[]], [[1]]]),
        ((2,), []),
    ],
)
@pytest.mark.parametrize("dtype", ["FP32", "UINT8"])
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], rows: Any, dtype: str) -> None:
    """Empty rows, ragged rows of the right total, strings, null and objects are refused in the same words both ways."""
    found = same_both_ways(whole(rows), one_tensor(dtype, shape))
    if rows:
        assert isinstance(found, tuple)
        assert isinstance(found[0], type)
        assert issubclass(found[0], ServiceError)


@given(data=st.data(), shape=SHAPES)
def test_a_good_body_takes_the_quick_way(data: st.DataObject, shape: tuple[int, ...]) -> None:
    """Whatever blanks stand in it; the array is NumPy's, and a body with anything beside the tensor goes the other."""
    rows, one = sound(data, shape), one_tensor("INT64", shape)
    for form in ({"separators": (",", ":")}, {"separators": (" , ", " :\n")}, {"indent": "\t"}):
        document = parse(json.dumps({"inputs": rows}, **form).encode())
        document.around = (b'{"inputs":', BEHIND)
        array = read_rows(document, document.root["inputs"], one, "place[{row}]")
        document.settle()
        assert document.exact
        assert np.array_equal(array, rows)
    document = parse(json.dumps({"inputs": rows, "more": "[["}).encode())
    document.around = (b'{"inputs":', BEHIND)
    assert np.array_equal(read_rows(document, document.root["inputs"], one, "place[{row}]"), rows)
    document.settle()
    assert not document.exact


@pytest.mark.parametrize("key", ["instances", "eE1", "inputs"])
def test_a_key_may_hold_letters_of_numbers(key: str) -> None:
    """What is around the tensor is compared without the letters that numbers are written with, and still is the key."""
    one = one_tensor("FP32", (2,))
    for rows in ([[1, 2]], [[1, 2], [3]]):
        same_both_ways(whole(rows, key), one, key)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple))
def test_a_skeleton_is_what_numbers_leave(shape: tuple[int, ...]) -> None:
    """The brackets and commas of a shape are those of any tensor of that shape without its numbers."""
    text = json.dumps(np.ones(shape).tolist(), separators=(",", ":")).encode()
    assert skeleton(shape) == text.translate(None, NUMERIC)
