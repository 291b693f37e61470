"""A whole benchmark: environments, models, blocks of measurements, starts.

Each section has lanes of its own:

    dense            all servers on the dense model
    convolutional    ours, Triton and the engine alone on the convolutional one
    growth-N         ours and Triton with N models
    memory-4         ours with four models
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from loadtests.benchmark import machine
from loadtests.benchmark.block import OURS, OURS_WORKERS, Block, Note
from loadtests.benchmark.contender import Contender, Subject
from loadtests.benchmark.engine_lane import ENGINE, EngineLane
from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import Case, Plan
from loadtests.benchmark.results import Entry, Results
from loadtests.benchmark.server_lane import FLOORS, ServerLane
from loadtests.benchmark.starts import measure_starts
from loadtests.benchmark.subjects import CONVOLUTIONAL, DENSE, subject
from loadtests.errors import LoadTestError

TRITON = "triton"
BINARY = "v2-binary"
PAIR_DIALECTS = {
    OURS: ("predict-json", BINARY),
    OURS_WORKERS: ("predict-json", BINARY),
    TRITON: ("v2-json", BINARY),
}
ENGINE_BATCH_ROWS = 64
"""Rows at a time of the engine alone, beside servers: as many as they put together at most."""
MEMORY_MODELS = 4


@dataclass(slots=True)
class Session:
    """One run of the benchmark.

    Attributes:
        contenders: That take part, by name.
        plan: What is measured.
        folder: For everything that is made.
        note: Takes a line about what goes on.
        results: What was measured so far.
    """

    contenders: Mapping[str, Contender]
    plan: Plan
    folder: Path
    note: Note
    results: Results

    def run(self) -> None:
        """Install, train, measure.

        Raises:
            LoadTestError: Our own server failed, or a model could not be trained.
        """
        self._install()
        dense = subject(DENSE, self.folder, self.note)
        # training takes longer than all that is quickly measured
        convolutional = subject(CONVOLUTIONAL, self.folder, self.note) if self.plan.convolutional else dense
        blocks = [self._block(lanes) for lanes in self._lanes(dense, convolutional)]
        minutes = sum(block.duration_s for block in blocks) / 60
        self.note(f"measuring takes about {minutes:.0f} minutes, and the starts of the servers besides")
        for block in blocks:
            block.run()
        measure_starts(self._able(), dense, self.plan, self.folder, self.results, self.note)

    def _block(self, lanes: Collection[Lane]) -> Block:
        return Block(list(lanes), self.plan, self.results, self.note)

    def _install(self) -> None:
        for name, contender in self.contenders.items():
            self.note(f"installing {name}")
            entry = Entry(contender.title, list(contender.dialects), contender.notes)
            self.results.contenders[name] = entry
            try:
                contender.install(self.folder)
                entry.versions = contender.versions(self.folder)
            except (LoadTestError, OSError) as error:
                if name == OURS:
                    raise
                entry.failure = f"not installed: {error}"
                self.note(f"{name} falls out: {error}")
        self.results.contenders[ENGINE] = Entry("ONNX Runtime alone, one thread", [ENGINE])

    def _able(self) -> dict[str, Contender]:
        """Those that have not failed so far."""
        return {name: c for name, c in self.contenders.items() if not self.results.contenders[name].failure}

    def _lanes(self, dense: Subject, convolutional: Subject) -> Iterator[list[Lane]]:
        """The lanes of each block, in turn."""
        able = self._able()
        row_cases = [case for case in self.plan.dense if case.clients == self.plan.row_clients]
        side_by_side: list[Lane] = [self._dense(c, dense) for c in able.values() if c.pausable]
        yield [*side_by_side, EngineLane(dense, row_cases, "dense", None)]
        yield from ([self._dense(c, dense)] for c in able.values() if not c.pausable)
        pair = [able[name] for name in (OURS, TRITON) if name in able]
        cases = self.plan.convolutional
        if cases:
            yield [
                *(self._server(able[n], convolutional, cases, "convolutional") for n in PAIR_DIALECTS if n in able),
                EngineLane(convolutional, cases, "convolutional", ENGINE_BATCH_ROWS),
            ]
        for copies in self.plan.growth:
            many = replace(dense, copies=copies)
            yield [self._server(c, many, self.plan.growth_cases, f"growth-{copies}", (BINARY,)) for c in pair]
        if OURS in able:
            four = replace(dense, copies=MEMORY_MODELS)
            yield [self._server(able[OURS], four, (), f"memory-{MEMORY_MODELS}")]

    def _dense(self, contender: Contender, served: Subject) -> Lane:
        cases = self.plan.dense if contender.name in PAIR_DIALECTS else self.plan.peers
        if contender.name in FLOORS:
            cases = tuple(case for case in self.plan.dense if case.rows == 1)
        return self._server(contender, served, cases, "dense", contender.dialects)

    def _server(
        self,
        contender: Contender,
        served: Subject,
        cases: Collection[Case],
        section: str,
        dialects: tuple[str, ...] | None = None,
    ) -> ServerLane:
        chosen = dialects or PAIR_DIALECTS[contender.name]
        return ServerLane(contender, served, cases, self.folder, section, chosen)


def session(contenders: Mapping[str, Contender], plan: Plan, folder: Path, note: Note, *, quick: bool) -> Session:
    """A session that has measured nothing yet."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    results = Results(today, {"quick": quick, **asdict(plan)}, machine.describe())
    return Session(contenders, plan, folder, note, results)
