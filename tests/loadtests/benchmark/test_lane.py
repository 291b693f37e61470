"""What takes turns."""

from __future__ import annotations

from pathlib import Path

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.engine_lane import EngineLane
from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import Case
from loadtests.benchmark.server_lane import ServerLane
from tests.loadtests.benchmark.standin import StandIn


def test_both_kinds_have_what_a_block_reads(subject: Subject, tmp_path: Path) -> None:
    """A lane says where its figures belong, what it is asked in, and which cases it takes part in."""
    lanes: list[Lane] = [
        ServerLane(StandIn(), subject, (Case(1, 1),), tmp_path, "dense", ("v2-json",)),
        EngineLane(subject, (Case(1, 1),), "dense", None),
    ]
    assert [(lane.section, lane.name, lane.dialects, lane.cases) for lane in lanes] == [
        ("dense", "keras-serve", ("v2-json",), (Case(1, 1),)),
        ("dense", "engine", ("engine",), (Case(1, 1),)),
    ]
