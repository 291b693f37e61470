"""Starting, refusing to start, and going away."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from tests import toy
from tests.end_to_end.life import until
from tests.servers import ROOT, Server, free_port, listens, serve, service_command

BODY = b'{"instances": [[1.0, 2.0]]}'
CLIENTS = 8


class Clients:
    """Threads that ask without pause; each ends when it can no longer connect."""

    def __init__(self, url: str, answers: int) -> None:
        self.statuses: list[int] = []
        self._answers = answers
        self.lost: list[str] = []
        self.answered = threading.Event()
        self._url = url
        self.threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            while True:
                try:
                    self.statuses.append(client.post("/v1/models/toy:predict", content=BODY).status_code)
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    self.lost.append(repr(error))
                    return
                if len(self.statuses) >= self._answers:
                    self.answered.set()


@pytest.mark.parametrize("answers", [1, 97, 613])
def test_sigterm_under_load_loses_nothing(tmp_path: Path, answers: int) -> None:
    """Every request that was sent is answered 200, the process exits 0, and the port is free."""
    toy.write(tmp_path)
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path)}) as server:
        clients = Clients(server.url, answers)
        assert clients.answered.wait(60)
        assert server.stop() == 0
        for thread in clients.threads:
            thread.join(30)
            assert not thread.is_alive()
    assert clients.lost == []
    assert set(clients.statuses) == {200}


def run_service(home: Path, port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start the service where it cannot start."""
    environment = {**os.environ, "BENTOML_HOME": str(home), **variables}
    return subprocess.run(
        service_command(port), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a hopeless start prints."""
    assert done.returncode == 1
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_empty_store_names_the_command_that_fills_it(tmp_path: Path) -> None:
    """Without a model the service ends with one line that says how to make one."""
    assert "python -m training all" in only_line(run_service(tmp_path, free_port()))


def test_plain_bentoml_ends_as_well(tmp_path: Path) -> None:
    """Started by BentoML itself on an empty store, worker and supervisor end and the log says why."""
    command = [sys.executable, "-m", "bentoml", "serve", "service.app:KerasServe", "--host", "127.0.0.1"]
    done = subprocess.run(
        [*command, "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "BENTOML_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "python -m training all" in done.stdout + done.stderr
    assert done.returncode != 0


def test_sigterm_to_the_worker_alone_ends_the_service(tmp_path: Path) -> None:
    """The socket is shared with the supervisor, which must not stay behind without ears."""
    toy.write(tmp_path)
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path)}) as server:
        os.kill(workers(server)[0], signal.SIGTERM)
        server.process.wait(30)
        assert not listens(server.port)


def test_only_broken_models_is_hopeless(tmp_path: Path) -> None:
    """With nothing but a damaged artifact the service ends with one line that names the damage."""
    folder = toy.write(tmp_path)
    (folder / "model.onnx").write_bytes(b"damaged")
    line = only_line(run_service(tmp_path, free_port()))
    assert "toy:1" in line
    assert "model.onnx" in line


def test_taken_port_is_hopeless(tmp_path: Path) -> None:
    """A port that somebody listens on ends the start with one line that names it."""
    toy.write(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert str(port) in only_line(run_service(tmp_path, port))


def test_bad_setting_is_hopeless(tmp_path: Path) -> None:
    """A setting out of its range ends the start with one line that names it."""
    toy.write(tmp_path)
    assert "KERAS_SERVE_WORKERS" in only_line(run_service(tmp_path, free_port(), KERAS_SERVE_WORKERS="none"))


def test_good_models_are_served_beside_a_refused_one(tmp_path: Path) -> None:
    """A damaged model is reported in readyz, status and log; the others answer."""
    toy.write(tmp_path, "good")
    (toy.write(tmp_path, "bad") / "signature.json").write_text("{}")
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path)}) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/readyz").json() == {"ready": True, "models": ["good"], "refused": ["bad:1"]}
        assert client.post("/v1/models/good:predict", content=BODY).status_code == 200
        assert client.post("/v1/models/bad:predict", content=BODY).status_code == 404
        assert client.get("/v1/models/bad").status_code == 503
        assert "bad:1 refused" in server.log.read_text()


def test_log_tells_the_settings_and_the_event_loop(tmp_path: Path) -> None:
    """The effective settings are logged at start, and the loop that runs is the fast one."""
    toy.write(tmp_path)
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path), "KERAS_SERVE_MAX_REQUEST_ROWS": "77"}) as server:
        events = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert next(event for event in events if event["message"] == "settings")["max_request_rows"] == 77
    assert next(event for event in events if event["message"] == "service ready")["loop"] == "uvloop"


def test_two_servers_of_one_store_do_not_mix(tmp_path: Path) -> None:
    """A second server on the same store neither empties nor adds to the first one's metrics."""
    toy.write(tmp_path)
    environment = {"BENTOML_HOME": str(tmp_path)}
    line = 'keras_serve_requests_total{code="ok",dialect="tfserving",model="toy"}'
    with serve(tmp_path, environment) as first:
        httpx.post(f"{first.url}/v1/models/toy:predict", content=BODY).raise_for_status()
        with serve(tmp_path, environment) as second:
            assert f"{line} 1.0" in httpx.get(f"{first.url}/metrics").text
            assert line not in httpx.get(f"{second.url}/metrics").text


def test_workers_share_the_socket_and_add_up_their_metrics(tmp_path: Path) -> None:
    """With two workers all requests are answered, and soon counted once, whichever worker is asked for the metrics."""
    toy.write(tmp_path)
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path), "KERAS_SERVE_WORKERS": "2"}) as server:
        assert len(workers(server)) == 2
        for _ in range(20):  # a connection each, so that both workers get some
            httpx.post(f"{server.url}/v1/models/toy:predict", content=BODY).raise_for_status()
        line = 'keras_serve_requests_total{code="ok",dialect="tfserving",model="toy"} 20.0'
        until(lambda: line in httpx.get(f"{server.url}/metrics").text)  # workers tell each other once a second
        for _ in range(5):
            assert line in httpx.get(f"{server.url}/metrics").text


def workers(server: Server) -> list[int]:
    """The processes under BentoML's supervisor."""
    return [child.pid for child in psutil.Process(server.process.pid).children()]


def test_killed_worker_is_replaced(tmp_path: Path) -> None:
    """When the worker dies, BentoML's supervisor starts another, which becomes ready."""
    toy.write(tmp_path)
    with serve(tmp_path, {"BENTOML_HOME": str(tmp_path)}) as server:
        worker = workers(server)[0]
        os.kill(worker, signal.SIGKILL)
        server.wait_ready()
        assert workers(server) != [worker]
