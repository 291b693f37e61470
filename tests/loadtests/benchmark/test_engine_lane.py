"""The engine alone as a lane."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadtests.benchmark import engine_lane
from loadtests.benchmark.contender import Subject
from loadtests.benchmark.engine_lane import EngineLane
from loadtests.benchmark.plan import Case
from loadtests.errors import BenchmarkError
from tests.loadtests.benchmark.standin import PLAN

FIGURES = {"rows": 6400, "duration_s": 1.5, "cpu_s": 1.25, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0}


@pytest.fixture
def loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A loop that only prints figures, with its arguments beside."""
    path = tmp_path / "loop.py"
    path.write_text(
        f"import sys\nopen(__file__ + '.seen', 'w').write(' '.join(sys.argv[1:]))\nprint({json.dumps(FIGURES)!r})"
    )
    monkeypatch.setattr(engine_lane, "LOOP", path)
    return path


@pytest.mark.parametrize(("batch", "rows_at_a_time"), [(64, 64), (None, 4)])
def test_rows_are_counted_in_requests_of_the_case(
    subject: Subject, loop: Path, batch: int | None, rows_at_a_time: int
) -> None:
    """Batches of 64 rows stand beside requests of 4 rows: requests times rows is what the loop computed."""
    lane = EngineLane(subject, (Case(8, 4),), "convolutional", batch)
    reading, cpu_s = lane.measure(Case(8, 4), "engine", PLAN)
    assert (reading.requests, reading.duration_s, reading.p99_ms, cpu_s) == (1600, 1.5, 3.0, 1.25)
    assert loop.with_name("loop.py.seen").read_text() == f"{subject.folder} {rows_at_a_time} {PLAN.seconds}"


def test_a_broken_model_is_an_error(subject: Subject, loop: Path) -> None:
    """The message has the reason of the loop's process."""
    loop.write_text("raise SystemExit('no such model')")
    with pytest.raises(BenchmarkError, match=r"Expected figures of the engine\. Received no such model"):
        EngineLane(subject, (), "dense", None).measure(Case(1, 1), "engine", PLAN)
