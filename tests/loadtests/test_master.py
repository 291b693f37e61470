"""The master: one run out of several processes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import master as module
from loadtests.errors import WorkerGone
from loadtests.measurements import Measurements
from loadtests.thresholds import Line
from tests.loadtests.runners import MasterDouble

REQUEST = st.tuples(
    st.sampled_from(["toy infer", "toy inputs"]),
    st.floats(0, 1e4),
    st.sampled_from([None, None, "wrong", "none came"]),
    st.integers(1, 64),
)
PLAYED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "report", "collect"]), REQUEST), max_size=60)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""
    for name in ("POLL_S", "ASK_S", "LATE_S", "COLLECT_S", "LAST_S"):
        monkeypatch.setattr(module, name, 0.01)


def nothing() -> None:
    """An end that nobody asked for."""
    pytest.fail("the run was ended")


def figures(line: Line) -> tuple[object, ...]:
    """A line without its rates, which are by the clock."""
    return (line.name, line.requests, line.failures, line.p50_ms, line.p95_ms, line.p99_ms)


@settings(max_examples=30)
@given(played=PLAYED)
def test_many_processes_measure_as_one(played: list[tuple[str, str, tuple[str, float, str | None, int]]]) -> None:
    """Whoever saw a request, and whenever it was reported: figures, failures and messages are those of one process."""
    runner, alone = MasterDouble(workers=3), Measurements()
    runner.master.start(nothing)
    for name, then, request in played:
        alone.add(*request)
        runner.workers[name].play([request])
        if then == "report":
            runner.workers[name].report()
        elif then == "collect":
            runner.master.collect()
            assert runner.measured.total().requests == alone.total().requests
    runner.master.stop()
    assert [figures(line) for line in runner.measured.lines()] == [figures(line) for line in alone.lines()]
    assert figures(runner.measured.total()) == figures(alone.total())
    assert runner.measured.messages == alone.messages
    assert runner.measured.mark().rows == alone.mark().rows
    assert runner.master.faults == []


def test_efforts_come_from_every_worker() -> None:
    """What a collection brings names each process that plays users, and no other."""
    runner = MasterDouble()
    runner.master.start(nothing)
    assert set(runner.master.collect()) == {"a", "b"}


def test_second_run_begins_at_nothing() -> None:
    """A second run in the same processes has its own requests only."""
    runner = MasterDouble()
    for count in (3, 2):
        runner.master.start(nothing)
        runner.workers["a"].play([("toy infer", 1.0, None, 1)] * count)
        runner.master.stop()
        runner.workers["a"].report()
        assert runner.measured.total().requests == count
        assert runner.master.faults == []


def test_lost_measurements_are_a_fault() -> None:
    """A parcel that never came shows at the next one, by the count of requests."""
    runner = MasterDouble()
    runner.master.start(nothing)
    runner.workers["a"].play([("toy infer", 1.0, None, 1)] * 3)
    runner.workers["a"].worker.parcel()
    runner.master.stop()
    assert runner.master.faults == ["Expected 3 requests of a worker. Received 0."]


def test_lost_worker_ends_the_run() -> None:
    """A worker that gives no sign of life ends the load, with a sentence; its users are not missed in silence."""
    runner, ended = MasterDouble(), []
    runner.master.start(nothing)
    runner.lose("b")
    runner.master.watch(lambda: ended.append(1))
    assert ended == [1]
    assert runner.master.faults == ["Expected 2 workers until the end of the load. Lost 1."]


def test_late_worker_ends_the_run() -> None:
    """A worker that comes in the middle would share the users anew: a fault as well."""
    runner = MasterDouble(workers=3)
    late = runner.clients.pop("c")
    runner.master.start(nothing)
    runner.clients["c"] = late
    runner.master.watch(lambda: None)
    assert runner.master.faults == ["Expected no worker after the load began. One came."]


@pytest.mark.parametrize("lost", [True, False])
def test_silent_worker_is_a_fault(lost: bool) -> None:
    """A worker whose last measurements do not come fails the run, whether it is known to be gone or not."""
    runner = MasterDouble()
    runner.master.start(nothing)
    runner.silent.add("b")
    if lost:
        runner.lose("b")
    runner.master.stop()
    assert len(runner.master.faults) == 1
    assert runner.workers["a"].stopped


def test_enough_workers_are_waited_for() -> None:
    """With all workers prepared the wait is over; with one too few it ends with both numbers."""
    runner = MasterDouble()
    runner.master.wait(2, 1)
    with pytest.raises(WorkerGone, match=r"Expected 3 prepared workers within 0.01 s. Received 2"):
        runner.master.wait(3, 0.01)


def test_worker_that_is_not_prepared_is_none() -> None:
    """A worker that is connected but has no payloads yet is not given users."""
    runner = MasterDouble()
    runner.silent.add("a")
    with pytest.raises(WorkerGone, match="Received 1"):
        runner.master.wait(2, 0.01)


def test_workers_must_send_the_same_requests() -> None:
    """A worker with another seed or other examples is refused."""
    runner = MasterDouble(requests=("the same requests", "others"))
    with pytest.raises(WorkerGone, match="same --shape, --seed and examples"):
        runner.master.wait(2, 1)
