"""The search for the capacity, on servers whose curve is known."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.capacity import CLOSE, Search, Step

OBJECTIVE_MS = 50.0


def step(users: int, p99_ms: float = 1.0, *, failures: int = 0, requests: int = 1000, busy: float = 0.5) -> Step:
    """A step with the figures that matter."""
    return Step(users, requests, failures, p99_ms, users * 100.0, users * 300.0, busy)


def searched(server: Callable[[int], Step], most: int = 1000) -> Search:
    """A search to its end; it has one in far fewer steps than there are loads."""
    search = Search(OBJECTIVE_MS, most)
    for _ in range(200):
        if search.over:
            return search
        search.observe(server(search.users))
    raise AssertionError(search.steps)


@given(capacity=st.integers(1, 999))
def test_capacity_of_a_known_server_is_found(capacity: int) -> None:
    """The load that is found keeps the objective, and one user or a tenth more does not."""
    search = searched(lambda users: step(users, OBJECTIVE_MS if users <= capacity else OBJECTIVE_MS + 0.001))
    assert search.found is not None
    assert search.found.keeps(OBJECTIVE_MS)
    above = min(one.users for one in search.steps if not one.keeps(OBJECTIVE_MS))
    assert search.found.users <= capacity < above
    assert above - search.found.users <= max(1, search.found.users // CLOSE)
    assert len(search.steps) <= 24


@given(capacity=st.integers(1, 999))
def test_capacity_is_confirmed(capacity: int) -> None:
    """What is found was measured at least twice, and the last time counts."""
    search = searched(lambda users: step(users, 1.0 if users <= capacity else 99.0))
    assert search.found is search.steps[-1]
    assert sum(one.users == search.steps[-1].users for one in search.steps) >= 2


@given(seed=st.integers(0, 2**32), misses=st.floats(0, 1), most=st.integers(1, 1000))
def test_search_of_any_server_ends(seed: int, misses: float, most: int) -> None:
    """Whatever a server does, the search ends, within its bounds; what it found never missed, nor did less load."""
    chance = Random(seed)
    search = searched(lambda users: step(users, 99.0 if chance.random() < misses else 1.0), most)
    assert all(1 <= one.users <= most for one in search.steps)
    missed = [one.users for one in search.steps if not one.keeps(OBJECTIVE_MS)]
    if search.found is not None:
        assert all(search.found.users < users for users in missed)
    else:
        assert search.reason


def test_load_that_misses_the_second_time_is_not_it() -> None:
    """Where the confirmation misses, the search goes on below, and says that the machine was not steady."""
    tries: list[int] = []

    def server(users: int) -> Step:
        tries.append(users)
        return step(users, 99.0 if users > 8 or (users == 8 and tries.count(8) > 1) else 1.0)

    search = searched(server)
    assert search.found is not None
    assert search.found.users == 7
    assert search.unsteady == [8]


def test_least_load_may_be_too_much() -> None:
    """A server that one user is too much for has no capacity, and the reason says so."""
    search = searched(lambda users: step(users, 51.0))
    assert search.found is None
    assert search.best is None
    assert search.reason == "even 1 user missed the objective"


@pytest.mark.parametrize("wrong", [step(4, failures=1), step(4, requests=0), step(4, 50.001)])
def test_what_misses(wrong: Step) -> None:
    """One wrong answer, no answer at all, or a hair above the objective: missed."""
    assert not wrong.keeps(OBJECTIVE_MS)
    assert searched(lambda users: wrong if users == 4 else step(users)).found == step(3)


def test_bound_is_not_a_capacity() -> None:
    """A server that keeps the objective at the most users allowed could do more: nothing is found."""
    search = searched(step, most=48)
    assert [one.users for one in search.steps] == [1, 2, 4, 8, 16, 32, 48]
    assert search.found is None
    assert "48 users" in search.reason


@pytest.mark.parametrize("p99_ms", [1.0, 99.0])
def test_limit_of_the_load_generator_is_not_the_servers(p99_ms: float) -> None:
    """Once a Locust process is busy all the time, whatever it measures then, the search ends and says so."""
    search = searched(lambda users: step(users, 1.0 if users < 8 else p99_ms, busy=0.1 * users + 0.15))
    assert search.found is None
    assert "load generator" in search.reason
    assert search.best is not None
    assert search.best.users == (8 if p99_ms == 1.0 else 4)
