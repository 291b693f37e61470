"""`training.evaluation.gate`."""

import math

import pytest

from training.config import Bound
from training.evaluation.gate import failures_of


@pytest.mark.parametrize(("value", "met"), [(0.89, False), (0.9, True), (1.0, True), (math.nan, False)])
def test_at_least(value: float, met: bool) -> None:
    """The bound itself passes, less does not, and what is no number does not."""
    assert (failures_of((Bound(metric="x", at_least=0.9),), {"x": value}) == []) is met


@pytest.mark.parametrize(("value", "met"), [(0.91, False), (0.9, True), (0.0, True), (math.nan, False)])
def test_at_most(value: float, met: bool) -> None:
    """The bound itself passes, more does not, and what is no number does not."""
    assert (failures_of((Bound(metric="x", at_most=0.9),), {"x": value}) == []) is met


@pytest.mark.parametrize(("value", "met"), [(1.1, False), (1.0, True), (math.nan, False)])
def test_against_a_baseline(value: float, met: bool) -> None:
    """At least as good as the baseline passes."""
    assert (failures_of((Bound(metric="x", at_most_metric="base"),), {"x": value, "base": 1.0}) == []) is met


def test_every_condition_has_its_sentence() -> None:
    """What is missed is named with its rule and its value, in order; what is met is not."""
    gate = (Bound(metric="x", at_least=0.9), Bound(metric="y", at_least=0), Bound(metric="y", at_most_metric="x"))
    assert failures_of(gate, {"x": 0.5, "y": 0.75}) == [
        "Expected x of at least 0.9. Received 0.5.",
        "Expected y of at most 0.5 (x). Received 0.75.",
    ]
