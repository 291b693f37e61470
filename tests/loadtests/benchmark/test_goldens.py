"""Whole answers before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.benchmark.bodies import write
from loadtests.benchmark.contender import Subject
from loadtests.benchmark.goldens import ask
from loadtests.errors import BenchmarkError, WrongAnswer
from loadtests.examples import Examples
from tests.loadtests.benchmark.standin import StandIn, StandInRunning


@pytest.fixture
def standin() -> StandIn:
    """A contender."""
    return StandIn()


@pytest.fixture
def running(standin: StandIn, subject: Subject, tmp_path: Path) -> Iterator[StandInRunning]:
    """Its server."""
    started = standin.start(subject, tmp_path, tmp_path / "log")
    yield started
    started.stop()


@pytest.mark.parametrize("dialect", ["predict-json", "v2-json", "v2-binary"])
def test_every_body_and_every_path_is_asked(
    running: StandInRunning, standin: StandIn, sums: Examples, dialect: str
) -> None:
    """As many answers as bodies or paths, whichever are more, and all are right."""
    requests = write(dialect, sums, 8)
    assert len(ask(running.url, ["/a"], requests, sums)) == len(requests.bodies)
    paths = [f"/{number}" for number in range(7)]
    assert len(ask(running.url, paths, requests, sums)) == len(paths)
    assert standin.paths_seen == {"/a", *paths}


def test_wrong_numbers_are_found(running: StandInRunning, standin: StandIn, sums: Examples) -> None:
    """Status 200 is not enough, unless it is a floor that is asked."""
    standin.add = 1.0
    requests = write("v2-json", sums, 1)
    with pytest.raises(WrongAnswer, match=r"Expected total\[0\]\[0\] = 1\.0"):
        ask(running.url, ["/"], requests, sums)
    assert ask(running.url, ["/"], requests, None)


def test_other_statuses_are_wrong(running: StandInRunning, standin: StandIn, sums: Examples) -> None:
    """A refusal is no answer."""
    standin.status = 503
    with pytest.raises(WrongAnswer, match=r"Expected status 200 from /x\. Received 503"):
        ask(running.url, ["/x"], write("v2-json", sums, 1), sums)


def test_silence_is_an_error(sums: Examples) -> None:
    """Nobody listens: the message says where."""
    with pytest.raises(BenchmarkError, match=r"Expected an answer from http://127\.0\.0\.1:1\."):
        ask("http://127.0.0.1:1", ["/"], write("v2-json", sums, 1), sums)
