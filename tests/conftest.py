"""What the whole suite shares: models trained for one epoch, and a server that serves them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, Server, free_port, serve

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what runs in its background so, and the processes that tests interrupt would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of several processes, one has all tests of the trained models, which take long to train; a file stays whole."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        group = "trained" if "trained_home" in names else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BentoML home with all four models, trained on the real data for one epoch by the command line."""
    home = tmp_path_factory.mktemp("bentoml")
    command = [sys.executable, "-m", "training", "all", "--epochs", "1", "--allow-below-gate"]
    environment = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "true"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home


@pytest.fixture(scope="session")
def server(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python -m service` on the trained models, with gRPC on a port of its own."""
    rpc_port = free_port()
    environment = {"BENTOML_HOME": str(trained_home), "KERAS_SERVE_GRPC_PORT": str(rpc_port)}
    with serve(tmp_path_factory.mktemp("server"), environment) as running:
        running.rpc_port = rpc_port
        yield running
