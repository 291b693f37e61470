"""Versions come, take over, are refused, tried out and labelled while a real server answers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.life import KEY, Load, infer, listed, store, until
from tests.servers import ROOT, Server, serve

DRAWS = 1500


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with version 1."""
    store(tmp_path, 1)
    (tmp_path / "serve.toml").write_text("")
    return tmp_path


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """A server that looks often, reads a configuration and takes orders."""
    environment = {
        "BENTOML_HOME": str(home),
        "KERAS_SERVE_CONFIG": str(home / "serve.toml"),
        "KERAS_SERVE_POLL_INTERVAL_MS": "50",
        "KERAS_SERVE_REPOSITORY_KEY": KEY,
    }
    with serve(home, environment) as running:
        yield running


def test_swaps_under_load_lose_nothing(home: Path, server: Server) -> None:
    """1 to 2 to 3: no failure, each answer is that of the version it names; a corrupt 4 is refused while 3 serves."""
    with Load(server) as load:
        for version in (1, 2, 3):
            if version > 1:
                store(home, version)
            until(lambda version=version: load.seen[version] > 50 or bool(load.faults))  # type: ignore[misc]
        store(home, 4, sound=False)
        until(lambda: 4 in listed(server))
        until(lambda: listed(server)[4]["state"] == "END")
        before = load.seen[3]
        until(lambda: load.seen[3] > before + 50 or bool(load.faults))
    assert load.faults == []
    assert sorted(load.seen) == [1, 2, 3]
    found = listed(server)
    assert "model.onnx has changed" in found[4]["reason"]
    assert found[3]["default"]
    until(lambda: listed(server)[2]["state"] == "END")
    status = httpx.get(f"{server.url}/v1/models/toy").json()["model_version_status"]
    assert status[0]["version"] == "4"
    assert "changed" in status[0]["status"]["error_message"]


def test_label_canary_and_shadow(home: Path, server: Server) -> None:
    """A label moves when its version is ready, a canary gets its share, a shadow's disagreement is counted."""
    file = home / "serve.toml"
    file.write_text("[models.toy]\nlabels = { stable = 1 }\n")
    store(home, 2)
    with httpx.Client(base_url=server.url, timeout=30) as client:
        until(lambda: "stable" in listed(server)[1]["labels"] and 2 in listed(server) and listed(server)[2]["default"])
        assert (infer(client, "stable"), infer(client)) == (1, 2)
        file.write_text("[models.toy]\nlabels = { stable = 3 }\n")
        until(lambda: bool(httpx.get(f"{server.url}/models").json()["complaints"]))
        assert infer(client, "stable") == 1
        store(home, 3)
        until(lambda: infer(client, "stable") == 3)

        file.write_text("[models.toy]\nversions = [2]\ncanary = { version = 3, percent = 10 }\nlabels = { old = 1 }\n")
        until(lambda: "canary_percent" in listed(server)[3])
        seen = Counter(infer(client) for _ in range(DRAWS))
        assert set(seen) == {2, 3}
        assert 0.05 < seen[3] / DRAWS < 0.15  # six standard deviations on either side

        file.write_text("[models.toy]\nversions = [2]\nshadow = { version = 3, rtol = 0.1 }\n")
        until(lambda: "shadow" in listed(server)[3])
        assert {infer(client) for _ in range(20)} == {2}
        until(lambda: listed(server)[3]["shadow"]["disagree"] == 20)
        same = {"instances": [[0.0, 0.0]]}
        assert client.post("/v1/models/toy:predict", json=same).status_code == 200
        until(lambda: listed(server)[3]["shadow"]["agree"] == 1)


def test_unload_and_load_by_triton_calls(server: Server) -> None:
    """Without the key nothing changes; with it a model goes and comes back."""
    calls = f"{server.url}/v2/repository/models/toy"
    assert httpx.post(f"{calls}/unload").status_code == 401
    key = {"Authorization": f"Bearer {KEY}"}
    assert httpx.post(f"{calls}/unload", headers=key).status_code == 200
    gone = httpx.post(f"{server.url}/v1/models/toy:predict", json={"instances": [[0, 0]]})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert httpx.post(f"{calls}/load", headers=key).status_code == 200
    with httpx.Client(base_url=server.url) as client:
        assert infer(client) == 1


def test_the_models_of_a_service_as_a_table(server: Server) -> None:
    """`python -m service models` prints a line for each version."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "models", "--url", server.url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    head, line = done.stdout.splitlines()
    assert head.split() == ["model", "version", "labels", "state", "engine", "rows", "traffic", "reason"]
    assert line.split() == ["toy", "1", "AVAILABLE", "onnxruntime", "CPU", "0", "default"]
