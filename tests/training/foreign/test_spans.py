"""`training.foreign.spans`."""

import math
from typing import Any

import pytest

from training.foreign.spans import Span, number_of, span
from training.signature import Category, Date, Field, Image, Number, Place, Time

COMMON: dict[str, Any] = {"name": "n", "description": "", "fills": (Place("x", 0),)}


def _number(minimum: float | None, maximum: float | None, *, whole: bool = False) -> Number:
    return Number(**COMMON, unit="", minimum=minimum, maximum=maximum, whole=whole)


FIELDS: dict[str, tuple[Field, Span]] = {
    "open": (_number(None, None), Span(-math.inf, math.inf, whole=False)),
    "closed": (_number(-1, 2.5), Span(-1, 2.5, whole=False)),
    "whole": (_number(0, 9, whole=True), Span(0, 9, whole=True)),
    "category": (Category(**COMMON, vocabulary=("a", "b", "c")), Span(0, 2, whole=True)),
    "time": (Time(**COMMON), Span(0, 1439, whole=True)),
    "date": (Date(**COMMON, minimum="1969-12-31", maximum="1970-02-01"), Span(-1, 31, whole=True)),
    "open date": (Date(**COMMON, minimum=None, maximum="1970-01-01"), Span(-math.inf, 0, whole=True)),
    "image": (Image(**COMMON, height=2, width=2), Span(0, 255, whole=True)),
}


@pytest.mark.parametrize(("field", "expected"), FIELDS.values(), ids=FIELDS)
def test_the_numbers_of_a_field(field: Field, expected: Span) -> None:
    """Each kind of field puts into the tensor what `docs/artifact.md` says."""
    assert span(field) == expected
    assert span(field).within(Span(-math.inf, math.inf, whole=False))


def test_within() -> None:
    """A span lies within another if each of its numbers does; fractions are no whole numbers."""
    ten = Span(0, 10, whole=False)
    assert Span(0, 10, whole=True).within(ten)
    assert not ten.within(Span(0, 10, whole=True))
    assert not Span(-1, 10, whole=True).within(ten)
    assert not Span(0, math.inf, whole=True).within(ten)


@pytest.mark.parametrize(
    ("kind", "value", "number"),
    [("closed", 2.5, 2.5), ("whole", 9, 9), ("category", "c", 2), ("time", "05:15", 315), ("date", "1970-01-31", 30)],
)
def test_a_value_stands_for_a_number(kind: str, value: float | str, number: float) -> None:
    """What a record carries becomes the number in the tensor."""
    assert number_of(FIELDS[kind][0], value) == number


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("closed", value) for value in (2.6, "1", -1.1)),
        *(("whole", value) for value in (0.5, 10)),
        *(("category", value) for value in ("d", 1)),
        *(("time", value) for value in ("5:15", "24:00", "05:15:00", 315)),
        *(("date", value) for value in ("1970-02-02", "19700131", "31.1.1970", "1970-02-31", 0)),
        ("image", "iVBOR"),
    ],
)
def test_other_values_stand_for_none(kind: str, value: float | str) -> None:
    """Out of range, of another type, or written in another way."""
    with pytest.raises(ValueError):
        number_of(FIELDS[kind][0], value)
