"""The engine alone, taking turns with the servers that use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import Case, Plan
from loadtests.benchmark.wrk import Reading
from loadtests.errors import BenchmarkError

ENGINE = "engine"
"""Name of the lane, and of its dialect."""
LOOP = Path(__file__).with_name("engine_loop.py")
END_S = 60
"""Longest wait for the loop's end after its time."""


@dataclass(slots=True)
class EngineLane(Lane):
    """ONNX Runtime on one thread in a loop: the rows that a server of it cannot outdo with one thread.

    Attributes:
        subject: The model.
        cases: That it takes part in.
        section: As results name it.
        batch: Rows at a time; None for those of a request.
    """

    subject: Subject
    cases: Collection[Case]
    section: str
    batch: int | None
    name: str = ENGINE
    dialects: tuple[str, ...] = (ENGINE,)

    def start(self) -> float:
        """Nothing to start: each measurement is a process of its own."""
        return 0.0

    def check(self) -> None:
        """The loop itself holds its answers against the stored ones."""

    def wake(self) -> None:
        """Nothing to wake."""

    def warm_up(self, case: Case, plan: Plan) -> None:
        """The loop warms up by itself."""

    def pause(self) -> None:
        """Nothing to pause."""

    def stop(self) -> None:
        """Nothing to end."""

    def memory_bytes(self) -> int:
        """No process stays."""
        return 0

    def measure(self, case: Case, dialect: str, plan: Plan) -> tuple[Reading, float]:
        """Run the loop; its rows are counted in requests of the case's size."""
        batch = self.batch or case.rows
        words = [sys.executable, str(LOOP), str(self.subject.folder), str(batch), str(plan.seconds)]
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=plan.seconds + END_S, check=False
        )
        if done.returncode != 0:
            raise BenchmarkError(f"Expected figures of the engine. Received {done.stderr.strip()[-500:]}")
        found = json.loads(done.stdout)
        count = int(found["rows"]) // case.rows
        times = (found["p50_ms"], found["p95_ms"], found["p99_ms"])
        return Reading(count, 0, found["duration_s"], *times), found["cpu_s"]
