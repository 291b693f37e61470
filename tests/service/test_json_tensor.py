"""JSON straight into NumPy: what fits comes out exactly, and nothing else comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import BadInput, MalformedJson, Unsupported
from service.json_faults import SURVEYED_ITEMS
from service.json_tensor import Document, parse, read_row, read_rows
from tests.nested import JSON, fits, nested_values, shapes
from tests.toy_signatures import one_tensor

DTYPES = ["FP32", "FP64", "UINT8", "UINT64", "INT8", "INT32", "INT64", "BOOL"]
dtypes = st.sampled_from(DTYPES)
Reader = Callable[[Document, Any], np.ndarray]


def read(value: Any, reader: Reader, surplus: str = "") -> np.ndarray:
    """Read a value as a dialect does: out of a body with other keys, and settled at the end."""
    document = parse(json.dumps({"value": value, "surplus": surplus}).encode())
    array = reader(document, document.root["value"])
    document.settle()
    return array


def plain(value: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """What NumPy makes of the same JSON; numbers beyond FP32 become infinite in both."""
    wide = np.asarray(value, dtype=np.float64 if dtype.kind == "f" else dtype)
    with np.errstate(over="ignore"):
        return wide.astype(dtype)


def agrees(value: Any, dtype: np.dtype[Any], shape: tuple[int, ...], reader: Reader, surplus: str) -> None:
    """The value is read exactly if it fits, and refused with `BadInput` and a place if it does not."""
    if fits(value, shape, dtype):
        array = read(value, reader, surplus)
        assert array.dtype == dtype
        assert array.shape == shape
        assert array.tobytes() == plain(value, dtype).tobytes()
    else:
        with pytest.raises(BadInput, match="at place"):
            read(value, reader, surplus)


@settings(max_examples=250)
@given(st.data(), shapes, dtypes, st.sampled_from(["", "[", "][[["]))
def test_rows_are_read_exactly_or_refused(
    data: st.DataObject, shape: tuple[int, ...], dtype: str, surplus: str
) -> None:
    """`read_rows` gives what NumPy gives of the same JSON if its shape fits, and `BadInput` otherwise."""
    rows = data.draw(st.lists(nested_values(shape), max_size=4))
    one = one_tensor(dtype, shape)
    agrees(rows, one.numpy, (len(rows), *shape), lambda d, v: read_rows(d, v, one, "place[{row}]"), surplus)


@settings(max_examples=150)
@given(st.data(), shapes, dtypes, st.sampled_from(["", "["]))
def test_a_row_is_read_exactly_or_refused(
    data: st.DataObject, shape: tuple[int, ...], dtype: str, surplus: str
) -> None:
    """`read_row` gives what NumPy gives of the same JSON if its shape fits, and `BadInput` otherwise."""
    value = data.draw(nested_values(shape))
    one = one_tensor(dtype, shape)
    agrees(value, one.numpy, shape, lambda d, v: read_row(d, v, one, "place"), surplus)


@settings(max_examples=100)
@given(st.data(), st.integers(1, 6), dtypes, st.sampled_from(["", "["]))
def test_a_flat_list_is_read_exactly_or_refused(data: st.DataObject, count: int, dtype: str, surplus: str) -> None:
    """A row that is one flat list takes exactly so many elements."""
    value = data.draw(nested_values((count,)))
    one = one_tensor(dtype, (count,))
    agrees(value, one.numpy, (count,), lambda d, v: read_row(d, v, one, "place"), surplus)


@settings(max_examples=100)
@given(st.lists(JSON, max_size=4), shapes, dtypes)
def test_any_list_is_read_or_refused(rows: list[Any], shape: tuple[int, ...], dtype: str) -> None:
    """Whatever JSON stands where rows are expected, nothing but `BadInput` comes of it unless it fits."""
    one = one_tensor(dtype, shape)
    agrees(rows, one.numpy, (len(rows), *shape), lambda d, v: read_rows(d, v, one, "place[{row}]"), "")


@given(st.data(), shapes, dtypes)
def test_a_row_alone_is_the_row_among_others(data: st.DataObject, shape: tuple[int, ...], dtype: str) -> None:
    """Reading rows together gives bit for bit what reading each alone gives."""
    one = one_tensor(dtype, shape)
    value = data.draw(nested_values(shape, sound=True).filter(lambda value: fits(value, shape, one.numpy)))
    alone = read(value, lambda d, v: read_row(d, v, one, "place"))
    together = read([value] * 3, lambda d, v: read_rows(d, v, one, "place[{row}]"))
    assert [row.tobytes() for row in together] == [alone.tobytes()] * 3


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(-0.0)
@example(1.7976931348623157e308)
def test_every_double_survives_the_wire(number: float) -> None:
    """A finite double written in its shortest form is read back to the bit."""
    array = read([[number]], lambda d, v: read_rows(d, v, one_tensor("FP64", (1,)), "place[{row}]"))
    assert array.tobytes() == np.float64(number).tobytes()


@pytest.mark.parametrize("bad", [[1], [], [1, 2], [[1]], "1", None, {}, {"a": 1}])
@pytest.mark.parametrize("at", [1, 4000, SURVEYED_ITEMS + 500, -1])
@pytest.mark.parametrize("dtype", ["FP32", "UINT8", "BOOL"])
def test_nothing_hides_in_a_long_list(bad: Any, at: int, dtype: str) -> None:
    """A list in the place of one number is refused however far behind it stands, and however many it holds."""
    good: Any = dtype == "BOOL" or 1
    values: list[Any] = [good] * (SURVEYED_ITEMS + 1000)
    values[at] = bad
    one = one_tensor(dtype, (len(values),))
    with pytest.raises(BadInput):
        read([values], lambda d, v: read_rows(d, v, one, "place[{row}]"))
    with pytest.raises(BadInput):
        read(values, lambda d, v: read_row(d, v, one, "place"))


@pytest.mark.parametrize("text", ["1.0", "1e0", "1E2", "-0.0", "0.5"])
@pytest.mark.parametrize("dtype", ["UINT8", "INT64"])
def test_whole_numbers_have_no_fraction_and_no_exponent(text: str, dtype: str) -> None:
    """An integer tensor takes JSON integers only, also if the value is whole."""
    document = parse(f"[[1,{text}]]".encode())
    with pytest.raises(BadInput, match="whole number"):
        read_rows(document, document.root, one_tensor(dtype), "place[{row}]")


@pytest.mark.parametrize("dtype", ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"])
def test_the_limits_of_whole_numbers_are_sharp(dtype: str) -> None:
    """The least and the largest number of a datatype are read; one beyond is `out_of_range` or no JSON number."""
    one = one_tensor(dtype, (1,))
    limits = np.iinfo(one.numpy)
    for number in (int(limits.min), int(limits.max)):
        array = read([[number]], lambda d, v: read_rows(d, v, one, "place[{row}]"))
        assert array.tolist() == [[number]]
    for number in (int(limits.min) - 1, int(limits.max) + 1):
        with pytest.raises(BadInput) as caught:
            read([[number]], lambda d, v: read_rows(d, v, one, "place[{row}]"))
        assert caught.value.code in ("out_of_range", "malformed_json")


def test_half_precision_has_no_json_form() -> None:
    """FP16 is refused as unsupported, not rounded into."""
    with pytest.raises(Unsupported) as caught:
        read([[1, 2]], lambda d, v: read_rows(d, v, one_tensor("FP16"), "place[{row}]"))
    assert (caught.value.status, caught.value.code) == (501, "unsupported")


def test_a_number_beyond_float32_becomes_infinite() -> None:
    """1e39 is a sound JSON number; as FP32 it is infinite, which the check of finite numbers then refuses."""
    assert read(1e39, lambda d, v: read_row(d, v, one_tensor("FP32", ()), "place")) == np.inf
    assert read([[1e39, 1]], lambda d, v: read_rows(d, v, one_tensor(), "place[{row}]"))[0, 0] == np.inf
    assert read([[1e39, 1]], lambda d, v: read_rows(d, v, one_tensor("FP64"), "place[{row}]"))[0, 0] == 1e39


def test_two_inputs_of_one_body_do_not_cover_for_each_other() -> None:
    """Brackets that one list lacks cannot hide lists in another."""
    document = parse(b'{"a":[[1,2]],"b":[[1,[2]]]}')
    one = one_tensor()
    read_rows(document, document.root["a"], one, "a[{row}]")
    read_rows(document, document.root["b"], one_tensor("FP64"), "b[{row}]")
    with pytest.raises(BadInput, match=r"at b\[0\]"):
        document.settle()


def test_an_array_outlives_its_body() -> None:
    """What was read stays as it is when the body and the parser are gone."""
    arrays = []
    for number in range(50):
        document = parse(json.dumps([[number, number]]).encode())
        arrays.append(read_rows(document, document.root, one_tensor("FP64"), "place[{row}]"))
        del document
    assert [array.tolist() for array in arrays] == [[[float(number)] * 2] for number in range(50)]


@pytest.mark.parametrize("body", [b"", b" ", b"\n\t\r "])
def test_an_empty_body_is_told_apart(body: bytes) -> None:
    """A body without anything in it has TensorFlow Serving's own words."""
    with pytest.raises(MalformedJson, match=r"^JSON Parse error: The document is empty$"):
        parse(body)
