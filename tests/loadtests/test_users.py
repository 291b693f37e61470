"""Users, in this process and without Locust's own loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadtests.hooks import Hooks
from loadtests.users import MixedUser, ModelUser
from tests.loadtests.double import Double
from tests.loadtests.environments import asking, environment, forget


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What hooks leave behind does not reach the next test."""
    yield
    forget()


def test_same_seed_same_sequence(double: Double, home: Path) -> None:
    """The first user of a class draws the same requests in every run with a seed; the second draws others."""
    prepared = environment(double, home)
    Hooks().prepare(prepared)

    def sequence() -> list[bytes]:
        user = MixedUser(prepared)
        return [user._decks[0].draw(user._random).body for _ in range(50)]

    first, second = sequence(), sequence()
    ModelUser._numbers.clear()
    assert sequence() == first
    assert first != second


def test_right_answers_count_and_wrong_ones_fail(double: Double, home: Path) -> None:
    """A user reports a right answer as a request, and a wrong one as a failure that says both sides."""
    with asking(environment(double, home)) as (user, seen):
        user.ask()
        double.spoil = lambda _: {"predictions": [], "outputs": []}
        user.ask()
    right, wrong = seen
    assert right is None
    assert "Expected" in str(wrong)
    assert "Received" in str(wrong)


def test_silence_is_a_failure(double: Double, home: Path) -> None:
    """A connection that is refused is a failed request, not a crash of the user."""
    with asking(environment(double, home)) as (user, seen):
        user.client.base_url = "http://127.0.0.1:1"
        user.ask()
    assert "Expected an answer" in str(seen[0])


def test_processes_draw_different_requests(double: Double, home: Path) -> None:
    """The first user of one process draws others than that of another; a process alone is as the first of several."""
    prepared = environment(double, home)
    Hooks().prepare(prepared)

    def sequence(runner: Any) -> list[bytes]:
        ModelUser._numbers.clear()
        prepared.runner = runner
        user = MixedUser(prepared)
        return [user._decks[0].draw(user._random).body for _ in range(50)]

    alone, first, second = map(sequence, (None, SimpleNamespace(worker_index=0), SimpleNamespace(worker_index=1)))
    assert alone == first
    assert first != second


def test_rows_are_counted(double: Double, home: Path) -> None:
    """Every request says how many rows it carried."""
    seen: list[int] = []
    with asking(prepared := environment(double, home)) as (user, _):
        prepared.events.request.add_listener(lambda context, **_: seen.append(context["rows"]))
        for _ in range(20):
            user.ask()
    assert len(seen) == 20
    assert min(seen) == 1
    assert max(seen) > 1
