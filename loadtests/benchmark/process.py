"""A server's processes: started, waited for, stopped and let go, measured, ended with all that they started."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from loadtests.errors import BenchmarkError
from loadtests.server import HOST, LOG_TAIL, port_is_free

POLL_S = 0.005
ASK_S = 2.0
STOP_S = 20.0
"""Longest wait for an end in order."""
LEFTOVERS_S = 5.0


@dataclass(frozen=True, slots=True)
class Launch:
    """What is started.

    Attributes:
        command: Program and arguments.
        port: That it will listen on.
        ready: Path that answers 200 once the server can predict.
        scratch: Folder of this run's own, removed at its end.
        folder: Where it is started.
        variables: Of its environment, besides this process' own.
    """

    command: Sequence[str]
    port: int
    ready: str
    scratch: Path
    folder: Path
    variables: Mapping[str, str]


class ServerProcess:
    """A process in a session of its own, and all that it starts.

    Args:
        launch: What is started.
        log: Takes its output.
        pausable: Whether ``pause`` stops it; else it goes on.
    """

    def __init__(self, launch: Launch, log: Path, *, pausable: bool = True) -> None:
        self.url = f"http://{HOST}:{launch.port}"
        self.ready_s = 0.0
        self._launch, self._log, self._pausable = launch, log, pausable
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._started = time.monotonic()
            try:
                self._process = subprocess.Popen(
                    [*launch.command],
                    cwd=launch.folder,
                    env={**os.environ, **launch.variables},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                shutil.rmtree(launch.scratch, ignore_errors=True)
                raise BenchmarkError(f"Expected {launch.command[0]} to start. Received {error}") from None

    def wait_ready(self, timeout_s: float) -> None:
        """Ask its path for readiness until the answer is 200."""
        while (waited := time.monotonic() - self._started) < timeout_s and self._process.poll() is None:
            if self._is_ready():
                self.ready_s = time.monotonic() - self._started
                return
            time.sleep(POLL_S)
        code = self._process.poll()
        ended = f"nothing in {waited:.0f} s" if code is None else f"exit code {code}"
        tail = self._log.read_text(errors="replace")[-LOG_TAIL:].strip()
        raise BenchmarkError(f"Expected a server at {self.url}{self._launch.ready}. Received {ended}: {tail}")

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._launch.port, timeout=ASK_S)
        try:
            connection.request("GET", self._launch.ready)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def pause(self) -> None:
        """Stop all its processes, parents first, so that none is missed for a child."""
        if self._pausable:
            self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let all its processes go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _family(self) -> list[psutil.Process]:
        """The process and its descendants that live."""
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """User and system time of each process, and of its children that have ended and were collected."""
        total = 0.0
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
                # systems other than Linux do not tell
                total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        return total

    def memory_bytes(self) -> int:
        """Sum of proportional set sizes, which share out common pages; where only Linux has them, unique ones."""
        total = 0
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                sizes = process.memory_full_info()
                total += getattr(sizes, "pss", sizes.uss)
        return total

    def stop(self) -> None:
        """Ask it to end, then kill what is left of it."""
        family = self._family()
        self.resume()
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        left = wait_ended(family, LEFTOVERS_S if self._process.poll() is not None else 0.0)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        wait_ended(left, LEFTOVERS_S)
        shutil.rmtree(self._launch.scratch, ignore_errors=True)
        deadline = time.monotonic() + LEFTOVERS_S
        while not port_is_free(self._launch.port):
            if time.monotonic() > deadline:
                raise BenchmarkError(f"Expected port {self._launch.port} to be free. It is taken after the end.")
            time.sleep(POLL_S)


def wait_ended(processes: Sequence[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Wait for processes to end; those that have not are returned."""
    deadline = time.monotonic() + timeout_s
    while (left := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return left


def is_alive(process: psutil.Process) -> bool:
    """Whether a process runs; the dead may lie about where nobody collects them."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
