"""A whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.benchmark import session as module
from loadtests.benchmark.contender import Contender, Subject
from loadtests.benchmark.plan import FULL, QUICK, Case, Plan
from loadtests.benchmark.session import Session, session
from loadtests.errors import BenchmarkError
from tests.loadtests.benchmark.standin import PLAN, StandIn


@pytest.fixture
def start(tmp_path: Path, subject: Subject, fake_wrk: Path, monkeypatch: pytest.MonkeyPatch) -> type[Session]:
    """Sessions on a model that needs no training."""
    monkeypatch.setattr(module, "subject", lambda name, folder, note: subject)
    return Session


def make(tmp_path: Path, *standins: StandIn, plan: Plan = PLAN) -> Session:
    """A session with some contenders."""
    contenders: dict[str, Contender] = {standin.name: standin for standin in standins}
    return session(contenders, plan, tmp_path / "bench", lambda line: None, quick=False)


@pytest.mark.usefixtures("start")
def test_all_sections_are_measured(tmp_path: Path) -> None:
    """Every part of the benchmark leaves its figures, and no server is left."""
    standins = (
        StandIn(),
        StandIn("triton", dialects=("v2-json", "v2-binary")),
        StandIn("ray-serve", dialects=("predict-json",), pausable=False),
    )
    run = make(tmp_path, *standins)
    run.run()
    sections = {(sample.section, sample.contender) for sample in run.results.samples}
    assert sections == {
        *(("dense", name) for name in ("keras-serve", "triton", "ray-serve", "engine")),
        *(("convolutional", name) for name in ("keras-serve", "triton", "engine")),
        *(("growth-2", name) for name in ("keras-serve", "triton")),
    }
    assert run.results.memory_mb("memory-4", "keras-serve", "after") == [5.0]
    assert all(standin.all_stopped() for standin in standins)
    asked = {(s.contender, Case(s.clients, s.rows)) for s in run.results.samples if s.section == "dense"}
    assert ("ray-serve", Case(8, 1)) in asked
    assert ("ray-serve", Case(1, 1)) not in asked


@pytest.mark.usefixtures("start")
def test_what_cannot_be_installed_is_told(tmp_path: Path) -> None:
    """The reason is kept, and the rest is measured."""
    run = make(tmp_path, StandIn(), StandIn("triton", missing="no wheel for this system"))
    run.run()
    assert run.results.contenders["triton"].failure == "not installed: no wheel for this system"
    assert {sample.contender for sample in run.results.samples} == {"keras-serve", "engine"}
    assert run.results.contenders["keras-serve"].versions == {"standin": "1.2"}


@pytest.mark.usefixtures("start")
def test_nothing_is_measured_without_ours(tmp_path: Path) -> None:
    """Our own failure to be installed ends the run."""
    with pytest.raises(BenchmarkError, match="no compiler"):
        make(tmp_path, StandIn(missing="no compiler")).run()


@pytest.mark.parametrize(("plan", "minutes"), [(FULL, 45), (QUICK, 6)])
def test_plans_fit_into_their_time(plan: Plan, minutes: int, tmp_path: Path, subject: Subject) -> None:
    """All turns of eight servers together leave time for installing and starting them."""
    every = ("predict-json", "v2-json", "v2-binary")
    dialects = {"keras-serve": every, "triton": every[1:], "mlserver": every[1:], "uvicorn": every}
    names = [*dialects, "litserve", "fastapi", "bentoml", "ray-serve"]
    run = make(tmp_path, *(StandIn(name, dialects=dialects.get(name, every[:1])) for name in names), plan=plan)
    run._install()
    blocks = [run._block(lanes) for lanes in run._lanes(subject, subject)]
    assert sum(block.duration_s for block in blocks) / 60 < 0.9 * minutes
