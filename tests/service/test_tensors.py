"""What holds for a model's input arrays as a whole: finite numbers within the declared ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import BadInput, NotFinite, OutOfRange, WrongType
from service.signature import Signature
from service.tensors import bounds_of, check, element
from tests.toy_signatures import every_kind, field, one_tensor, output, result, signature, tensor


def fitted(*fields: dict[str, Any], dtype: str = "FP32", shape: tuple[int, ...] = (2,)) -> Signature:
    """A model whose input `x` is filled by these fields."""
    outputs, values = [output()], [result("values", "all")]
    return signature(inputs=[tensor("x", dtype, shape)], outputs=outputs, fields=list(fields), result=values)


BOUNDED = fitted(
    field("number", "size", ("x", 0), minimum=-10.0, maximum=10.0),
    field("category", "colour", ("x", 1)),
)
BOUNDS = bounds_of(BOUNDED)["x"]

RANGES: dict[str, tuple[dict[str, Any], tuple[float, float, bool]]] = {
    "open number": (field("number", "n", minimum=1.5), (1.5, np.inf, False)),
    "closed number": (field("number", "n", minimum=-1, maximum=2), (-1, 2, False)),
    "whole number": (field("number", "n", whole=True), (-np.inf, np.inf, True)),
    "category": (field("category", "n", vocabulary=["a", "b", "c", "d"]), (0, 3, True)),
    "time": (field("time", "n"), (0, 1439, True)),
    "date": (field("date", "n", minimum="1970-01-02", maximum="1970-02-01"), (1, 31, True)),
    "open date": (field("date", "n", minimum=None, maximum="1969-12-31"), (-np.inf, -1, True)),
}


@pytest.mark.parametrize(("one", "expected"), RANGES.values(), ids=RANGES)
def test_a_fields_range_is_that_of_its_place(one: dict[str, Any], expected: tuple[float, float, bool]) -> None:
    """Each kind of field bounds the element that it fills, and no other."""
    bounds = bounds_of(fitted(one, field("number", "free", ("x", 1))))["x"]
    whole = bool(bounds.whole[0]) if bounds.whole is not None else False
    assert (bounds.low[0], bounds.high[0], whole) == expected
    assert (bounds.low[1], bounds.high[1]) == (-np.inf, np.inf)
    assert bounds.whole is None or not bounds.whole[1]
    assert bounds.names == ("n", "free")


def test_a_model_without_ranges_has_no_bounds() -> None:
    """Free numbers, and images, whose datatype is their range, cost nothing at a request."""
    assert bounds_of(fitted(field("number", "a", ("x", 0)), field("number", "b", ("x", 1)))) == {}
    assert set(bounds_of(every_kind().signature)) == {"x"}


def test_an_input_has_a_range_of_its_own() -> None:
    """The range of an input without fields holds for every element of it; what is open stays open."""
    chosen = signature(
        inputs=[{**tensor("x", "INT32", (2, 2)), "minimum": 0, "maximum": 9}, {**tensor("z"), "minimum": 1}]
    )
    bounds = bounds_of(chosen)
    check(np.array([[[0, 9], [5, 5]]], np.int32), chosen.inputs[0], bounds["x"], "x[{row}]")
    with pytest.raises(OutOfRange, match=r"^Expected a number from 0 to 9\. Received 10 at x\[0\]\[1\]\[0\]\.$"):
        check(np.array([[[0, 9], [10, 5]]], np.int32), chosen.inputs[0], bounds["x"], "x[{row}]")
    assert bounds["z"].published() == {"minimum": [1, 1], "maximum": [None, None], "whole": [False, False]}


def test_bounds_have_the_inputs_shape() -> None:
    """The position in the flattened row becomes the place in the input."""
    fields = [field("number", f"n{at}", ("x", at), minimum=at) for at in range(6)]
    bounds = bounds_of(fitted(*fields, shape=(2, 3)))["x"]
    assert np.array_equal(bounds.low, np.arange(6).reshape(2, 3))
    with pytest.raises(OutOfRange, match=r"at x\[0\]\[1\]\[2\]\.$") as caught:
        check(np.array([[[0, 1, 2], [3, 4, 4]]], np.float32), one_tensor("FP32", (2, 3)), bounds, "x[{row}]")
    assert caught.value.expected == "a number from 5 to inf for n5"


@given(arrays.arrays(np.float32, (3, 2), elements=st.floats(-12, 12, width=32) | st.sampled_from([0.0, 1.0, 2.0])))
def test_rows_pass_if_and_only_if_every_element_may(rows: np.ndarray) -> None:
    """`check` passes the rows whose sizes are in range and whose colours are indices, and refuses all others."""
    sound = all(abs(size) <= 10 and colour in (0, 1, 2) for size, colour in rows.tolist())
    if sound:
        check(rows, BOUNDED.inputs[0], BOUNDS, "x[{row}]")
    else:
        with pytest.raises(BadInput):
            check(rows, BOUNDED.inputs[0], BOUNDS, "x[{row}]")


@given(st.integers(0, 7), st.integers(0, 1), st.sampled_from([np.nan, np.inf, -np.inf, 11.0, -11.0]))
def test_the_bad_element_is_named(row: int, column: int, value: float) -> None:
    """Wherever one bad number stands among good rows, the message names its row and place."""
    rows = np.ones((8, 2), np.float32)
    rows[row, column] = value
    with pytest.raises((NotFinite, OutOfRange)) as caught:
        check(rows, BOUNDED.inputs[0], BOUNDS, "instances[{row}]")
    assert caught.value.place == f"instances[{row}][{column}]"
    assert isinstance(caught.value, OutOfRange) == bool(np.isfinite(value))


@given(arrays.arrays(np.float32, (4, 2), elements=st.sampled_from([0.0, 1.0, np.nan, 99.0, 0.5])))
def test_a_row_is_judged_alone_as_among_others(rows: np.ndarray) -> None:
    """A batch is refused exactly if one of its rows, alone, is."""

    def refused(part: np.ndarray) -> bool:
        """Whether these rows are."""
        try:
            check(part, BOUNDED.inputs[0], BOUNDS, "x[{row}]")
        except BadInput:
            return True
        return False

    assert refused(rows) == any(refused(rows[at : at + 1]) for at in range(len(rows)))


@pytest.mark.parametrize("dtype", ["FP16", "FP32", "FP64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_must_be_finite_without_any_bounds(dtype: str, value: float) -> None:
    """A model without fields is protected from NaN and infinities all the same."""
    one = one_tensor(dtype)
    rows = np.array([[0, 0], [0, value]], one.numpy)
    with pytest.raises(NotFinite, match=rf"^Expected a finite {dtype} number\. Received -?(nan|inf) at x\[1\]\[1\]\.$"):
        check(rows, one, None, "x[{row}]")


def test_a_fraction_is_no_index() -> None:
    """Half a category is refused as the wrong type, with the value and the place."""
    with pytest.raises(WrongType, match=r"^Expected a whole number\. Received 0\.5 at x\[0\]\[1\]\.$"):
        check(np.array([[0.5, 0.5]], np.float32), BOUNDED.inputs[0], BOUNDS, "x[{row}]")


def test_a_number_just_outside_is_shown_as_it_is() -> None:
    """What came is not rounded into the range in the message that refuses it."""
    value = np.nextafter(np.float32(10), np.float32(11))
    with pytest.raises(OutOfRange, match=r"^Expected a number from -10 to 10 for size\. Received 10\.000001 at"):
        check(np.array([[value, 0]], np.float32), BOUNDED.inputs[0], BOUNDS, "x[{row}]")


@pytest.mark.parametrize("dtype", ["BOOL", "UINT8", "INT64", "FP16"])
def test_ranges_hold_for_every_datatype(dtype: str) -> None:
    """A declared range is kept whatever the tensor is made of, and a row inside it passes."""
    chosen = fitted(field("number", "n", ("x", 0), ("x", 1), minimum=1, maximum=1), dtype=dtype)
    bounds = bounds_of(chosen)["x"]
    check(np.ones((1, 2), chosen.inputs[0].numpy), chosen.inputs[0], bounds, "x[{row}]")
    with pytest.raises(OutOfRange, match=r"x\[0\]\[0\]"):
        check(np.zeros((1, 2), chosen.inputs[0].numpy), chosen.inputs[0], bounds, "x[{row}]")


def test_a_scalar_input_is_named_without_an_index() -> None:
    """A row of no axis is its own place."""
    chosen = fitted(field("number", "n", ("x", 0), maximum=1), shape=())
    with pytest.raises(OutOfRange, match=r"at x\[1\]\.$"):
        check(np.array([0, 2], np.float32), chosen.inputs[0], bounds_of(chosen)["x"], "x[{row}]")


def test_an_element_is_named_by_row_and_indices() -> None:
    """The row goes where the place asks for it, and the other indices behind."""
    assert element("instances[{row}].x", (3, 0, 1)) == "instances[3].x[0][1]"
