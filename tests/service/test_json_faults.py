"""What is wrong with JSON that does not fit a tensor, and where."""

from __future__ import annotations

import json
from typing import Any

import pytest
import simdjson
from hypothesis import given
from hypothesis import strategies as st

from service import json_faults
from service.errors import BadInput, OutOfRange, RaggedRows, WrongShape, WrongType
from service.json_faults import describe, explain_row, explain_rows, shape_of, visit
from tests.nested import fits, nested_values, shapes
from tests.toy_signatures import one_tensor


def parsed(value: Any) -> Any:
    """A value as the request parser gives it."""
    return simdjson.Parser().parse(json.dumps([value]).encode())[0]


ROWS: dict[str, tuple[str, list[Any], type[BadInput], str, str]] = {
    "one short": ("FP32", [[1]], WrongShape, "rows[0]", "Expected shape [2]. Received [1]"),
    "second short": ("FP32", [[1, 2], [3]], RaggedRows, "rows[1]", "Expected shape [2]. Received [1]"),
    "first short": ("FP32", [[1], [2, 3]], RaggedRows, "rows[0]", "Expected shape [2]. Received [1]"),
    "a number": ("FP32", [1], WrongShape, "rows[0]", "Expected shape [2]. Received the number 1"),
    "text": ("FP32", ["ab"], WrongShape, "rows[0]", 'Expected shape [2]. Received the string "ab"'),
    "too deep": ("FP32", [[[1, 2]]], WrongShape, "rows[0]", "Expected shape [2]. Received [1, 2]"),
    "ragged within": ("FP32", [[[1], 2]], RaggedRows, "rows[0]", "Received rows of different lengths"),
    "empty": ("FP32", [[]], WrongShape, "rows[0]", "Expected shape [2]. Received [0]"),
    "word": ("FP32", [[1, "a"]], WrongType, "rows[0][1]", 'Expected a number. Received the string "a"'),
    "null": ("FP32", [[1, 2], [None, 2]], WrongType, "rows[1][0]", "Expected a number. Received null"),
    "true": ("FP32", [[True, 2]], WrongType, "rows[0][0]", "Expected a number. Received true"),
    "object": ("FP32", [[{}, 2]], WrongType, "rows[0][0]", "Expected a number. Received an object"),
    "fraction": ("INT8", [[1, 2.0]], WrongType, "rows[0][1]", "Expected a whole number. Received 2.0"),
    "too large": ("UINT8", [[1, 256]], OutOfRange, "rows[0][1]", "from 0 to 255. Received 256"),
    "negative": ("UINT8", [[-1, 2]], OutOfRange, "rows[0][0]", "from 0 to 255. Received -1"),
    "too small": ("INT64", [[1, 2**63]], OutOfRange, "rows[0][1]", f"to {2**63 - 1}. Received {2**63}"),
    "one for true": ("BOOL", [[True, 1]], WrongType, "rows[0][1]", "Expected true or false. Received 1"),
}

DESCRIBED = {
    '"abc"': 'the string "abc"',
    '"' + "a" * 50 + '"': 'the string "' + "a" * 40 + '"',
    "true": "true",
    "false": "false",
    "null": "null",
    "1": "1",
    "-1.5": "-1.5",
    "[1]": "a list",
    '{"a": 1}': "an object",
}


@pytest.mark.parametrize(("dtype", "rows", "fault", "place", "words"), ROWS.values(), ids=ROWS)
def test_the_first_fault_is_named(dtype: str, rows: list[Any], fault: type[BadInput], place: str, words: str) -> None:
    """Each way not to fit has its own code word, and the message says the rule, what came and where."""
    with pytest.raises(fault) as caught:
        explain_rows(parsed(rows), one_tensor(dtype), "rows[{row}]")
    assert type(caught.value) is fault
    assert caught.value.place == place
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(f" at {place}.")


@pytest.mark.parametrize("count", [1, 2, 100])
def test_rows_that_are_all_wrong_alike_are_not_ragged(count: int) -> None:
    """If every row has the same wrong shape, the shape is wrong; the rows do not differ."""
    with pytest.raises(WrongShape):
        explain_rows(parsed([[1, 2, 3]] * count), one_tensor(), "rows[{row}]")


@given(st.data(), shapes, st.sampled_from(["FP32", "FP64", "UINT8", "INT64", "UINT64", "BOOL"]))
def test_a_fault_is_found_if_and_only_if_there_is_one(data: st.DataObject, shape: tuple[int, ...], dtype: str) -> None:
    """`explain_row` passes exactly the values that fit, and raises nothing but `BadInput`."""
    value = data.draw(nested_values(shape))
    one = one_tensor(dtype, shape)
    if fits(value, shape, one.numpy):
        explain_row(parsed(value), one, "x")
        explain_rows(parsed([value, value]), one, "x[{row}]")
    else:
        with pytest.raises(BadInput, match="at x"):
            explain_row(parsed(value), one, "x")
        with pytest.raises(BadInput, match=r"at x\[0\]"):
            explain_rows(parsed([value, value]), one, "x[{row}]")


@pytest.mark.parametrize("place", [0, 1, 5000, json_faults.SURVEYED_ITEMS + 900])
@pytest.mark.parametrize(("dtype", "good"), [("FP32", 1.5), ("UINT8", 1), ("BOOL", True)])
@pytest.mark.parametrize("bad", [[1], [], "a", None, {}])
def test_long_rows_are_looked_at_item_by_item(place: int, dtype: str, good: Any, bad: Any) -> None:
    """A fault far behind the start of a row longer than the survey is found and named."""
    row = [good] * (json_faults.SURVEYED_ITEMS + 1000)
    row[place] = bad
    with pytest.raises((WrongType, RaggedRows, WrongShape)) as caught:
        explain_row(parsed(row), one_tensor(dtype, (len(row),)), "x")
    assert caught.value.place in ("x", f"x[{place}]")
    assert place == 0 or caught.value.place == f"x[{place}]"


@pytest.mark.parametrize("bad", [[1], [1, 2, 3], 1, [[1, 2]], [1, [2]], []])
def test_long_lists_of_rows_are_looked_at_row_by_row(bad: Any) -> None:
    """A row of another shape far behind the start of a tensor longer than the survey is found and named."""
    rows: list[Any] = [[1, 2]] * (json_faults.SURVEYED_ITEMS + 10)
    one = one_tensor("FP32", (len(rows), 2))
    explain_row(parsed(rows), one, "x")
    rows[-2] = bad
    with pytest.raises((RaggedRows, WrongType)) as caught:
        explain_row(parsed(rows), one, "x")
    assert caught.value.place.startswith(f"x[{len(rows) - 2}]")


@pytest.mark.parametrize("depth", range(1, 13))
def test_a_tensor_of_many_axes_is_as_strict(depth: int) -> None:
    """However many axes a tensor has, one list more or less is refused."""
    one = one_tensor("FP32", (1,) * depth)
    value: Any = 1
    for level in range(depth + 3):
        if level == depth:
            explain_row(parsed(value), one, "x")
        else:
            with pytest.raises(WrongShape):
                explain_row(parsed(value), one, "x")
        value = [value]


@given(st.data(), shapes)
def test_the_shape_of_what_fits_is_the_tensors(data: st.DataObject, shape: tuple[int, ...]) -> None:
    """`shape_of` and `visit` agree with the shape of values that have it."""
    value = data.draw(nested_values(shape, sound=True))
    assert shape_of(parsed(value)) == shape
    arrays = json.dumps(value).count("[")
    assert not shape or visit(parsed(value), shape) == arrays


@pytest.mark.parametrize("value", [[[1, 2], [3]], [[], [1]], [1, [2]], [[[1], [2]], [[3], 4]]])
def test_rows_of_different_lengths_have_no_shape(value: Any) -> None:
    """There is no shape to tell where rows differ."""
    assert shape_of(parsed(value)) is None


@pytest.mark.parametrize("value", [1, {}, [1], [1, 2, 3], [[1], 2], [[1, 2], [3]], [[[1], [2]], [[3], [4]]], [[], []]])
def test_only_lists_of_the_right_lengths_are_visited(value: Any) -> None:
    """`visit` counts nothing where a length differs from the shape at any level but the last."""
    assert visit(parsed(value), (2, 2)) == (3 if value == [[[1], [2]], [[3], [4]]] else 0)


@pytest.mark.parametrize(("text", "words"), DESCRIBED.items())
def test_values_have_short_names(text: str, words: str) -> None:
    """A message shows at most forty characters of what came, from the parser or from Python alike."""
    assert describe(simdjson.Parser().parse(f"[{text}]".encode())[0]) == words
    assert describe(json.loads(text)) == words
