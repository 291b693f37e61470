"""Thresholds: what a load must hold, and the verdict on each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured of some requests.

    Attributes:
        name: Model and form, or ``total``.
        requests: How many were answered or failed.
        failures: How many of them were not answered, or wrongly.
        p50_ms: Half of them took no longer.
        p95_ms: 95 of 100 took no longer.
        p99_ms: 99 of 100 took no longer.
        per_s: Requests in a second.
        rows_per_s: Rows in a second, of right answers only.
    """

    name: str
    requests: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_s: float
    rows_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one threshold held.

    Attributes:
        threshold: Its name.
        rule: The limit in words.
        measured: What came, with its unit.
        holds: Whether it did.
    """

    threshold: str
    rule: str
    measured: str
    holds: bool

    def __str__(self) -> str:
        """One line for people."""
        if self.holds:
            return f"ok      {self.threshold}: {self.rule}, measured {self.measured}"
        return f"BROKEN  {self.threshold}: Expected {self.rule}. Received {self.measured}."


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits over all requests of a run.

    The defaults are generous: they are for the shape ``smoke`` on two cores that server and load share.

    Attributes:
        max_failures: Most requests that may fail or be answered wrongly.
        max_p95_ms: Longest time for 95 of 100 requests, in milliseconds.
        max_p99_ms: Longest time for 99 of 100 requests, in milliseconds.
    """

    max_failures: int = 0
    max_p95_ms: float = 250.0
    max_p99_ms: float = 500.0

    def judge(self, total: Line) -> list[Verdict]:
        """One verdict a threshold; the first is that there were requests at all."""
        return [
            Verdict("requests", "at least 1", f"{total.requests}", total.requests > 0),
            Verdict(
                "max_failures", f"at most {self.max_failures}", f"{total.failures}", total.failures <= self.max_failures
            ),
            _time("max_p95_ms", self.max_p95_ms, total.p95_ms),
            _time("max_p99_ms", self.max_p99_ms, total.p99_ms),
        ]


def _time(threshold: str, limit: float, measured: float) -> Verdict:
    # three decimals, so that a limit that is broken by little is not shown as equal
    return Verdict(threshold, f"at most {limit:g} ms", f"{measured:.3f} ms", measured <= limit)
