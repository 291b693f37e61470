"""Stages: a load that changes by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from loadtests.options import MOST_DURATION_S, MOST_USERS
from loadtests.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a load.

    Attributes:
        duration_s: How long it lasts.
        users: How many there are in it.
    """

    duration_s: float
    users: int


class Stages(Shape):
    """A shape that is a list of stages; a subclass says which."""

    abstract: ClassVar[bool] = True
    stages: tuple[Stage, ...] = ()

    def fit(self, users: int | None, duration_s: float | None) -> None:
        """Scale the stages, keeping their proportions.

        Args:
            users: Most users at a time; None for the shape's own.
            duration_s: Length of the whole; None for the shape's own.
        """
        peak = max(stage.users for stage in self.stages)
        length_s = sum(stage.duration_s for stage in self.stages)
        more = min(users or peak, MOST_USERS) / peak
        longer = min(duration_s or length_s, MOST_DURATION_S) / length_s
        self.stages = tuple(
            Stage(stage.duration_s * longer, max(1, round(stage.users * more))) for stage in self.stages
        )

    def users_at(self, time_s: float) -> int | None:
        """How many users there are at a time after the start; None after the end."""
        for stage in self.stages:
            time_s -= stage.duration_s
            if time_s < 0:
                return stage.users
        return None

    def users_now(self) -> int | None:
        """How many users there are by the clock."""
        return self.users_at(self.get_run_time())  # type: ignore[no-untyped-call]

    def __str__(self) -> str:
        """Users and lengths in words."""
        return ", then ".join(f"{stage.users} users for {stage.duration_s:g} s" for stage in self.stages)
