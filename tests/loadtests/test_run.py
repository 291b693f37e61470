"""Locust as a process: its command line and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from loadtests.__main__ import parse
from loadtests.run import SHAPES, command, run
from loadtests.target import Target


def words(*arguments: str) -> list[str]:
    """Locust's command line for one of ours."""
    return command(Target("http://127.0.0.1:1"), parse(arguments), Path("reports"))


def is_alive(pid: int) -> bool:
    """Whether a process runs; the dead may lie about where nobody collects them."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_every_shape_has_a_file() -> None:
    """The shapes that can be chosen are the files, without what they share."""
    assert SHAPES == ("capacity", "smoke", "steady", "step")


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


def test_one_process_is_no_master() -> None:
    """Without a wish for more there is one process, and no port that another machine could speak to."""
    assert not {"--processes", "--master", "--worker"} & set(words())


def test_processes_of_this_machine_meet_on_it() -> None:
    """Several processes find each other on a free port of the loopback address, and nobody else does."""
    line, other = words("--processes=3"), words("--processes=3")
    options = {flag: line[line.index(flag) + 1] for flag in line if flag.startswith("--master") or "process" in flag}
    assert options["--processes"] == "3"
    assert options["--master-bind-host"] == "127.0.0.1"
    assert options["--master-bind-port"] == options["--master-port"]
    assert options["--master-port"] not in other


def test_no_number_of_processes_means_one_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zero stands for as many processes as cores that this one may use."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(5)))
    assert "--processes 5" in " ".join(words("--processes=0"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert "--processes" not in words("--processes=0")


def test_master_of_other_machines_plays_no_users() -> None:
    """It listens where it is told to, and waits for as many workers as it was told of."""
    line = " ".join(words("--url=http://127.0.0.1:1", "--expect-workers=3", "--bind-host=10.0.0.5"))
    assert "--master --expect-workers 3 --master-bind-host 10.0.0.5 --master-bind-port 5557" in line
    assert "--processes" not in line


def test_worker_for_another_machine_leaves_no_reports() -> None:
    """It finds its master, sends the same requests, and leaves reports to it."""
    line = " ".join(words("--url=http://127.0.0.1:1", "--worker=10.0.0.5", "--processes=2", "--seed=4"))
    assert "--worker --master-host 10.0.0.5 --master-port 5557 --processes 2" in line
    assert "--seed=4" in line
    assert "--csv" not in line
    assert "--html" not in line


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


def test_nothing_outlives_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Processes that the command left behind are ended with it."""
    monkeypatch.setattr("loadtests.server.LEFTOVERS_S", 0.1)
    page = tmp_path / "pid"
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    code = f"import subprocess, sys; open({str(page)!r}, 'w').write(str(subprocess.Popen({sleeper}).pid))"
    assert run([sys.executable, "-c", code]) == 0
    deadline = time.monotonic() + 5
    while is_alive(int(page.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.01)
