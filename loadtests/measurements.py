"""Measurements: every request's time and outcome, kept exactly; Locust's own figures are rounded to milliseconds.

    one process     add, add, …                                                            → total
    several         add, add, … → drain → parcel → another process → merge, merge, …       → total

Merged measurements are the same as those of one process that saw every request.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from loadtests.thresholds import Line

MOST_MESSAGES = 100
"""Most different failures of one model and form that are kept apart; beyond, they are only counted."""
Parcel = Mapping[str, Any]
"""Measurements on their way to another process: built-in types only."""


def requests_in(parcel: Parcel) -> int:
    """How many requests a parcel tells of."""
    return sum(len(times) for times in parcel["times_ms"].values()) // array("d").itemsize


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment in the measurements: how much there was of each kind.

    Attributes:
        requests: By model and form.
        failures: By model and form.
        rows: Rows of right answers.
        at_s: The clock.
    """

    requests: Mapping[str, int]
    failures: Mapping[str, int]
    rows: int
    at_s: float


class Measurements:
    """What happened to the requests of one run."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A run begins: forget what was before it."""
        self._clear()
        self._started = perf_counter()
        self._stopped: float | None = None

    def _clear(self) -> None:
        self._times_ms: dict[str, array[float]] = {}
        self._failures: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        # how often each failure came, by model and form
        self.messages: dict[str, Counter[str]] = {}

    def stop(self) -> None:
        """The load is over: rates are counted up to now."""
        self._stopped = perf_counter()

    def add(self, name: str, time_ms: float, failure: object = None, rows: int = 0) -> None:
        """Count one request.

        Args:
            name: Model and form.
            time_ms: From sending to the end of the answer.
            failure: What went wrong; None if nothing did.
            rows: How many it carried; those of a failure are not counted.
        """
        self._times_ms.setdefault(name, array("d")).append(time_ms)
        if failure is None:
            self._rows[name] += rows
            return
        self._failures[name] += 1
        self._keep(name, str(failure), 1)

    def _keep(self, name: str, message: str, count: int) -> None:
        messages = self.messages.setdefault(name, Counter())
        if message in messages or len(messages) < MOST_MESSAGES:
            messages[message] += count

    def drain(self) -> Parcel:
        """Everything so far, which is forgotten here: no request is ever in two parcels."""
        parcel = {
            "times_ms": {name: times.tobytes() for name, times in self._times_ms.items()},
            "failures": dict(self._failures),
            "rows": dict(self._rows),
            "messages": {name: dict(messages) for name, messages in self.messages.items()},
        }
        self._clear()
        return parcel

    def merge(self, parcel: Parcel) -> None:
        """Add what another process measured."""
        for name, times in parcel["times_ms"].items():
            self._times_ms.setdefault(name, array("d")).frombytes(times)
        self._failures.update(parcel["failures"])
        self._rows.update(parcel["rows"])
        for name, messages in parcel["messages"].items():
            for message, times in messages.items():
                self._keep(name, message, times)

    def mark(self) -> Mark:
        """This moment, for `total`."""
        requests = {name: len(times) for name, times in self._times_ms.items()}
        return Mark(requests, dict(self._failures), self._rows.total(), perf_counter())

    def lines(self) -> list[Line]:
        """One line for each model and form."""
        start = Mark({}, {}, 0, self._started)
        return [self._line(name, [name], start) for name in sorted(self._times_ms)]

    def total(self, since: Mark | None = None) -> Line:
        """All requests together, of the whole run or since a moment in it."""
        return self._line("total", self._times_ms, since or Mark({}, {}, 0, self._started))

    def _line(self, name: str, names: Iterable[str], since: Mark) -> Line:
        names = list(names)
        # copies: an array that numpy looks into cannot grow
        parts = (np.frombuffer(self._times_ms[one])[since.requests.get(one, 0) :] for one in names)
        times = np.concatenate([np.zeros(0), *parts])
        elapsed_s = (self._stopped or perf_counter()) - since.at_s
        failures = sum(self._failures[one] - since.failures.get(one, 0) for one in names)
        rows = sum(self._rows[one] for one in names) - since.rows
        # a time that was measured, not one between two
        p50, p95, p99 = np.percentile(times, [50, 95, 99], method="higher") if times.size else (0.0, 0.0, 0.0)
        per_s = 1 / elapsed_s if elapsed_s > 0 else 0.0
        return Line(name, times.size, failures, float(p50), float(p95), float(p99), times.size * per_s, rows * per_s)
