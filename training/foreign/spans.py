"""The numbers that a field may put into a tensor."""

import math
import re
from dataclasses import dataclass
from datetime import date

from training.signature import Category, Date, Field, Image, Number, Time

_EPOCH = date(1970, 1, 1)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True)
class Span:
    """From `low` to `high`, inclusive; infinite where open; `whole` for whole numbers only."""

    low: float
    high: float
    whole: bool

    def __str__(self) -> str:
        """In words."""
        return f"{'whole numbers' if self.whole else 'numbers'} from {self.low:g} to {self.high:g}"

    def within(self, other: "Span") -> bool:
        """Whether all of these are numbers of the other span too."""
        return other.low <= self.low and self.high <= other.high and (self.whole or not other.whole)


def span(field: Field) -> Span:
    """The numbers that stand for the values of a field; days and minutes as `docs/artifact.md` counts them.

    Raises:
        ValueError: If a bound is no date.
    """
    match field:
        case Number():
            low = -math.inf if field.minimum is None else field.minimum
            return Span(low, math.inf if field.maximum is None else field.maximum, field.whole)
        case Date():
            low = -math.inf if field.minimum is None else _days(field.minimum)
            return Span(low, math.inf if field.maximum is None else _days(field.maximum), whole=True)
        case Category():
            return Span(0, len(field.vocabulary) - 1, whole=True)
        case Image():
            return Span(0, 255, whole=True)
        case _:
            return Span(0, 24 * 60 - 1, whole=True)


def number_of(field: Field, value: float | str) -> float:
    """The number that stands for a value as a record carries it.

    Raises:
        ValueError: If it is none of the field's values.
    """
    number = _number_of(field, value)
    if not Span(number, number, whole=number % 1 == 0).within(span(field)):
        raise ValueError
    return number


def _number_of(field: Field, value: float | str) -> float:
    match field, value:
        case Number(), float() | int():
            return value
        case Category(), str():
            return field.vocabulary.index(value)
        case Date(), str():
            return _days(value)
        case Time(), str() if found := _TIME.fullmatch(value):
            return int(found[1]) * 60 + int(found[2])
    raise ValueError


def _days(text: str) -> int:
    day = date.fromisoformat(text)
    if day.isoformat() != text:  # Python reads more forms than one
        raise ValueError
    return (day - _EPOCH).days
