"""A server under test: started, checked, resumed for its turns, loaded by ``wrk``, paused, ended."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from loadtests.benchmark import bodies, goldens, lua, wrk
from loadtests.benchmark.block import OURS, OURS_WORKERS
from loadtests.benchmark.contender import Contender, Running, Subject
from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import Case, Plan
from loadtests.errors import BenchmarkError, RequestRefused
from loadtests.examples import read

FLOORS = ("uvicorn",)
"""Servers without a model: their answers cannot be right."""
READY_S = 120
BATCH_ROWS = 64
"""Rows of the largest batch of every server."""
SETTLE_S, SETTLED_SHARE, SETTLE_STEP_S = 1.0, 0.3, 0.05
"""A server is idle when it takes less than this share of a core in a step; that is waited for so long at most.
Clients that were cut off leave requests behind, which must not slow the next measurement."""


@dataclass(slots=True)
class ServerLane(Lane):
    """A server under test.

    Attributes:
        contender: How it is started and asked.
        subject: What it serves.
        cases: That it takes part in.
        folder: Of the benchmark: environments, requests, scripts, logs.
        section: As results name it.
        dialects: In which it is asked.
    """

    contender: Contender
    subject: Subject
    cases: Collection[Case]
    folder: Path
    section: str
    dialects: tuple[str, ...]
    name: str = ""
    _running: Running | None = None

    def __post_init__(self) -> None:
        self.name = self.contender.name

    @property
    def running(self) -> Running:
        """Its processes."""
        if self._running is None:
            raise BenchmarkError(f"Expected {self.name} to run. It was not started.")
        return self._running

    def start(self) -> float:
        """Start its processes and wait until ready."""
        log = self.folder / "logs" / f"{self.name}-{self.section}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self._running = self.contender.start(self.subject, self.folder, log)
        self.running.wait_ready(READY_S)
        return self.running.ready_s

    def check(self) -> None:
        """Ask every body once in each dialect; the answers also tell the script what to look for.

        A server may refuse a request of more rows than its largest batch, as Triton does; it is then not measured.
        """
        for rows in sorted({case.rows for case in self.cases} | {1}):
            try:
                self._check(rows)
            except RequestRefused:
                if rows <= BATCH_ROWS or self.name in (OURS, OURS_WORKERS):
                    raise
                self.cases = [case for case in self.cases if case.rows != rows]

    def _check(self, rows: int) -> None:
        examples = read(self.subject.folder, self.subject.name, "1")
        for dialect in self.dialects:
            paths = [self.contender.path(dialect, model) for model in self.subject.models]
            requests = bodies.write(dialect, examples, rows)
            known = None if self.name in FLOORS else examples
            expected = lua.expectation(goldens.ask(self.running.url, paths, requests, known))
            files = store(self.folder / "requests" / self.subject.name, requests)
            script = self.script(dialect, rows)
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(lua.script(paths, files, requests.headers, expected))

    def script(self, dialect: str, rows: int) -> Path:
        """Where the script for requests of this size lies."""
        return self.folder / "scripts" / f"{self.name}-{self.section}-{dialect}-{rows}.lua"

    def wake(self) -> None:
        """Its processes go on."""
        self.running.resume()

    def warm_up(self, case: Case, plan: Plan) -> None:
        """Caches have cooled while others were measured."""
        script = self.script(self.dialects[0], case.rows)
        wrk.run(script, self.running.url, case.clients, plan.seconds, cut_s=plan.warm_up_s)

    def measure(self, case: Case, dialect: str, plan: Plan) -> tuple[wrk.Reading, float]:
        """Wait until it is idle, then load it."""
        self._settle()
        before = self.running.cpu_s()
        reading = wrk.run(self.script(dialect, case.rows), self.running.url, case.clients, plan.seconds)
        return reading, self.running.cpu_s() - before

    def _settle(self) -> None:
        end = time.monotonic() + SETTLE_S
        before = self.running.cpu_s()
        while time.monotonic() < end:
            time.sleep(SETTLE_STEP_S)
            now = self.running.cpu_s()
            if now - before <= SETTLED_SHARE * SETTLE_STEP_S:
                return
            before = now

    def pause(self) -> None:
        """Stop its processes until the next turn; one stopped in the middle of a request may not survive it."""
        self._settle()
        self.running.pause()

    def stop(self) -> None:
        """End its processes."""
        if self._running is not None:
            running, self._running = self._running, None
            # what is paused cannot take the signal to end
            running.resume()
            running.stop()

    def memory_bytes(self) -> int:
        """Bytes of its processes."""
        return self.running.memory_bytes()


def store(folder: Path, requests: bodies.Requests) -> list[Path]:
    """Write bodies into files, which the scripts read: one file for all servers that are sent it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, body in enumerate(requests.bodies):
        file = folder / f"{requests.dialect}-{requests.rows}-{number}"
        if not file.exists() or file.read_bytes() != body:
            file.write_bytes(body)
        files.append(file.absolute())
    return files
