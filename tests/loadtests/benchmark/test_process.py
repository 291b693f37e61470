"""A server's processes, with a small stand-in that has a child."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from loadtests.benchmark import process as module
from loadtests.benchmark.process import Launch, ServerProcess, is_alive
from loadtests.errors import BenchmarkError
from loadtests.server import free_port, port_is_free

STAND_IN = """
import http.server, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def launch(tmp_path: Path, code: str = STAND_IN, ready: str = "/ready") -> Launch:
    """The stand-in on a free port."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    port = free_port()
    return Launch((sys.executable, "-c", code, str(port)), port, ready, scratch, tmp_path, {})


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerProcess]:
    """A stand-in that is ready."""
    monkeypatch.setattr(module, "LEFTOVERS_S", 0.2)
    running = ServerProcess(launch(tmp_path), tmp_path / "log")
    try:
        running.wait_ready(20)
        yield running
    finally:
        running.stop()


def is_stopped(server: ServerProcess, wanted: bool) -> bool:
    """Whether all its processes are stopped, or none is, as wanted; the kernel may take a moment for it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if all((process.status() == psutil.STATUS_STOPPED) == wanted for process in server._family()):
            return wanted
        time.sleep(0.005)
    return not wanted


def test_pause_stops_all_processes_and_resume_lets_them_go_on(server: ServerProcess) -> None:
    """Parent and child stop together, use no CPU, and go on together."""
    server.pause()
    assert is_stopped(server, True)
    assert server.cpu_s() == server.cpu_s()
    server.resume()
    assert not is_stopped(server, False)


def test_what_must_not_be_paused_is_not(server: ServerProcess) -> None:
    """A server that does not stand it goes on to answer."""
    server._pausable = False
    server.pause()
    assert server._is_ready()


def test_figures_are_of_all_processes(server: ServerProcess) -> None:
    """CPU time and memory are more than those of the parent alone."""
    parent, child = server._family()
    assert server.ready_s > 0
    assert server.cpu_s() >= sum(sum(process.cpu_times()[:2]) for process in (parent, child)) > 0
    assert server.memory_bytes() > parent.memory_full_info().uss + child.memory_full_info().uss // 2


def test_end_leaves_nothing_behind(server: ServerProcess) -> None:
    """Even paused, all processes end, the port is free and the scratch folder is gone."""
    family = server._family()
    server.pause()
    server.stop()
    assert port_is_free(server._launch.port)
    assert not any(is_alive(process) for process in family)
    assert not server._launch.scratch.exists()
    assert server.cpu_s() == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [("import sys; sys.exit('no model')", "exit code 1: no model"), ("import time; time.sleep(60)", "nothing in")],
)
def test_hopeless_start_says_why(tmp_path: Path, code: str, said: str) -> None:
    """A server that ends, or never gets ready, is reported with its last words."""
    running = ServerProcess(launch(tmp_path, code), tmp_path / "log")
    try:
        with pytest.raises(BenchmarkError, match=said):
            running.wait_ready(0.4 if "nothing" in said else 20)
    finally:
        running.stop()


def test_missing_program_is_named(tmp_path: Path) -> None:
    """What cannot be started at all is an error of the benchmark."""
    missing = Launch(("/nowhere/server",), free_port(), "/", tmp_path / "scratch", tmp_path, {})
    with pytest.raises(BenchmarkError, match="/nowhere/server"):
        ServerProcess(missing, tmp_path / "log")
