"""How an answer is compared with what was expected: exactly, but for numbers and what is said to be open."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

NEAR = {"rel_tol": 1e-4, "abs_tol": 1e-5}
"""Answers of one row in batches of different size may differ by rounding, on engines that are not bit-equal."""


class World(Protocol):
    """What an expectation may depend on."""

    def known(self, expected: Known) -> Any:
        """The value of a known answer."""
        ...

    def text(self, text: str) -> str:
        """A text with its placeholders filled."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """The answer that the server gave to golden rows, in one of the dialects' forms.

    Attributes:
        model: The model.
        rows: Numbers of golden rows.
        form: ``rows`` as `predictions`; ``columns`` as `outputs`; ``tensors`` as the V2 list with flat data;
            ``flat:OUTPUT`` for all numbers of one output, ``number:OUTPUT`` for its first; ``records`` as
            `predictions` of records, ``record`` as the first of them.
    """

    model: str
    rows: Sequence[int] = (0,)
    form: str = "rows"


@dataclass(frozen=True, slots=True)
class Has:
    """An object that has at least these keys."""

    keys: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Each:
    """A list, each element of which fits; not empty."""

    element: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A value that keeps a rule.

    Attributes:
        sentence: The rule, for people.
        holds: Whether a value keeps it.
    """

    sentence: str
    holds: Callable[[Any], bool]


ANYTHING = Rule("anything", lambda value: True)
TEXT = Rule("a string with something in it", lambda value: isinstance(value, str) and bool(value))
COUNT = Rule("a whole number from 0", lambda value: type(value) is int and value >= 0)
NUMBER = Rule("a finite number", lambda v: isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v))


def mismatch(expected: Any, received: Any, world: World, place: str = "$") -> str:
    """Say what is wrong with an answer; empty if nothing is.

    Keys, lengths, strings and booleans must be equal; numbers near each other, a fraction for a whole number
    included, since 1 and 1.0 are one number in JSON.
    """
    if isinstance(expected, Known):
        expected = world.known(expected)
    if isinstance(expected, Rule):
        return "" if expected.holds(received) else f"{place}: expected {expected.sentence}, received {_short(received)}"
    if isinstance(expected, Has):
        return _object(expected.keys, received, world, place, exact=False)
    if isinstance(expected, dict):
        return _object(expected, received, world, place, exact=True)
    if isinstance(expected, Each):
        sound = isinstance(received, list) and received
        expected = [expected.element] * len(received) if sound else "a list with something in it"
    if isinstance(expected, list | tuple):
        return _list(expected, received, world, place)
    return "" if _same(expected, received, world) else f"{place}: expected {expected!r}, received {_short(received)}"


def _same(expected: Any, received: Any, world: World) -> bool:
    if isinstance(expected, str):
        return bool(received == world.text(expected))
    if isinstance(expected, bool) or isinstance(received, bool) or expected is None:
        return expected is received
    return isinstance(received, int | float) and math.isclose(expected, received, **NEAR)


def _object(expected: dict[str, Any], received: Any, world: World, place: str, *, exact: bool) -> str:
    if not isinstance(received, dict):
        return f"{place}: expected an object, received {_short(received)}"
    missing = [key for key in expected if key not in received]
    extra = [key for key in received if key not in expected] if exact else []
    if missing or extra:
        return f"{place}: keys missing {missing}, not expected {extra}"
    faults = (mismatch(value, received[key], world, f"{place}.{key}") for key, value in expected.items())
    return next((fault for fault in faults if fault), "")


def _list(expected: Sequence[Any], received: Any, world: World, place: str) -> str:
    if not isinstance(received, list):
        return f"{place}: expected a list, received {_short(received)}"
    if len(expected) != len(received):
        return f"{place}: expected {len(expected)} elements, received {len(received)}: {_short(received)}"
    faults = (
        mismatch(one, other, world, f"{place}[{index}]")
        for index, (one, other) in enumerate(zip(expected, received, strict=True))
    )
    return next((fault for fault in faults if fault), "")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"
