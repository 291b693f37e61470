"""A server of our own, with small stand-ins for it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

from loadtests import server as module
from loadtests.errors import ServerGone
from loadtests.server import Server, free_port, port_is_free

STAND_IN = """
import http.server, os, signal, subprocess, sys, time
if {stubborn}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if {parent}:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
print("pid", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Handler).serve_forever()
"""


def stand_in(log: Path, *, stubborn: bool = False, parent: bool = False) -> Server:
    """A server that knows nothing but to answer 200."""
    code = STAND_IN.format(stubborn=stubborn, parent=parent)
    return Server(log, (sys.executable, "-c", code))


def group_of(log: Path) -> int:
    """Its process group, which it leads."""
    return int(log.read_text().split()[1])


def is_empty(group: int) -> bool:
    """Whether no process of a group is left."""
    for process in psutil.process_iter():
        try:
            # the dead may lie about where nobody collects them
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return False
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return True


def test_server_lives_as_long_as_its_block(tmp_path: Path) -> None:
    """Inside the block the server answers; after it neither process nor listener is left."""
    with stand_in(tmp_path / "server.log") as server:
        assert server.target.ask("/readyz")[0] == 200
        assert not port_is_free(server.port)
    assert port_is_free(server.port)
    assert is_empty(group_of(tmp_path / "server.log"))


def test_server_ends_with_a_failing_block(tmp_path: Path) -> None:
    """An interruption of the load ends the server as well."""
    server = stand_in(tmp_path / "server.log")
    with pytest.raises(KeyboardInterrupt), server:
        raise KeyboardInterrupt
    assert port_is_free(server.port)


def test_stubborn_server_and_its_children_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ignores SIGTERM, and what it started, are gone all the same."""
    monkeypatch.setattr(module, "STOP_S", 0.1)
    monkeypatch.setattr(module, "LEFTOVERS_S", 0.1)
    with stand_in(tmp_path / "server.log", stubborn=True, parent=True) as server:
        group = group_of(tmp_path / "server.log")
    assert port_is_free(server.port)
    monkeypatch.setattr(module, "LEFTOVERS_S", 5)
    module.end_group(group)
    assert is_empty(group)


def test_hopeless_start_says_why(tmp_path: Path) -> None:
    """A server that ends at once is reported with its exit code and last words."""
    server = Server(tmp_path / "server.log", (sys.executable, "-c", "import sys; sys.exit('no models')"))
    with pytest.raises(ServerGone, match=r"exit code 1: no models"), server:
        pytest.fail("it is not ready")


def test_taken_port_is_seen() -> None:
    """A port with a listener is not free, one without is."""
    port = free_port()
    assert port_is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free(port)
    assert port_is_free(port)
