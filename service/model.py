"""One name: its versions and their states, its labels, and which version a request gets."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from service.errors import NotReady
from service.version import Version

StateName = Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]
REMEMBERED = 8
"""Versions that have ended and are no longer stored, of which the state is still told."""


@dataclass(frozen=True, slots=True)
class State:
    """Where in its life a version is, in TensorFlow Serving's words, and why if not as it should be.

    Attributes:
        state: START is known and waiting, END is unloaded or refused.
        reason: Why a version waits or was refused; empty if all is well.
    """

    state: StateName
    reason: str = ""


class Model:
    """Finds the version for a request. Changed by the keeper only.

    Attributes:
        ready: Versions that answer, by number.
        labels: Where each label points; always to a version that is ready.
        complaints: What the operator wants and cannot have yet, and why.
        default: What answers requests that name neither version nor label.
        canary: What answers a part of those.
        share: That part, 0 to 1.
        loading: Whether the first version is on its way, so that a request may come again.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: dict[int, Version] = {}
        self.labels: dict[str, int] = {}
        self.complaints: list[str] = []
        self.default: Version | None = None
        self.canary: Version | None = None
        self.share = 0.0
        self.loading = True
        self._marks: dict[int, State] = {}

    def find(self, number: int | None, label: str, *, draw: bool = True) -> Version | None:
        """The version for a request; None if there is none.

        Raises:
            NotReady: It is on its way.
        """
        if label:
            found = self.ready.get(self.labels.get(label, 0))
        elif number is not None:
            found = self.ready.get(number)
        elif draw and self.canary is not None and random.random() < self.share:
            found = self.canary
        else:
            found = self.default
        if found is None and (self.loading or (number is not None and self.state(number) == "LOADING")):
            raise NotReady(f"Model {self.name} is loading; try again.")
        return found

    def mark(self, number: int, state: State) -> None:
        """Note where in its life a version is."""
        self._marks[number] = state

    def unmark(self, number: int, state: State) -> None:
        """A version whose mark is still ``state`` has ended."""
        if self._marks.get(number) is state:
            self._marks[number] = State("END")

    def forget(self, stored: Collection[int]) -> None:
        """Forget the marks of versions that have ended and left the store, but for the last few."""
        ended = sorted(n for n, mark in self._marks.items() if n not in stored and mark.state in ("START", "END"))
        for number in ended[:-REMEMBERED]:
            del self._marks[number]

    def state(self, number: int) -> StateName | None:
        """The state of a version; None if it is unknown."""
        mark = self._marks.get(number)
        return mark.state if mark is not None else None

    @property
    def states(self) -> dict[int, State]:
        """The state of every version that is known."""
        return dict(self._marks)
