"""Limits and verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtests.thresholds import Line, Thresholds

GOOD = Line("total", requests=10, failures=2, p50_ms=1.0, p95_ms=5.0, p99_ms=9.0, per_s=1.0)
LIMITS = Thresholds(max_failures=2, max_p95_ms=5.0, max_p99_ms=9.0)


def test_a_limit_that_is_reached_holds() -> None:
    """Limits are inclusive."""
    assert all(verdict.holds for verdict in LIMITS.judge(GOOD))


@pytest.mark.parametrize(
    ("key", "value", "threshold"),
    [("failures", 3, "max_failures"), ("p95_ms", 5.001, "max_p95_ms"), ("p99_ms", 9.5, "max_p99_ms")],
)
def test_only_the_broken_threshold_breaks(key: str, value: Any, threshold: str) -> None:
    """Each threshold looks at its own figure, and the verdict names limit and measurement."""
    verdicts = LIMITS.judge(replace(GOOD, **{key: value}))
    (broken,) = [verdict for verdict in verdicts if not verdict.holds]
    assert broken.threshold == threshold
    assert f"{getattr(LIMITS, threshold):g}" in str(broken)
    assert f"{value}" in str(broken)
    assert "BROKEN" in str(broken)


def test_no_requests_are_a_failure() -> None:
    """A run that sent nothing has shown nothing."""
    verdicts = LIMITS.judge(Line("total", 0, 0, 0.0, 0.0, 0.0, 0.0))
    assert [verdict.threshold for verdict in verdicts if not verdict.holds] == ["requests"]


def test_defaults_allow_no_failure() -> None:
    """Unless somebody says otherwise, one wrong answer breaks a run."""
    assert Thresholds().max_failures == 0
