"""What happens at Locust's events, in this process and without Locust's own loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from locust.env import Environment
from locust.runners import WorkerRunner

from loadtests.hooks import Hooks, choose_users, end
from loadtests.shapes.capacity import Capacity
from loadtests.shapes.smoke import Smoke
from loadtests.shapes.stages import Stage
from loadtests.users import MixedUser, ModelUser, XorUser
from tests.loadtests.double import Double
from tests.loadtests.environments import environment, forget


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What hooks leave behind does not reach the next test."""
    yield
    forget()


def test_users_of_absent_models_are_left_out(double: Double, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only users with something to ask remain, and a line says which model is missing."""
    prepared = environment(double, home)
    Hooks().prepare(prepared)
    assert prepared.user_classes == [MixedUser]
    assert "xor: left out" in capsys.readouterr().out


def test_mixed_user_asks_every_model(double: Double, home: Path) -> None:
    """Any name that the server has is asked, not only the four with users of their own."""
    double.models = ["toy", "xor"]
    (home / "models" / "xor").symlink_to(home / "models" / "toy")
    prepared = environment(double, home)
    Hooks().prepare(prepared)
    assert prepared.user_classes == [XorUser, MixedUser]
    assert {deck.model for deck in MixedUser(prepared)._decks} == {"toy", "xor"}
    assert {deck.model for deck in XorUser(prepared)._decks} == {"xor"}


def test_server_without_models_ends_the_run(double: Double, home: Path) -> None:
    """Nothing to ask is an error with a message."""
    double.models = []
    with pytest.raises(SystemExit, match="Expected a model"):
        Hooks().prepare(environment(double, home))


def test_other_machines_need_leave_here_too(double: Double, home: Path) -> None:
    """Locust's own command line does not load another machine by a slip either."""
    prepared = environment(double, home)
    prepared.host = "http://10.0.0.1:3000"
    with pytest.raises(SystemExit, match="--remote"):
        Hooks().prepare(prepared)


def test_address_cannot_change_after_the_check(double: Double, home: Path) -> None:
    """An address typed into Locust's page does not lead the load elsewhere."""
    prepared, hooks = environment(double, home), Hooks()
    hooks.prepare(prepared)
    prepared.host = "http://10.0.0.1:3000"
    hooks.start(prepared)
    assert prepared.host == double.url


def test_shape_fits_the_options(double: Double, home: Path) -> None:
    """Locust's options for users and time scale the shape."""
    prepared = environment(double, home, "--num_users=2", "--run_time=3")
    Hooks().prepare(prepared)
    assert isinstance(prepared.shape_class, Smoke)
    assert prepared.shape_class.stages == (Stage(3, 2),)


class Unconnected(WorkerRunner):
    """A worker that speaks to nobody."""

    def __init__(self) -> None:
        self.greenlet = []


def judged(hooks: Hooks, prepared: Environment) -> int | None:
    """The exit code that hooks choose."""
    hooks.judge(prepared)
    return prepared.process_exit_code


def test_exit_code_follows_thresholds_and_faults(double: Double, home: Path) -> None:
    """Right answers pass; a fault between the processes fails the run all the same, and so does a wrong answer."""
    prepared, hooks = environment(double, home), Hooks()
    hooks.prepare(prepared)
    hooks.start(prepared)
    hooks.count("toy infer", 1.0, context={"rows": 3})
    assert judged(hooks, prepared) == 0
    hooks.part.faults.append("Lost 1.")
    assert judged(hooks, prepared) == 1
    hooks.part.faults.clear()
    hooks.count("toy infer", 1.0, ValueError("wrong"))
    assert judged(hooks, prepared) == 1
    assert hooks.measured.mark().rows == 3


def test_search_judges_instead_of_thresholds(
    double: Double, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a shape that searches, what it found is the verdict; its steps are left beside the reports."""
    prepared, hooks = environment(double, home, f"--csv_prefix={tmp_path / 'capacity'}"), Hooks()
    prepared.shape_class = Capacity()
    hooks.prepare(prepared)
    assert prepared.user_classes == [MixedUser]
    assert ModelUser.think_s == (0.0, 0.0)
    assert judged(hooks, prepared) == 1
    assert "No capacity was found" in capsys.readouterr().out
    assert (tmp_path / "capacity_steps.csv").is_file()


def test_workers_are_told_to_pause_as_the_shape_says(double: Double, home: Path) -> None:
    """Users pause as the shape says, and without one as most shapes say."""
    prepared = environment(double, home)
    Hooks().prepare(prepared)
    assert ModelUser.think_s == Smoke.think_s == (0.005, 0.05)
    prepared.shape_class = None
    choose_users(prepared)
    assert ModelUser.think_s == (0.005, 0.05)


def test_worker_says_why_in_its_log_only(
    double: Double, home: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that cannot be prepared ends with the reason in its log; a cause they share is not said by each."""
    prepared = environment(double, home)
    prepared.runner = Unconnected()
    double.models = []
    with pytest.raises(SystemExit) as exit_:
        Hooks().prepare(prepared)
    assert exit_.value.code == 1
    assert "Expected a model" in caplog.text
    assert capsys.readouterr().out == ""


def test_run_is_ended_by_its_shape_or_its_runner(double: Double, home: Path) -> None:
    """A run ends before its time through its shape; without one the runner quits, or stops for who looks at a page."""
    prepared = environment(double, home)
    end(prepared)
    assert cast(Smoke, prepared.shape_class).tick() is None
    called: list[str] = []
    prepared.shape_class = None
    prepared.runner = cast(Any, SimpleNamespace(quit=lambda: called.append("quit"), stop=lambda: called.append("stop")))
    for headless in (True, False):
        cast(Any, prepared.parsed_options).headless = headless
        end(prepared)
    assert called == ["quit", "stop"]
