"""How busy a process of the load generator is: one that is busy all the time measures itself, not the server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SATURATED = 0.9
"""Part of the time from which on a process counts as the limit; Locust warns from the same one.

References:
    Locust, Distributed load generation, https://docs.locust.io/en/stable/running-distributed.html
"""
SCHEDULER = Path("/proc/self/schedstat")
"""Where Linux says how long this process ran, and how long it waited for a core, in nanoseconds.

References:
    The Linux kernel, Scheduler statistics, https://docs.kernel.org/scheduler/sched-stats.html
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a process has done up to a moment.

    Attributes:
        busy_s: Time for which it ran or, where the system says so, waited for a core.
        at_s: The process's own clock; only differences mean something.
    """

    busy_s: float
    at_s: float

    @classmethod
    def now(cls, scheduler: Path = SCHEDULER) -> Effort:
        """This process's effort up to now."""
        return cls(time.process_time() + _waited_s(scheduler), time.perf_counter())

    def since(self, before: Effort) -> float:
        """Part of the time between two moments for which the process was busy, 0 to about 1."""
        elapsed_s = self.at_s - before.at_s
        return (self.busy_s - before.busy_s) / elapsed_s if elapsed_s > 0 else 0.0


def busiest(before: Mapping[str, Effort], after: Mapping[str, Effort]) -> float:
    """The greatest of all processes: one that is saturated is enough to spoil the times of its users."""
    return max((effort.since(before[name]) for name, effort in after.items() if name in before), default=0.0)


def _waited_s(scheduler: Path) -> float:
    try:
        return int(scheduler.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0  # another system than Linux
