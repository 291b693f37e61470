"""Stages by the clock, and their scaling."""

from __future__ import annotations

import pytest

from loadtests.options import MOST_DURATION_S, MOST_USERS
from loadtests.shapes.stages import Stage, Stages


class Two(Stages):
    """10 users for 20 s, then 40 for 60 s."""

    stages = (Stage(20, 10), Stage(60, 40))


@pytest.mark.parametrize(("time_s", "users"), [(0, 10), (19.9, 10), (20, 40), (79.9, 40), (80, None), (1e9, None)])
def test_clock_decides(time_s: float, users: int | None) -> None:
    """Each stage lasts as long as it says; after the last the load is over."""
    assert Two().users_at(time_s) == users


def test_fit_keeps_proportions() -> None:
    """Fewer users and less time shrink every stage alike."""
    shape = Two()
    shape.fit(users=4, duration_s=8)
    assert shape.stages == (Stage(2, 1), Stage(6, 4))
    assert Two.stages[0].users == 10


def test_fit_without_wishes_changes_nothing() -> None:
    """Without options a shape is what its docstring says."""
    shape = Two()
    shape.fit(None, None)
    assert shape.stages == Two.stages


def test_every_load_is_bounded() -> None:
    """However much is asked for, users and time have an end."""
    shape = Two()
    shape.fit(users=10**9, duration_s=10**9)
    assert max(stage.users for stage in shape.stages) == MOST_USERS
    assert sum(stage.duration_s for stage in shape.stages) == pytest.approx(MOST_DURATION_S)


def test_no_stage_is_empty() -> None:
    """One user is left in every stage, however far a shape is scaled down."""
    shape = Two()
    shape.fit(users=1, duration_s=None)
    assert [stage.users for stage in shape.stages] == [1, 1]


def test_tick_starts_all_users_of_a_stage_at_once() -> None:
    """A stage begins with all its users, not with a ramp."""
    shape = Two()
    shape.reset_time()
    assert shape.tick() == (10, 10.0)
