"""How long each server takes from the start of its process to the first answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loadtests.benchmark.block import OURS, Note
from loadtests.benchmark.contender import Contender, Subject
from loadtests.benchmark.plan import Plan
from loadtests.benchmark.results import Results, Start
from loadtests.benchmark.server_lane import ServerLane
from loadtests.errors import LoadTestError

SECTION = "start"


def measure_starts(
    contenders: Mapping[str, Contender], subject: Subject, plan: Plan, folder: Path, results: Results, note: Note
) -> None:
    """Start each server some times, with nothing else running, and end it again.

    Their files are in the system's cache: each has run before.

    Args:
        contenders: By name.
        subject: What they serve.
        plan: How often.
        folder: Of the benchmark.
        results: Take the times.
        note: Takes a line for each server.

    Raises:
        LoadTestError: Our own server did not start.
    """
    for name, contender in contenders.items():
        lane = ServerLane(contender, subject, (), folder, SECTION, contender.dialects)
        try:
            for _ in range(plan.starts if name == OURS else plan.other_starts):
                try:
                    results.starts.append(Start(SECTION, name, lane.start()))
                finally:
                    lane.stop()
        except (LoadTestError, OSError) as error:
            if name == OURS:
                raise
            results.contenders[name].failure = f"{SECTION}: {error}"
        if times := ", ".join(f"{seconds:.2f} s" for seconds in results.ready(SECTION, name)):
            note(f"{name} was ready after {times}")
