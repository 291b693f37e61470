"""Answers are compared exactly, but for rounding and for what is said to be open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.case import strict_json
from tests.conformance.expectation import ANYTHING, COUNT, NUMBER, TEXT, Each, Has, Known, mismatch


class World:
    """One known answer, and one placeholder."""

    def known(self, expected: Known) -> Any:
        return [[0.25], [0.75]]

    def text(self, text: str) -> str:
        return text.replace("$XOR", "3")


SAME: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1}),
    (1, 1.0),
    (0.1, 0.100001),
    (True, True),
    (None, None),
    ("version $XOR", "version 3"),
    (ANYTHING, {"what": "ever"}),
    (Has({"a": 1}), {"a": 1, "b": 2}),
    (Each(Has({"a": COUNT})), [{"a": 1}, {"a": 2, "b": 3}]),
    (Known("xor"), [[0.25], [0.75]]),
    ([NUMBER, TEXT], [1.5, "text"]),
]
OTHER: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1, "b": 2}),
    ({"a": 1, "b": 2}, {"a": 1}),
    ({}, []),
    ([1], [1, 2]),
    ([], {}),
    (1, "1"),
    (1, True),
    (True, 1),
    (None, 0),
    (0.1, 0.1002),
    ("version $XOR", "version 4"),
    (Has({"a": 1}), {"b": 1}),
    (Each(COUNT), []),
    (Each(COUNT), [1, -1]),
    (COUNT, 1.0),
    (COUNT, True),
    (NUMBER, "1"),
    (NUMBER, float("inf")),
    (TEXT, ""),
    (Known("xor"), [[0.25], [0.7]]),
]


@pytest.mark.parametrize(("expected", "received"), SAME)
def test_what_is_the_same_has_no_mismatch(expected: Any, received: Any) -> None:
    """An answer that fits has nothing said of it."""
    assert mismatch(expected, received, World()) == ""


@pytest.mark.parametrize(("expected", "received"), OTHER)
def test_what_differs_is_told(expected: Any, received: Any) -> None:
    """An answer that does not fit is named, with its place."""
    assert mismatch({"at": expected}, {"at": received}, World()).startswith("$.at")


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", '{"a": -Infinity}', "{", ""])
def test_json_is_strict(text: str) -> None:
    """What most languages do not read as JSON is not read here."""
    with pytest.raises(ValueError):
        strict_json(text)
