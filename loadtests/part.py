"""The part of a process in a run of Locust: alone it plays the users, measures and judges.

Part        alone
Master      leads workers, merges what they measure, and judges
Worker      plays users and measures; its master judges
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from loadtests.busy import Effort
from loadtests.measurements import Measurements


class Part:
    """A process alone.

    Attributes:
        judges: Whether it prints the report and sets the exit code.
        faults: What went wrong between the processes of this run, a sentence each.
    """

    judges: ClassVar[bool] = True

    def __init__(self, measured: Measurements) -> None:
        self._measured = measured
        self.faults: list[str] = []

    def wait(self, count: int, timeout_s: float) -> None:
        """Wait for the other processes, of which there are none."""

    def start(self, end: Callable[[], None]) -> None:
        """A run begins.

        Args:
            end: Ends it before its time.
        """
        self._measured.start()

    def collect(self) -> Mapping[str, Effort]:
        """Bring the measurements up to date.

        Returns:
            What effort each process has made that plays users.
        """
        return {"alone": Effort.now()}

    def send(self, data: dict[str, Any]) -> None:
        """Add to the report that Locust sends to a master now and then."""

    def receive(self, name: str, data: Mapping[str, Any]) -> None:
        """Take what a worker added to that report."""

    def stop(self) -> None:
        """The load is over."""
        self._measured.stop()
