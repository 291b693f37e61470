"""Times from process start to ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.results import Entry, Results
from loadtests.benchmark.starts import SECTION, measure_starts
from loadtests.errors import BenchmarkError
from tests.loadtests.benchmark.standin import PLAN, StandIn, StandInRunning


class NeverReady(StandIn):
    """A contender whose processes end at once."""

    def start(self, subject: Subject, folder: Path, log: Path) -> StandInRunning:
        running = super().start(subject, folder, log)

        def wait_ready(timeout_s: float) -> None:
            raise BenchmarkError("exit code 1")

        running.wait_ready = wait_ready  # type: ignore[method-assign]
        return running


def run(tmp_path: Path, subject: Subject, *contenders: StandIn) -> Results:
    """Time the starts of some contenders."""
    results = Results("2026-01-02", {}, {}, {contender.name: Entry("") for contender in contenders})
    by_name = {contender.name: contender for contender in contenders}
    measure_starts(by_name, subject, PLAN, tmp_path, results, lambda line: None)
    return results


def test_each_is_started_as_often_as_planned_and_ended(tmp_path: Path, subject: Subject) -> None:
    """Ours more often than the others, one at a time."""
    ours, other = StandIn(), StandIn("triton")
    found = run(tmp_path, subject, ours, other)
    assert found.ready(SECTION, "keras-serve") == [0.25] * PLAN.starts
    assert found.ready(SECTION, "triton") == [0.25] * PLAN.other_starts
    assert ours.all_stopped()
    assert other.all_stopped()


def test_a_failure_is_told_and_ended(tmp_path: Path, subject: Subject) -> None:
    """Another's failure is written down; ours ends the run; both leave no process."""
    ours, other = StandIn(), NeverReady("triton")
    found = run(tmp_path, subject, other, ours)
    assert found.contenders["triton"].failure == "start: exit code 1"
    assert other.all_stopped()
    ours = NeverReady()
    with pytest.raises(BenchmarkError, match="exit code 1"):
        run(tmp_path, subject, ours)
    assert ours.all_stopped()
