"""A server under test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.benchmark import server_lane
from loadtests.benchmark.contender import Subject
from loadtests.benchmark.plan import Case
from loadtests.benchmark.server_lane import ServerLane
from loadtests.errors import BenchmarkError, RequestRefused, WrongAnswer
from tests.loadtests.benchmark.standin import PLAN, StandIn


@pytest.fixture
def standin() -> StandIn:
    """A contender."""
    return StandIn()


@pytest.fixture
def lane(standin: StandIn, subject: Subject, tmp_path: Path) -> Iterator[ServerLane]:
    """Its lane, started."""
    many = replace(subject, copies=3)
    lane = ServerLane(standin, many, (Case(8, 64),), tmp_path / "bench", "growth-3", ("v2-json", "v2-binary"))
    assert lane.start() == 0.25
    yield lane
    lane.stop()


def test_check_asks_all_models_and_writes_a_script_for_each_size(lane: ServerLane, standin: StandIn) -> None:
    """Every copy is asked, and the scripts know them all and read the same bodies."""
    lane.check()
    assert standin.paths_seen == {f"/{d}/{name}" for d in lane.dialects for name in ("sum", "sum-2", "sum-3")}
    for dialect in lane.dialects:
        for rows in (1, 64):
            text = lane.script(dialect, rows).read_text()
            assert f'"/{dialect}/sum", "/{dialect}/sum-2", "/{dialect}/sum-3"' in text
            assert f"requests/sum/{dialect}-{rows}-0" in text


def test_wrong_answers_are_found_before_any_measurement(lane: ServerLane, standin: StandIn) -> None:
    """A server with other numbers is not measured."""
    standin.add = 1.0
    with pytest.raises(WrongAnswer):
        lane.check()


def test_measurement_waits_until_the_server_is_idle(
    lane: ServerLane, fake_wrk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CPU seconds are counted from when the last load has been worked off."""
    lane.check()
    # busy for two looks, then idle; then the measurement
    seconds = iter([0.0, 1.0, 2.0, 2.0, 2.0, 2.75])
    monkeypatch.setattr(lane.running, "cpu_s", lambda: next(seconds))
    monkeypatch.setattr(server_lane, "SETTLE_STEP_S", 0.001)
    reading, cpu_s = lane.measure(Case(8, 64), "v2-json", PLAN)
    assert reading.requests == 1000
    assert cpu_s == 0.75


def test_what_is_paused_is_woken_to_end(lane: ServerLane, standin: StandIn) -> None:
    """A stopped process could not take the signal to end; a second end does nothing."""
    lane.pause()
    lane.stop()
    lane.stop()
    assert standin.started[0].calls == ["pause", "resume", "stop"]
    with pytest.raises(BenchmarkError, match="It was not started"):
        lane.wake()


def test_a_request_larger_than_a_batch_may_be_refused(lane: ServerLane, standin: StandIn) -> None:
    """A server that refuses it takes part in all other cases; one that refuses what fits is out, and so are we."""
    lane.name, lane.dialects = "triton", ("predict-json",)
    lane.cases = (Case(8, 8), Case(8, 256), Case(8, 1024))
    standin.most_rows = 64
    lane.check()
    assert [case.rows for case in lane.cases] == [8]
    standin.most_rows = 4
    with pytest.raises(RequestRefused):
        lane.check()
    lane.name, lane.cases, standin.most_rows = "keras-serve", (Case(8, 256),), 64
    with pytest.raises(RequestRefused):
        lane.check()
