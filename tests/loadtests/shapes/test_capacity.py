"""The shape that searches, on a clock and a server of the test's own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loadtests.busy import Effort
from loadtests.measurements import Measurements
from loadtests.options import MOST_DURATION_S, MOST_USERS
from loadtests.shapes import capacity
from loadtests.shapes.capacity import ENOUGH, LONGEST_S, SETTLE_S, Capacity


class Clocked(Capacity):
    """The shape with a server that answers `per_user_s` requests of each user in a second.

    Up to `limit` users they take 1 ms, beyond it 99 ms.
    """

    limit = 6
    per_user_s = 300
    busy = 0.5
    failure: str | None = None
    now_s = 0.0
    collected_s = 0.0

    def get_run_time(self) -> float:
        return self.now_s

    def gather(self) -> Mapping[str, Effort]:
        """What the users did since the last time."""
        users = self.search.users
        for _ in range(round((self.now_s - self.collected_s) * users * self.per_user_s)):
            self._measured.add("toy infer", 1.0 if users <= self.limit else 99.0, self.failure, rows=2)
        self.collected_s = self.now_s
        return {"alone": Effort(self.busy * self.now_s, self.now_s)}

    def run(self, users: int | None = None, duration_s: float | None = None, window_s: float = 3) -> None:
        """Ask once a second until the end, as Locust does."""
        self.fit(users, duration_s)
        self.watch(Measurements(), self.gather, 50.0, window_s)
        while self.tick() is not None:
            self.now_s += 1


def test_capacity_is_found_by_the_clock() -> None:
    """On a server for six users the search ends at six, each step with its own requests only."""
    shape = Clocked()
    shape.run()
    found = shape.verdict.found
    assert found is not None
    assert (found.users, found.p99_ms) == (6, 1.0)
    assert shape.busy == found.busy
    assert all(
        step.requests == max(3, -(-ENOUGH // (step.users * 300))) * step.users * 300 for step in shape.search.steps
    )


def test_slow_server_is_judged_by_what_it_has() -> None:
    """A step that never sees enough requests has an end."""
    shape = Clocked()
    shape.per_user_s = 1
    shape.run(duration_s=SETTLE_S + LONGEST_S)
    (only,) = shape.search.steps
    assert only.requests == LONGEST_S


def test_failure_ends_a_step_at_once() -> None:
    """One wrong answer decides a step; it need not last any longer."""
    shape = Clocked()
    shape.failure = "wrong"
    shape.run(window_s=10)
    assert shape.now_s == SETTLE_S + 1
    assert "even 1 user" in shape.search.reason


def test_time_has_an_end() -> None:
    """A search that is not over in time gives up with a reason."""
    shape = Clocked()
    shape.run(duration_s=12)
    assert shape.now_s == 12
    assert "12 s" in shape.search.reason


@pytest.mark.parametrize(("users", "most"), [(None, 256), (40, 40), (10**9, MOST_USERS)])
def test_every_search_is_bounded(users: int | None, most: int) -> None:
    """No load is higher than the bound, whatever is asked for."""
    shape = Clocked()
    shape.limit = 10**9
    shape.per_user_s = 4
    shape.fit(users, 10**9)
    assert str(shape) == f"at most {most} users for at most {MOST_DURATION_S} s"


def test_shape_is_what_its_docstring_says() -> None:
    """256 users, 15 minutes, no pauses, one kind of user."""
    assert (capacity.USERS, capacity.DURATION_S) == (256, 15 * 60)
    assert capacity.__doc__ is not None
    assert "at most 256 users for at most 15 minutes" in capacity.__doc__
    assert Capacity.think_s == (0.0, 0.0)
    assert Capacity.mixed
