"""Lanes that take turns."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from loadtests.benchmark.block import MOST_RESTARTS, Block, order
from loadtests.benchmark.lane import Lane
from loadtests.benchmark.plan import Case, Plan
from loadtests.benchmark.results import Entry, Results
from loadtests.benchmark.wrk import Reading
from loadtests.errors import BenchmarkError, WrongAnswer
from tests.loadtests.benchmark.standin import PLAN

ONE = Case(8, 1)


@dataclass
class FakeLane:
    """Writes down what is done with it, and fails where it is told to."""

    name: str
    log: list[tuple[str, str]]
    cases: tuple[Case, ...] = (ONE,)
    section: str = "dense"
    dialects: tuple[str, ...] = ("v2-json", "v2-binary")
    refused: int = 0
    fail: dict[str, list[BaseException]] = field(default_factory=dict)

    def _do(self, step: str) -> None:
        self.log.append((self.name, step))
        if self.fail.get(step):
            raise self.fail[step].pop()

    def start(self) -> float:
        self._do("start")
        return 0.5

    def check(self) -> None:
        self._do("check")

    def wake(self) -> None:
        self._do("wake")

    def warm_up(self, case: Case, plan: Plan) -> None:
        self._do("warm_up")

    def measure(self, case: Case, dialect: str, plan: Plan) -> tuple[Reading, float]:
        self._do("measure")
        return Reading(10, self.refused, 1.0, 1.0, 2.0, 3.0), 0.1

    def pause(self) -> None:
        self._do("pause")

    def stop(self) -> None:
        self._do("stop")

    def memory_bytes(self) -> int:
        return 7


def block(*lanes: FakeLane) -> Block:
    """A block over lanes, with results that know their names."""
    results = Results("2026-01-02", {}, {}, {lane.name: Entry(lane.name) for lane in lanes})
    return Block(list[Lane](lanes), PLAN, results, lambda line: None)


def test_one_lane_runs_at_a_time() -> None:
    """Whoever is measured was woken and warmed up, and everybody else is paused."""
    log: list[tuple[str, str]] = []
    run = block(FakeLane("keras-serve", log), FakeLane("triton", log), FakeLane("uvicorn", log))
    run.run()
    awake: set[str] = set()
    for name, step in log:
        if step in ("start", "wake"):
            awake.add(name)
        elif step in ("pause", "stop"):
            awake.discard(name)
        elif step == "measure":
            assert awake == {name}
    assert not awake
    turns = [name for name, step in log if step == "warm_up"]
    assert {name: turns.count(name) for name in set(turns)} == dict.fromkeys(turns, PLAN.rounds)
    assert len(run.results.samples) == 3 * PLAN.rounds * 2


def test_answers_are_checked_before_and_after() -> None:
    """The first and the last thing that a server does is to answer rightly."""
    log: list[tuple[str, str]] = []
    block(FakeLane("keras-serve", log)).run()
    steps = [step for _, step in log if step in ("check", "measure")]
    assert steps[0] == steps[-1] == "check"
    assert steps.count("check") == 2


def test_order_changes_from_round_to_round_and_follows_from_the_seed() -> None:
    """Every round has all lanes; another seed gives another order, the same seed the same."""
    lanes: list[Lane] = [FakeLane(str(number), []) for number in range(8)]
    rounds = [[lane.name for lane in order(lanes, PLAN, ONE, number)] for number in range(4)]
    assert all(sorted(names) == [lane.name for lane in lanes] for names in rounds)
    assert len({tuple(names) for names in rounds}) == 4
    again = [[lane.name for lane in order(lanes, PLAN, ONE, number)] for number in range(4)]
    assert again == rounds


def test_a_crash_costs_a_turn() -> None:
    """Another server that dies in its turn is started and checked again, and goes on."""
    log: list[tuple[str, str]] = []
    crashing = FakeLane("triton", log, fail={"measure": [BenchmarkError("Signal 11")]})
    run = block(FakeLane("keras-serve", log), crashing)
    run.run()
    entry = run.results.contenders["triton"]
    assert (entry.restarts, entry.failure) == (["dense: Signal 11"], "")
    measured = [sample.round for sample in run.results.samples if sample.contender == "triton"]
    assert len(measured) == 2 * (PLAN.rounds - 1)
    assert log.count(("triton", "start")) == 2


def test_who_crashes_too_often_falls_out() -> None:
    """The rest is measured without it, and the reason is kept."""
    log: list[tuple[str, str]] = []
    crashes: list[BaseException] = [BenchmarkError("Signal 11") for _ in range(MOST_RESTARTS + 1)]
    lane = FakeLane("triton", log, fail={"warm_up": crashes})
    lane.cases = tuple(Case(clients, 1) for clients in range(1, 6))
    run = block(FakeLane("keras-serve", log), lane)
    run.run()
    assert run.results.contenders["triton"].failure == "dense: Signal 11"
    assert ("triton", "measure") not in log
    assert log.count(("keras-serve", "measure")) == 2 * PLAN.rounds


def test_a_wrong_answer_is_not_forgiven() -> None:
    """A wrong answer puts a server out at once, and is marked as one."""
    log: list[tuple[str, str]] = []
    run = block(FakeLane("keras-serve", log), FakeLane("triton", log, fail={"measure": [WrongAnswer("Expected 1.")]}))
    run.run()
    entry = run.results.contenders["triton"]
    assert (entry.failure, entry.wrong, entry.restarts) == ("dense: Expected 1.", True, [])


@pytest.mark.parametrize("step", ["start", "check", "measure"])
@pytest.mark.parametrize("error", [BenchmarkError("gone"), WrongAnswer("other"), KeyboardInterrupt()])
def test_our_own_failure_ends_the_run_and_every_server(step: str, error: BaseException) -> None:
    """Nothing is left running, whoever was started before, and also after Ctrl-C."""
    log: list[tuple[str, str]] = []
    run = block(FakeLane("triton", log), FakeLane("keras-serve", log, fail={step: [error]}))
    with pytest.raises(type(error)):
        run.run()
    assert {name for name, done in log if done == "stop"} == {"triton", "keras-serve"}


def test_our_server_may_refuse_nothing() -> None:
    """Requests that others refuse are counted; one that ours refuses ends the run."""
    log: list[tuple[str, str]] = []
    run = block(FakeLane("keras-serve", log), FakeLane("triton", log, refused=3))
    run.run()
    assert {sample.refused for sample in run.results.samples if sample.contender == "triton"} == {3}
    with pytest.raises(BenchmarkError, match="1 had not"):
        block(FakeLane("keras-serve", log, refused=1)).run()


def test_who_has_failed_before_is_left_out() -> None:
    """A later block does not try again."""
    log: list[tuple[str, str]] = []
    run = block(FakeLane("keras-serve", log), FakeLane("triton", log))
    run.results.contenders["triton"].failure = "not installed"
    run.run()
    assert {name for name, _ in log} == {"keras-serve"}
