"""A lane: what takes its turn in each round, be it a server or the engine alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from loadtests.benchmark.plan import Case, Plan
from loadtests.benchmark.wrk import Reading


class Lane(Protocol):
    """What takes turns.

    Attributes:
        section: Part of the benchmark, as results name it.
        name: Of the contender.
        dialects: In which it is asked.
        cases: That it takes part in.
    """

    section: str
    name: str
    dialects: tuple[str, ...]
    cases: Collection[Case]

    def start(self) -> float:
        """Start, wait until ready, check answers; seconds until ready."""

    def check(self) -> None:
        """Ask for answers and hold them against the stored ones."""

    def measure(self, case: Case, dialect: str, plan: Plan) -> tuple[Reading, float]:
        """One measurement: what the client saw, and CPU seconds of the server."""

    def wake(self) -> None:
        """Its processes go on."""

    def warm_up(self, case: Case, plan: Plan) -> None:
        """A load that is not counted, before the first measurement of a turn."""

    def pause(self) -> None:
        """Its processes stop until woken."""

    def stop(self) -> None:
        """End it for good."""

    def memory_bytes(self) -> int:
        """Bytes of its processes; 0 where none stays."""
