"""Capacity: at most 256 users for at most 15 minutes. What is the highest load that keeps the p99 objective?

Users do not pause: each has one request on its way at any time. A step lasts until it has seen enough requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from loadtests.busy import Effort, busiest
from loadtests.capacity import Search, Step
from loadtests.measurements import Mark, Measurements
from loadtests.options import MOST_DURATION_S, MOST_USERS
from loadtests.shapes.shape import Collect, Shape

USERS = 256
DURATION_S = 900
SETTLE_S = 2
"""Time at a new number of users before its requests count: connections open, queues fill or drain."""
ENOUGH = 1000
"""Requests that a step needs: ten of them may be slower than its 99th percentile."""
LONGEST_S = 60
"""A step is judged by what it has after this time, however few requests; a slow server gives no more."""


class Capacity(Shape):
    """The search for the capacity, by the clock and what is measured."""

    think_s: ClassVar[tuple[float, float]] = (0.0, 0.0)
    mixed: ClassVar[bool] = True

    def fit(self, users: int | None, duration_s: float | None) -> None:
        """Bound the search.

        Args:
            users: No load is higher; None for 256.
            duration_s: The search gives up then; None for 900.
        """
        self._most_users = min(users or USERS, MOST_USERS)
        self._length_s = min(duration_s or DURATION_S, MOST_DURATION_S)

    def watch(self, measured: Measurements, collect: Collect, objective_p99_ms: float, window_s: float) -> None:
        """Begin the search."""
        self._measured, self._collect, self._window_s = measured, collect, window_s
        self.search = Search(objective_p99_ms, self._most_users)
        self._began_s: float | None = None
        self._opened: tuple[float, Mark, Mapping[str, Effort]] | None = None

    @property
    def verdict(self) -> Search:
        """The search itself."""
        return self.search

    def users_now(self) -> int | None:
        """The load to try; None once the search is over."""
        now_s = float(self.get_run_time())  # type: ignore[no-untyped-call]
        if self._began_s is None:
            self._began_s = now_s
        if self._opened is None:
            if now_s - self._began_s >= SETTLE_S:
                efforts = self._collect()
                self._opened = (now_s, self._measured.mark(), efforts)
        elif (step := self._step(now_s)) is not None:
            self.search.observe(step)
            self._began_s, self._opened = now_s, None
        if not self.search.over and now_s >= self._length_s:
            self.search.give_up(f"the time of {self._length_s:g} s was over before the search")
        return None if self.search.over else self.search.users

    def _step(self, now_s: float) -> Step | None:
        """What the present load gave; None while that is not known yet."""
        assert self._opened is not None
        opened_s, mark, before = self._opened
        after = self._collect()
        line = self._measured.total(mark)
        elapsed_s = now_s - opened_s
        enough = elapsed_s >= self._window_s and line.requests >= ENOUGH
        if not enough and not line.failures and elapsed_s < LONGEST_S:
            return None
        busy = busiest(before, after)
        users = self.search.users
        return Step(users, line.requests, line.failures, line.p99_ms, line.per_s, line.rows_per_s, busy)

    def __str__(self) -> str:
        """The bounds in words."""
        return f"at most {self._most_users} users for at most {self._length_s:g} s"
