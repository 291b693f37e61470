"""Load on a model whose versions tell themselves apart: version N answers N times the sum of a row."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests import toy
from tests.servers import Server

KEY = "a key of the tests alone"
ROW = [[3.0, 2.0]]
SUM = 5.0
PATIENCE_S = 60


def store(home: Path, version: int, *, sound: bool = True) -> None:
    """Put a version into the store in one step, whole or with a changed byte in its model."""
    place = toy.write(home, version=version, scale=float(version), sound=sound)
    assert place.is_dir()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def listed(server: Server) -> dict[int, dict[str, Any]]:
    """What `/models` says of each version of the toy."""
    return {entry["version"]: entry for entry in httpx.get(f"{server.url}/models").json()["models"]}


def infer(client: httpx.Client, label: str = "") -> int:
    """Ask once; the version that the answer names, if it is that version's golden answer."""
    path = f"/v2/models/toy/versions/{label}/infer" if label else "/v2/models/toy/infer"
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP32", "data": ROW}
    answer = client.post(path, json={"inputs": [tensor], "outputs": [{"name": "total"}]})
    assert answer.status_code == 200, answer.text
    version = int(answer.json()["model_version"])
    assert answer.json()["outputs"][0]["data"] == [version * SUM]
    assert answer.headers["X-Model-Version"] == str(version)
    return version


class Load:
    """Threads that ask without pause for the length of a block.

    Attributes:
        seen: How many answers came from each version.
        faults: Whatever was no golden answer of the version it names.
    """

    def __init__(self, server: Server, clients: int = 3) -> None:
        self.seen: Counter[int] = Counter()
        self.faults: list[str] = []
        self._server = server
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _ask(self) -> None:
        with httpx.Client(base_url=self._server.url, timeout=30) as client:
            while not self._over.is_set():
                try:
                    self.seen[infer(client)] += 1
                except Exception as error:
                    self.faults.append(repr(error))
                    return
