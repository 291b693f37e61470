"""Real server processes for tests: started, waited for, ended, and the port seen free again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
START_S = 60
STOP_S = 40


class Server:
    """A server process; its standard output and error lie in ``log``, its gRPC port, if it has one, in ``rpc_port``."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.port = int(url.rsplit(":", 1)[1])
        self.rpc_port = 0
        self.log = log

    def wait_ready(self) -> None:
        """Return when ``/readyz`` is 200; fail with the log if the process ends first."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"server not ready: {self.log.read_text()[-3000:]}")

    def stop(self) -> int:
        """Send SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def service_command(port: int) -> list[str]:
    """What `make serve` runs once models are there."""
    return [sys.executable, "-m", "service", "--host", "127.0.0.1", "--port", str(port)]


@contextmanager
def serve(
    folder: Path, environment: Mapping[str, str], command: Sequence[str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """Run a server for the length of a block.

    Args:
        folder: Where its log goes.
        environment: Variables besides those of this process.
        command: Its command line; the service of this tree if none is given.
        port: Where the command listens; a free port if none is given.
    """
    port = port or free_port()
    log = folder / f"server-{port}.log"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("KERAS_SERVE_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command or service_command(port),
            cwd=ROOT,
            env={**variables, "BENTOML_DO_NOT_TRACK": "true", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        server.wait_ready()
        yield server
    finally:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        assert not listens(port), "the port is not free again"
