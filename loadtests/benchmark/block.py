"""A block: lanes that run side by side and take turns, case by case and round by round."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import TURN_OVERHEAD_S, Case, Plan
from loadtests.benchmark.results import Memory, Results, Sample, Start
from loadtests.benchmark.summary import summarise
from loadtests.benchmark.wrk import Reading
from loadtests.errors import BenchmarkError, LoadTestError, WrongAnswer

OURS = "keras-serve"
OURS_WORKERS = "keras-serve-workers"
"""The same with a worker a core."""
"""The one contender without which the benchmark says nothing."""

Item = TypeVar("Item")
MOST_RESTARTS = 5
"""So often a contender may crash before it falls out."""
Note = Callable[[str], None]
"""Takes a line about what goes on."""


@dataclass(slots=True)
class Block:
    """Lanes that take turns. While one is measured, all others are paused.

    Attributes:
        lanes: In the order of the tables.
        plan: Rounds, seconds, seed.
        results: Take what is measured.
        note: Takes a line for each case.
        alive: Lanes that have not fallen out.
    """

    lanes: Sequence[Lane]
    plan: Plan
    results: Results
    note: Note
    alive: list[Lane] = field(default_factory=list)

    @property
    def cases(self) -> list[Case]:
        """The cases of all lanes, each once."""
        return list(dict.fromkeys(case for lane in self.lanes for case in lane.cases))

    @property
    def duration_s(self) -> float:
        """About how long the turns take."""
        turns = (
            self.plan.warm_up_s + len(lane.dialects) * (self.plan.seconds + TURN_OVERHEAD_S)
            for lane in self.lanes
            for _ in lane.cases
        )
        return self.plan.rounds * sum(turns)

    def run(self) -> None:
        """Start all lanes, measure, check the answers again, end all lanes, whatever happens.

        Raises:
            LoadTestError: Our own server failed.
        """
        with ExitStack() as stack:
            for lane in (lane for lane in self.lanes if not self.results.contenders[lane.name].failure):
                stack.callback(lane.stop)
                self._guarded(lane, self._start)
            for case in self.cases:
                for number in range(self.plan.rounds):
                    for lane in order([lane for lane in self.alive if case in lane.cases], self.plan, case, number):
                        self._guarded(lane, partial(self._turn, case=case, number=number))
                self.note(self._line(case))
            for lane in list(self.alive):
                self._guarded(lane, self._finish)

    def _guarded(self, lane: Lane, step: Callable[[Lane], None]) -> None:
        """Take a step with a lane; another's failure is written down, and the rest goes on."""
        entry = self.results.contenders[lane.name]
        try:
            try:
                step(lane)
            except (BenchmarkError, OSError) as error:
                # a crash costs this turn only, as long as it stays rare
                if lane.name == OURS or lane not in self.alive or len(entry.restarts) == MOST_RESTARTS:
                    raise
                entry.restarts.append(f"{lane.section}: {error}")
                self.note(f"{lane.name} is started again: {error}")
                self._drop(lane)
                self._start(lane)
        except (LoadTestError, OSError) as error:
            if lane.name == OURS:
                raise
            entry.failure, entry.wrong = f"{lane.section}: {error}", isinstance(error, WrongAnswer)
            self.note(f"{lane.name} falls out: {error}")
            self._drop(lane)

    def _drop(self, lane: Lane) -> None:
        if lane in self.alive:
            self.alive.remove(lane)
        lane.stop()

    def _start(self, lane: Lane) -> None:
        ready_s = lane.start()
        if ready_s:
            self.results.starts.append(Start(lane.section, lane.name, ready_s))
        lane.check()
        self._remember(lane, "ready")
        lane.pause()
        self.alive.append(lane)

    def _turn(self, lane: Lane, case: Case, number: int) -> None:
        lane.wake()
        lane.warm_up(case, self.plan)
        for dialect in shuffled(lane.dialects, f"{self.plan.seed} {case} {number} {lane.name}"):
            reading, cpu_s = lane.measure(case, dialect, self.plan)
            if lane.name == OURS and reading.refused:
                raise BenchmarkError(f"Expected every answer of {OURS} with status 200. {reading.refused} had not.")
            self.results.samples.append(sample(lane, case, dialect, number, reading, cpu_s))
        lane.pause()

    def _finish(self, lane: Lane) -> None:
        """Answers must be right after the load as well."""
        lane.wake()
        lane.check()
        self._remember(lane, "after")
        lane.pause()

    def _remember(self, lane: Lane, moment: str) -> None:
        if used := lane.memory_bytes():
            self.results.memories.append(Memory(lane.section, lane.name, moment, used))

    def _line(self, case: Case) -> str:
        """What a case gave, as one line."""
        parts = []
        for lane in (lane for lane in self.alive if case in lane.cases):
            for dialect in lane.dialects:
                found = summarise(
                    self.results.series(lane.section, lane.name, dialect, case, "requests_per_s").values()
                )
                parts.append(f"{lane.name} {dialect} {found.median if found else 0:,.0f}/s")
        return f"{case}: {', '.join(parts)}"


def order(lanes: Sequence[Lane], plan: Plan, case: Case, number: int) -> list[Lane]:
    """In which order lanes take their turns in a round: shuffled, and the same for the same seed."""
    return shuffled(lanes, f"{plan.seed} {case} {number}")


def shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    """A new order that follows from the seed alone."""
    return random.Random(seed).sample(list(items), len(items))


def sample(lane: Lane, case: Case, dialect: str, number: int, reading: Reading, cpu_s: float) -> Sample:
    """What was seen in one measurement, with its place."""
    place = (lane.section, lane.name, dialect, case.clients, case.rows, number)
    times = (reading.p50_ms, reading.p95_ms, reading.p99_ms)
    return Sample(*place, reading.requests, reading.refused, reading.duration_s, *times, cpu_s)
