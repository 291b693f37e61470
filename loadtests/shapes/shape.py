"""What all load shapes share: bounds, an end before the end, and what they need of the users."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from locust import LoadTestShape

from loadtests.busy import Effort
from loadtests.capacity import Search
from loadtests.measurements import Measurements

Collect = Callable[[], Mapping[str, Effort]]
"""Brings the measurements up to date with all processes, and says what effort each of them has made."""


class Shape(LoadTestShape):
    """A load that Locust asks about once a second.

    Attributes:
        think_s: Shortest and longest pause of a user between an answer and its next request.
        mixed: Whether every user asks all models, so that the requests are of one kind at any number of users.
    """

    abstract: ClassVar[bool] = True
    # keeps Locust from warning that --users and --run-time have no effect: `fit` is given them
    use_common_options: ClassVar[bool] = True
    think_s: ClassVar[tuple[float, float]] = (0.005, 0.05)
    mixed: ClassVar[bool] = False
    _ended = False

    @abstractmethod
    def fit(self, users: int | None, duration_s: float | None) -> None:
        """Take the most users at a time and the length of the whole; None for the shape's own."""

    def watch(self, measured: Measurements, collect: Collect, objective_p99_ms: float, window_s: float) -> None:
        """Take what a shape may look at, after `fit` and before the load; most look at the clock only.

        Args:
            measured: Every request of the run.
            collect: Brings them up to date.
            objective_p99_ms: Longest time for 99 of 100 requests.
            window_s: Least time for which a load is measured.
        """

    @property
    def verdict(self) -> Search | None:
        """What stands for the verdict on thresholds, in a shape that searches."""
        return None

    @abstractmethod
    def users_now(self) -> int | None:
        """How many users there are to be from now on; None to end the load."""

    def end(self) -> None:
        """End the load at the next question."""
        self._ended = True

    def tick(self) -> tuple[int, float] | None:
        """What Locust asks once a second: users, and how many of them start in a second."""
        users = None if self._ended else self.users_now()
        # all at once, as far as Locust recommends: a ramp would blur where a stage begins
        return None if users is None else (users, min(float(users), 100.0))
