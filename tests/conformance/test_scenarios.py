"""The scenarios hold on a real server with everything on."""

from __future__ import annotations

import pytest

from tests.conformance.outcome import Outcome
from tests.conformance.scenarios.groups import GROUPS
from tests.conformance.scenarios.scenario import Scenario, run
from tests.conformance.target import Target

QUICK = [pytest.param(one, id=one.name) for group in GROUPS.values() for one in group if not one.slow]


@pytest.mark.parametrize("scenario", QUICK)
def test_scenario(scenario: Scenario, open_target: Target) -> None:
    """What the scenario says holds."""
    assert run(scenario, open_target) == Outcome(scenario.name)


@pytest.mark.parametrize("error", [AssertionError("apart"), KeyError("apart"), ConnectionError("apart")])
def test_what_does_not_hold_is_a_fault(error: Exception, target: Target) -> None:
    """A scenario that ends with an assertion, or with what an odd answer leads to, has failed."""

    def check(target: Target) -> None:
        raise error

    assert "apart" in run(Scenario("apart", check), target).fault
