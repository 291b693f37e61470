"""A server of our own: a process on a free port, waited for, ended, and its port seen free again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from loadtests.errors import ServerGone
from loadtests.target import Target

HOST = "127.0.0.1"
START_S = 120
"""Longest wait for ``/readyz``; an engine on a GPU compiles first."""
STOP_S = 40
"""Longest wait for the end after SIGTERM; the service itself takes at most half of it."""
LEFTOVERS_S = 5
POLL_S = 0.05
LOG_TAIL = 1500


class Server:
    """``python -m service`` for the length of a ``with`` block.

    Args:
        log: File that takes its output.
        command: What is started, before ``--host`` and ``--port``.
    """

    def __init__(self, log: Path, command: tuple[str, ...] = (sys.executable, "-m", "service")) -> None:
        self._log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.target = Target(f"http://{HOST}:{self.port}")

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [*self._command, "--host", HOST, "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # a group of its own: Ctrl-C reaches this process only, which then ends the server after the load
                start_new_session=True,
            )
        try:
            self._wait_ready(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if self.target.ask("/readyz")[0] == 200:
                    return
            except ServerGone:
                pass  # it does not listen yet
            time.sleep(POLL_S)
        ended = "no answer" if process.returncode is None else f"exit code {process.returncode}"
        tail = self._log.read_text(errors="replace")[-LOG_TAIL:].strip()
        raise ServerGone(f"Expected a server that gets ready within {START_S} s. Received {ended}: {tail}")

    def stop(self) -> None:
        """End the server and everything that it started.

        Raises:
            ServerGone: Its port is still taken.
        """
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        end_group(process.pid)
        if not port_is_free(self.port):
            raise ServerGone(f"Expected port {self.port} to be free after the server's end. It is taken.")


def end_group(group: int) -> None:
    """Wait for the last processes of a group, then kill what is left.

    Args:
        group: The process that leads it, or led it.
    """
    deadline = time.monotonic() + LEFTOVERS_S
    try:
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(POLL_S)
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nobody is left, or, as some systems say it, only dead ones


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on a port."""
    with socket.socket() as probe:
        # connections that linger from the load are no listener
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
