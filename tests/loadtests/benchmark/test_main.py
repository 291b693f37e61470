"""The command line, with stand-in contenders and a client that sends nothing."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.benchmark import __main__ as command
from loadtests.benchmark import plots, session
from loadtests.benchmark.contender import Contender, Subject
from loadtests.benchmark.page import BEGIN, END
from loadtests.benchmark.plan import FULL, QUICK
from loadtests.benchmark.results import Results
from tests.loadtests.benchmark.canned import results
from tests.loadtests.benchmark.standin import PLAN, StandIn


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Page and pictures of this test's own; signals as they were."""
    page = tmp_path / "docs" / "benchmarks.md"
    page.parent.mkdir()
    page.write_text(f"{BEGIN}\n{END}\n")
    monkeypatch.setattr(command, "PAGE", page)
    monkeypatch.setattr(command, "IMAGES", page.parent / "images")
    monkeypatch.setattr(plots, "draw", draw)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield page
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def measured(subject: Subject, fake_wrk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that takes no time, on a model that needs no training."""
    monkeypatch.setattr(session, "subject", lambda name, folder, note: subject)
    for name in ("FULL", "QUICK"):
        monkeypatch.setattr(command, name, PLAN)


def draw(results: Results, folder: Path) -> list[Path]:
    """A picture with nothing in it, in no time."""
    folder.mkdir(exist_ok=True)
    (folder / "benchmark-p99.png").write_bytes(b"")
    return [folder / "benchmark-p99.png"]


def run(folder: Path, *words: str, standins: tuple[StandIn, ...]) -> int:
    """The command line on some contenders; its exit code."""
    contenders: dict[str, Contender] = {standin.name: standin for standin in standins}
    return command.main([f"--folder={folder}", *words], contenders)


@pytest.mark.usefixtures("measured")
def test_a_run_prints_tables_and_writes_page_and_results(
    tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole run ends in the table of bars, a page, pictures, and results from which the same page comes again."""
    standins = (StandIn(), StandIn("triton", dialects=("v2-json", "v2-binary")))
    assert run(tmp_path / "bench", standins=standins) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^Bars$", printed, re.MULTILINE)
    assert "measured bars are met" in printed.splitlines()[-2]
    text = place.read_text()
    assert "![" in text
    assert all((place.parent / link).is_file() for link in re.findall(r"!\[.*\]\((.*)\)", text))
    place.write_text(f"{BEGIN}\n{END}\n")
    assert run(tmp_path / "bench", "--render", standins=standins) == 0
    assert place.read_text() == text


@pytest.mark.usefixtures("measured")
def test_quick_and_partial_runs_leave_the_page_alone(tmp_path: Path, place: Path) -> None:
    """The page shows whole runs only, unless somebody asks for it."""
    before = place.read_text()
    standins = (StandIn(), StandIn("triton", dialects=("v2-json",)))
    assert run(tmp_path / "bench", "--quick", standins=standins) == 0
    assert run(tmp_path / "bench", "--only", "keras-serve", standins=standins) == 0
    assert place.read_text() == before
    saved = json.loads((tmp_path / "bench" / "results.json").read_text())
    assert {sample["contender"] for sample in saved["samples"]} == {"keras-serve", "engine"}


@pytest.mark.usefixtures("measured")
def test_who_is_left_out_of_a_plan_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A contender that a plan leaves out is neither installed nor measured, unless somebody wants it."""
    monkeypatch.setattr(command, "QUICK", replace(PLAN, left_out=("ray-serve",)))
    ray = StandIn("ray-serve", dialects=("predict-json",), pausable=False)
    assert run(tmp_path / "bench", "--quick", standins=(StandIn(), ray)) == 0
    assert not ray.started
    assert run(tmp_path / "bench", "--quick", "--only", "keras-serve", "ray-serve", standins=(StandIn(), ray)) == 0
    assert ray.all_stopped()


@pytest.mark.usefixtures("measured")
def test_a_wrong_answer_of_anybody_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and the table says whose it was; the rest is measured."""
    wrong = StandIn("triton", "Triton", ("v2-json",), add=1.0)
    assert run(tmp_path / "bench", "--no-write", standins=(StandIn(), wrong)) == 1
    assert re.search(r"\| Triton +\| dense: Expected total\[0\]\[0\] = 1.0", capsys.readouterr().out)


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError("disk full"), 1)])
def test_an_interruption_keeps_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    """Ctrl-C or a failure late in the run: all servers are ended, and the results so far can be shown."""

    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(session, "measure_starts", stop)
    standin = StandIn()
    assert run(tmp_path / "bench", standins=(standin,)) == code
    assert standin.all_stopped()
    message = capsys.readouterr().err
    assert "Traceback" not in message
    assert run(tmp_path / "bench", "--render", "--no-write", standins=(standin,)) == 0
    assert "Stand-in" in capsys.readouterr().out


def test_a_missing_client_is_said_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One plain sentence says how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(tmp_path / "bench", standins=(StandIn(missing="installed too early"),)) == 1
    assert capsys.readouterr().err == (
        "benchmark: Expected the program wrk on PATH. Received none: apt-get install wrk, or brew install wrk.\n"
    )


def test_nothing_to_render_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without results there is no page."""
    assert run(tmp_path / "bench", "--render", standins=()) == 1
    assert "Expected results of an earlier run" in capsys.readouterr().err


def test_rendering_needs_no_client(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page can be rendered on a machine that cannot measure."""
    monkeypatch.setenv("PATH", str(tmp_path))
    results().save(tmp_path / "bench" / "results.json")
    assert run(tmp_path / "bench", "--render", standins=()) == 0
    assert "## Bars" in place.read_text()


def test_options_change_the_plan() -> None:
    """Rounds and seconds are those that were asked for; the rest is the plan's."""
    assert command.plan(command.parse(["--quick", "--rounds", "7"], {})) == replace(QUICK, rounds=7)
    assert command.plan(command.parse(["--seconds", "3"], {})) == replace(FULL, seconds=3)
