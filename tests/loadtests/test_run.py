"""Locust as a process: its command line and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from loadtests.__main__ import parse
from loadtests.run import SHAPES, command, run
from loadtests.target import Target


def words(*arguments: str) -> list[str]:
    """Locust's command line for one of ours."""
    return command(Target("http://127.0.0.1:1"), parse(arguments), Path("reports"))


def test_every_shape_has_a_file() -> None:
    """The shapes that can be chosen are the files, without what they share."""
    assert SHAPES == ("smoke", "steady", "step")


def test_runs_are_headless_with_reports() -> None:
    """No page opens, and HTML and CSV go to the folder of reports."""
    line = " ".join(words("--shape=step"))
    assert "--headless --host http://127.0.0.1:1" in line
    assert "--html reports/step.html --csv reports/step " in line


def test_shape_is_loaded_beside_the_locustfile() -> None:
    """Locust is given both files, and both exist."""
    locustfile, shape = words("--shape=steady")[4].split(",")
    assert Path(locustfile).is_file()
    assert Path(shape).is_file()


def test_users_and_length_are_the_shapes_unless_given() -> None:
    """Only what a person asked for is passed on."""
    assert not {"--users", "--run-time"} & set(words())
    line = " ".join(words("--users=3", "--duration-s=4", "--seed=5"))
    assert "--users 3 --run-time 4s" in line
    assert "--seed=5" in line


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("1", 1), ("2", 2)])
def test_exit_code_is_the_commands(code: str, expected: int) -> None:
    """What the command says of the run is passed on."""
    assert run([sys.executable, "-c", f"raise SystemExit({code})"]) == expected


def test_death_by_a_signal_is_a_failure() -> None:
    """A load that was killed has not passed."""
    assert run([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]) == 1


def test_interruption_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C here reaches the command once, and it is waited for."""
    started = threading.Event()
    processes = []

    class Process(subprocess.Popen[bytes]):
        def wait(self, timeout: float | None = None) -> int:
            if not started.is_set():
                processes.append(self)
                started.set()
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr("loadtests.run.subprocess.Popen", Process)
    with pytest.raises(KeyboardInterrupt):
        run([sys.executable, "-c", "import time; time.sleep(600)"])
    assert processes[0].returncode == -signal.SIGINT or processes[0].returncode == 1
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0].pid, 0)
