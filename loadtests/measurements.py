"""Measurements: every request's time and outcome, kept exactly; Locust's own figures are rounded to milliseconds."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from time import perf_counter

import numpy as np

from loadtests.thresholds import Line

MOST_MESSAGES = 100
"""Most different failures of one model and form that are kept apart; beyond, they are only counted."""


class Measurements:
    """What happened to the requests of one run."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A run begins: forget what was before it."""
        self._times_ms: dict[str, array[float]] = {}
        self._failures: Counter[str] = Counter()
        self._started = perf_counter()
        self._stopped: float | None = None
        # how often each failure came, by model and form
        self.messages: dict[str, Counter[str]] = {}

    def stop(self) -> None:
        """The load is over: rates are counted up to now."""
        self._stopped = perf_counter()

    def add(self, name: str, time_ms: float, failure: object = None) -> None:
        """Count one request.

        Args:
            name: Model and form.
            time_ms: From sending to the end of the answer.
            failure: What went wrong; None if nothing did.
        """
        self._times_ms.setdefault(name, array("d")).append(time_ms)
        if failure is None:
            return
        self._failures[name] += 1
        messages, message = self.messages.setdefault(name, Counter()), str(failure)
        if message in messages or len(messages) < MOST_MESSAGES:
            messages[message] += 1

    def lines(self) -> list[Line]:
        """One line for each model and form."""
        return [self._line(name, [name]) for name in sorted(self._times_ms)]

    def total(self) -> Line:
        """All requests together."""
        return self._line("total", self._times_ms)

    def _line(self, name: str, names: Iterable[str]) -> Line:
        names = list(names)
        times = np.concatenate([np.zeros(0), *(np.frombuffer(self._times_ms[one]) for one in names)])
        elapsed_s = (self._stopped or perf_counter()) - self._started
        failures = sum(self._failures[one] for one in names)
        # a time that was measured, not one between two
        p50, p95, p99 = np.percentile(times, [50, 95, 99], method="higher") if times.size else (0.0, 0.0, 0.0)
        rate = times.size / elapsed_s if elapsed_s > 0 else 0.0
        return Line(name, times.size, failures, float(p50), float(p95), float(p99), rate)
