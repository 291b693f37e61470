"""A few requests that belong together, and what must hold of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tests.conformance.expectation import NEAR
from tests.conformance.outcome import Outcome
from tests.conformance.target import Target


@dataclass(frozen=True, slots=True)
class Scenario:
    """A check of a server.

    Attributes:
        name: What must hold.
        check: Raises AssertionError where it does not.
        model: The model that the server must have.
        needs: What the server must allow besides, words of ``Target.can``.
        slow: Whether it takes seconds.
    """

    name: str
    check: Callable[[Target], None]
    model: str = "xor"
    needs: tuple[str, ...] = ()
    slow: bool = False


def run(scenario: Scenario, target: Target) -> Outcome:
    """Check one scenario on a server."""
    reason = target.lacks(scenario.model, *scenario.needs)
    if reason:
        return Outcome(scenario.name, skipped=reason)
    try:
        scenario.check(target)
    except AssertionError as error:
        return Outcome(scenario.name, fault=str(error) or "an assertion failed")
    except (OSError, KeyError, ValueError, TypeError) as error:
        return Outcome(scenario.name, fault=f"{type(error).__name__}: {error}")
    return Outcome(scenario.name)


def near(one: float, other: float) -> bool:
    """Whether two numbers are the same answer."""
    return math.isclose(one, other, **NEAR)
