"""What was measured, as it lies in ``results.json``: all that the page needs."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests.benchmark.plan import Case
from loadtests.errors import BenchmarkError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one server.

    Attributes:
        section: Part of the benchmark, such as ``dense`` or ``growth-5``.
        contender: The server.
        dialect: Of its requests.
        clients: Connections at a time.
        rows: In each request.
        round: Which round it was, from 0.
        requests: Answered with 200 and the right form.
        refused: Answered with another status, or not at all.
        duration_s: How long it took.
        p50_ms: Half of the answers took no longer.
        p95_ms: 95 of 100 took no longer.
        p99_ms: 99 of 100 took no longer.
        cpu_s: CPU seconds of the server's processes meanwhile.
    """

    section: str
    contender: str
    dialect: str
    clients: int
    rows: int
    round: int
    requests: int
    refused: int
    duration_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_s: float

    @property
    def requests_per_s(self) -> float:
        """Right answers in a second."""
        return self.requests / self.duration_s

    @property
    def rows_per_s(self) -> float:
        """Rows answered in a second."""
        return self.requests_per_s * self.rows

    @property
    def cpu_s_per_1000(self) -> float:
        """CPU seconds of the server for a thousand requests."""
        return 1000 * self.cpu_s / self.requests


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of a server's process until it was ready."""

    section: str
    contender: str
    ready_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of a server's processes, when ready or after the load."""

    section: str
    contender: str
    moment: str
    bytes: int


@dataclass(slots=True)
class Entry:
    """A server in the tables.

    Attributes:
        title: For people.
        dialects: That it was asked in.
        notes: How it is tuned, and by which page.
        versions: Of the packages in its environment.
        failure: Why it could not be measured, or not to the end; empty if it was.
        wrong: Whether that was a wrong answer.
        restarts: Why its process was started again in the middle, once an item.
    """

    title: str
    dialects: list[str] = field(default_factory=list)
    notes: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    wrong: bool = False
    restarts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Results:
    """All of a run.

    Attributes:
        taken: Day in UTC.
        plan: Its rounds, seconds and seed, and whether it was the quick one.
        machine: Where, by name of the property.
        contenders: By name, in the order of the tables.
        samples: As they came.
        starts: As they came.
        memories: As they came.
    """

    taken: str
    plan: dict[str, Any]
    machine: dict[str, str]
    contenders: dict[str, Entry] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)

    def series(self, section: str, contender: str, dialect: str, case: Case, figure: str) -> dict[int, float]:
        """A figure of a sample by round; rounds without an answer have none, nor has a server that fell out."""
        wanted = (section, contender, dialect, case.clients, case.rows)
        return {
            sample.round: getattr(sample, figure)
            for sample in self.samples
            if (sample.section, sample.contender, sample.dialect, sample.clients, sample.rows) == wanted
            and (sample.requests or figure == "refused")
        }

    def ready(self, section: str, contender: str) -> list[float]:
        """Seconds of every start."""
        return [start.ready_s for start in self.starts if (start.section, start.contender) == (section, contender)]

    def memory_mb(self, section: str, contender: str, moment: str) -> list[float]:
        """Megabytes (10⁶ bytes) at every such moment."""
        wanted = (section, contender, moment)
        return [m.bytes / 1e6 for m in self.memories if (m.section, m.contender, m.moment) == wanted]

    def save(self, path: Path) -> None:
        """Write a new file, then put it in the old one's place: an interruption leaves a whole one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, indent=1) + "\n")
        new.replace(path)


def load(path: Path) -> Results:
    """Read what an earlier run saved.

    Raises:
        BenchmarkError: There is none, or it is of another format.
    """
    try:
        found = json.loads(path.read_text())
        if found.pop("format") != FORMAT:
            raise ValueError(f"another format than {FORMAT}")
        found["contenders"] = {name: Entry(**entry) for name, entry in found["contenders"].items()}
        for key, kind in (("samples", Sample), ("starts", Start), ("memories", Memory)):
            found[key] = [kind(**entry) for entry in found[key]]
        return Results(**found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        received = f"{type(error).__name__}: {error}"
        raise BenchmarkError(f"Expected results of an earlier run in {path}. Received {received}.") from None
