"""The client."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from loadtests.benchmark import bodies, goldens, lua, server_lane, wrk
from loadtests.benchmark.contender import Subject
from loadtests.errors import BenchmarkError, WrongAnswer
from loadtests.examples import Examples
from tests.loadtests.benchmark.standin import StandIn, StandInRunning

OUTPUT = """Running 2s test @ http://127.0.0.1:1
BENCHMARK requests 1000
BENCHMARK duration_us 2000000
BENCHMARK refused 3
BENCHMARK lost 4
BENCHMARK wrong {wrong}
BENCHMARK p50_us 1500
BENCHMARK p95_us 2500
BENCHMARK p99_us 9500
BENCHMARK first_wrong {first}
"""


def test_figures_are_read() -> None:
    """Refused requests are not counted as answered, and lost ones are counted as refused."""
    found = wrk.parse(OUTPUT.format(wrong=0, first=""))
    assert found == wrk.Reading(997, 7, 2.0, 1.5, 2.5, 9.5)


def test_a_wrong_answer_is_shown() -> None:
    """One wrong answer of many is enough, and the message holds it."""
    with pytest.raises(WrongAnswer, match="Received 1 others, the first: <html> BENCHMARK wrong 0"):
        wrk.parse(OUTPUT.format(wrong=1, first="<html> BENCHMARK wrong 0"))


def test_anything_else_is_an_error() -> None:
    """What a broken script prints is shown."""
    with pytest.raises(BenchmarkError, match="attempt to index"):
        wrk.parse("bench.lua: attempt to index a nil value")


def test_a_missing_client_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchmarkError, match="apt-get install wrk"):
        wrk.find()


def prepare(folder: Path, sums: Examples, standin: StandIn, subject: Subject) -> tuple[Path, StandInRunning]:
    """A script for a running stand-in."""
    running = standin.start(subject, folder, folder / "log")
    requests = bodies.write("v2-binary", sums, 1)
    expected = lua.expectation(goldens.ask(running.url, ["/"], requests, sums))
    path = folder / "script.lua"
    path.write_text(lua.script(["/"], server_lane.store(folder / "bodies", requests), requests.headers, expected))
    return path, running


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_the_script_runs(tmp_path: Path, sums: Examples, subject: Subject) -> None:
    """The real client sends the bodies to a server that answers rightly, then refuses, then answers something else."""
    standin = StandIn()
    script, running = prepare(tmp_path, sums, standin, subject)
    try:
        start = time.monotonic()
        right = wrk.run(script, running.url, 2, 5, cut_s=0.15)
        assert right.requests > 0
        assert right.refused == 0
        assert right.p50_ms <= right.p95_ms <= right.p99_ms
        standin.status = 503
        refused = wrk.run(script, running.url, 2, 5, cut_s=0.15)
        assert refused.requests == 0
        assert refused.refused > 0
        standin.status = 200
        text = script.read_text()
        script.write_text(
            text.replace("local prefix, shortest, longest = ", "local prefix, shortest, longest = 'x', 1, 2 --")
        )
        with pytest.raises(WrongAnswer, match=r'first: \{"outputs"'):
            wrk.run(script, running.url, 2, 5, cut_s=0.15)
        assert time.monotonic() - start < 5
    finally:
        running.stop()


def test_a_failing_client_is_an_error(fake_wrk: Path, tmp_path: Path) -> None:
    """Its exit code and output are in the message."""
    fake_wrk.write_text("#!/bin/sh\necho unable to connect\nexit 1\n")
    with pytest.raises(BenchmarkError, match="Received 1: unable to connect"):
        wrk.run(tmp_path / "no.lua", "http://127.0.0.1:1", 1, 1)
