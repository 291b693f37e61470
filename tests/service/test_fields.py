"""The kinds of a record's fields, from what a person writes to what the tensor holds."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from service.errors import codes
from service.fields import CODES, accepted, annotation, limits
from service.signature import DTYPES, EPOCH, AnyField
from tests.nested import JSON
from tests.toy_signatures import field, output, result, signature, tensor

WORDS = ["United", "Delta", "American", "JetBlue", "été"]


def made(kind: str, **keys: Any) -> AnyField:
    """A field of a kind, as the service reads it."""
    places = (("x", None),) if kind == "image" else (("x", 0),)
    shape = (3, 4) if kind == "image" else (1,)
    one = field(kind, "it", *places, **keys)
    inputs = [tensor("x", "UINT8" if kind == "image" else "FP32", shape)]
    return signature(inputs=inputs, outputs=[output()], fields=[one], result=[result("values", "r")]).fields[0]


def convert(one: AnyField, value: Any) -> Any:
    """What the field's type makes of a value."""
    return TypeAdapter(annotation(one)).validate_python(value, strict=True)


def refused(one: AnyField, value: Any) -> dict[str, Any]:
    """The code word, and what came according to the complaint, of a value that is refused."""
    with pytest.raises(ValidationError) as caught:
        convert(one, value)
    error = caught.value.errors()[0]
    fault = CODES.get(error["type"])
    return {"code": fault.code if fault else "wrong_type", **error.get("ctx", {})}


@given(st.integers(0, 1439))
def test_a_time_is_its_minute_of_the_day(minute: int) -> None:
    """Every minute of the day, written with 24 hours, becomes its number."""
    assert convert(made("time"), f"{minute // 60:02}:{minute % 60:02}") == minute


@pytest.mark.parametrize(
    "value",
    [
        "24:00",
        "12:60",
        "5:15",
        "05:5",
        "0515",
        "05:15:00",
        " 05:15",
        "05:15\n",
        "",
        "\u0660\u0665:\u0661\u0665",
        "-1:00",
        315,
        None,
    ],
)
def test_what_is_no_time_is_refused(value: Any) -> None:
    """A time has five characters, two numbers of two ASCII digits each."""
    assert refused(made("time"), value)["code"] == "wrong_type"


@given(st.dates())
def test_a_date_is_its_days_since_1970(day: date) -> None:
    """Every date, before 1970 as well, becomes whole days, and from them the date again."""
    days = convert(made("date", minimum=None, maximum=None), day.isoformat())
    assert timedelta(days=days) + EPOCH == day


@given(st.dates(date(2012, 1, 1), date(2014, 12, 31)))
def test_dates_outside_their_range_are_refused(day: date) -> None:
    """The range includes its ends, and nothing beside them."""
    one = made("date", minimum="2013-01-01", maximum="2013-12-31")
    if day.year == 2013:
        assert convert(one, day.isoformat()) == (day - EPOCH).days
    else:
        found = refused(one, day.isoformat())
        assert found["code"] == "out_of_range"
        assert found["expected"] == "a date from 2013-01-01 to 2013-12-31"
        assert found["received"] == day.isoformat()


@pytest.mark.parametrize(
    "value",
    ["2013-02-30", "2013-2-3", "20130203", "2013-W22-5", "2013-02-03T00:00", " 2013-02-0", "0000-01-01", 15859, None],
)
def test_what_is_no_date_is_refused(value: Any) -> None:
    """A date is written as year, month and day, and exists."""
    assert refused(made("date"), value)["code"] == "wrong_type"


@pytest.mark.parametrize("word", WORDS)
def test_a_category_is_its_place_in_the_vocabulary(word: str) -> None:
    """Each word becomes its index, and the index leads back to the word."""
    assert WORDS[convert(made("category", vocabulary=WORDS), word)] == word


@given(st.text(max_size=60))
def test_other_words_are_unknown(word: str) -> None:
    """A word outside the vocabulary is refused in a message that is short and shows known words."""
    one = made("category", vocabulary=WORDS)
    if word in WORDS:
        return
    found = refused(one, word)
    assert found["code"] == "unknown_category"
    assert any(known in found["expected"] for known in WORDS)
    assert found["received"] == f'"{word[:40]}"'


def test_an_unknown_word_is_told_the_nearest() -> None:
    """A misspelt word finds the word that was meant in the message."""
    found = refused(made("category", vocabulary=WORDS), "Amercan")
    assert found["expected"].startswith("one of 5 known words, such as American")
    assert refused(made("category", vocabulary=["a", "b"]), "c")["expected"] == "one of 2 known words, such as a, b"


NUMBERS: list[tuple[dict[str, Any], Any, str]] = [
    ({"minimum": 0}, -0.5, "out_of_range"),
    ({"maximum": 10}, 10.5, "out_of_range"),
    ({"maximum": 10, "whole": True}, 11, "out_of_range"),
    ({}, float("nan"), "not_finite"),
    ({}, float("inf"), "not_finite"),
    ({"minimum": 0}, float("nan"), "not_finite"),
    ({}, "1", "wrong_type"),
    ({}, True, "wrong_type"),
    ({}, None, "wrong_type"),
    ({}, [1], "wrong_type"),
    ({"whole": True}, 1.0, "wrong_type"),
    ({"whole": True}, 1.5, "wrong_type"),
    ({"whole": True}, False, "wrong_type"),
    ({"whole": True}, "1", "wrong_type"),
]


@pytest.mark.parametrize(("keys", "value", "code"), NUMBERS)
def test_what_is_no_such_number_is_refused(keys: dict[str, Any], value: Any, code: str) -> None:
    """Text, truth values, fractions and numbers out of range are not taken for numbers."""
    assert refused(made("number", **keys), value)["code"] == code


@given(st.floats(-10, 10) | st.integers(-10, 10))
def test_a_number_in_range_is_itself(number: float) -> None:
    """Both ends of the range are in it, and a number passes unchanged."""
    assert convert(made("number", minimum=-10, maximum=10), number) == number


@given(JSON, st.sampled_from(["number", "category", "time", "date", "image"]))
def test_any_value_is_converted_or_refused(value: Any, kind: str) -> None:
    """No JSON value makes a field fail otherwise than by being refused, in one of our words."""
    one = made(kind)
    try:
        converted = convert(one, value)
    except ValidationError:
        found = refused(one, value)
        assert found["code"] in codes()
        return
    assert np.all(np.isfinite(converted))


@pytest.mark.parametrize("kind", ["number", "category", "time", "date", "image"])
def test_a_field_has_a_json_schema(kind: str) -> None:
    """The type of a field tells clients what to send, with the signature's sentence."""
    schema = TypeAdapter(annotation(made(kind))).json_schema()
    assert schema["description"].startswith("One thing.")
    assert {"type", "oneOf"} & set(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_number_says_its_unit_and_range() -> None:
    """Unit and range are in the schema and in the words for messages."""
    one = made("number", unit="km", minimum=0, maximum=99.5)
    schema = TypeAdapter(annotation(one)).json_schema()
    assert (schema["description"], schema["minimum"], schema["maximum"]) == ("One thing. Unit: km.", 0, 99.5)
    assert accepted(one) == "a number from 0 to 99.5"
    assert accepted(made("number", whole=True)) == "a whole number"


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_limits_of_a_datatype_are_held_by_it(dtype: str) -> None:
    """Both limits survive being stored, and lie in the order of their names."""
    low, high, whole = limits(DTYPES[dtype])
    stored = np.array([low, high]).astype(DTYPES[dtype]) if dtype != "UINT64" else np.array([low, high], np.uint64)
    assert stored.tolist() == [low, high]
    assert low < high
    assert whole == (not dtype.startswith("FP"))
