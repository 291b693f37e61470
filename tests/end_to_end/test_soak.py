"""What takes minutes: memory over many swaps, a canary's share over many requests, a file of a million rows.

Not part of the default run; `make soak` runs it and prints what was measured.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from tests import toy
from tests.end_to_end.life import Load, infer, listed, store, until
from tests.servers import Server, serve

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

MB = 1024 * 1024
SWAPS = 20
REQUESTS = 10_000
LINES = 1_000_000


@contextmanager
def watched(home: Path, **environment: str) -> Iterator[Server]:
    """A server that looks often."""
    variables = {"BENTOML_HOME": str(home), "KERAS_SERVE_POLL_INTERVAL_MS": "100", **environment}
    with serve(home, variables) as running:
        yield running


def worker(server: Server) -> psutil.Process:
    """The process that serves: the largest of the tree."""
    tree = [server.process, *psutil.Process(server.process.pid).children(recursive=True)]
    return max((psutil.Process(one.pid) for one in tree), key=lambda one: int(one.memory_info().rss))


def resident(process: psutil.Process) -> int:
    """Bytes in memory."""
    return int(process.memory_info().rss)


def copy_as(source: Path, home: Path, version: int) -> None:
    """Put a stored model into another store under another version, in one step."""
    draft = home / f"draft-{version}"
    shutil.copytree(source, draft)
    manifest = json.loads((draft / "manifest.json").read_text())
    manifest["version"] = version
    (draft / "manifest.json").write_text(json.dumps(manifest))
    (home / "models" / manifest["name"]).mkdir(parents=True, exist_ok=True)
    draft.rename(home / "models" / manifest["name"] / str(version))


def test_twenty_swaps_give_their_memory_back(trained_home: Path, tmp_path: Path) -> None:
    """Twenty versions of the digit classifier under load: at most 20 MB more than after the first ones."""
    source = next(iter(sorted((trained_home / "models" / "mnist").iterdir())))
    copy_as(source, tmp_path, 1)
    record = json.loads((source / "examples.jsonl").read_text().splitlines()[0])
    body = {"records": [record]}
    with watched(tmp_path) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        process = worker(server)
        seen = []
        for version in range(2, SWAPS + 4):
            copy_as(source, tmp_path, version)
            while True:
                answer = client.post("/v1/models/mnist:predict", json=body)
                assert answer.status_code == 200
                if answer.headers["X-Model-Version"] == str(version):
                    break
            until(lambda version=version: _state(server, version - 1) == "END")  # type: ignore[misc]
            shutil.rmtree(tmp_path / "models" / "mnist" / str(version - 1))
            seen.append(resident(process) / MB)
        print(f"\nresident MB after each swap: {[round(size, 1) for size in seen]}")
        assert seen[-1] - seen[1] <= 20


def _state(server: Server, version: int) -> str:
    models = httpx.get(f"{server.url}/models").json()["models"]
    return next((str(one["state"]) for one in models if one["version"] == version), "")


def test_a_canary_gets_its_share(tmp_path: Path) -> None:
    """10 % of 10,000 requests, give or take two."""
    store(tmp_path, 1)
    store(tmp_path, 2)
    file = tmp_path / "serve.toml"
    file.write_text("[models.toy]\ncanary = { version = 2, percent = 10 }\n")
    with watched(tmp_path, KERAS_SERVE_CONFIG=str(file)) as server, httpx.Client(base_url=server.url) as client:
        seen = Counter(infer(client) for _ in range(REQUESTS))
    print(f"\ncanary: {seen[2]} of {REQUESTS}")
    assert set(seen) == {1, 2}
    assert 0.08 <= seen[2] / REQUESTS <= 0.12


def test_a_million_rows_in_one_request(trained_home: Path, tmp_path: Path) -> None:
    """One answer line for each of a million CSV lines, while at most 300 MB more than at rest are in memory."""
    source = next(iter(sorted((trained_home / "models" / "flights").iterdir())))
    records = [json.loads(line) for line in (source / "examples.jsonl").read_text().splitlines()]
    columns = list(dict.fromkeys(name for record in records for name in record))
    rows = tmp_path / "rows.csv"
    with rows.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        for start in range(0, LINES, len(records)):
            writer.writerows(records[: LINES - start])
    answers = tmp_path / "answers.csv"
    with serve(tmp_path, {"BENTOML_HOME": str(trained_home)}) as server:
        process = worker(server)
        httpx.post(f"{server.url}/v1/models/flights:predict", json={"records": records})
        before = peak = resident(process)
        command = ["curl", "-sS", "-T", str(rows), "-X", "POST", "-H", "Content-Type: text/csv", "-o", str(answers)]
        command += ["-w", "%{time_total}", f"{server.url}/v1/models/flights:predict"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
            while curl.poll() is None:
                peak = max(peak, resident(process))
                time.sleep(0.02)
            assert curl.stdout is not None
            elapsed_s = float(curl.stdout.read())
    with answers.open() as file:
        head, count = file.readline(), sum(1 for line in file if line.endswith(",\n"))
    print(f"\n{LINES / elapsed_s:,.0f} rows/s, {(peak - before) / MB:.0f} MB above rest")
    assert head.rstrip().endswith(",error")
    assert count == LINES
    assert (peak - before) / MB <= 300


def test_a_shadow_of_a_different_model_is_measured(tmp_path: Path) -> None:
    """Two models that differ on the rows of positive sum only: the share of these is the rate that is told."""
    toy.write(tmp_path, version=1)
    toy.write(tmp_path, version=2, scale=1.5)
    file = tmp_path / "serve.toml"
    file.write_text("[models.toy]\nshadow = { version = 2, rtol = 1e-3 }\n")
    rows = np.zeros((1000, 2)).tolist()
    rows[:230] = [[1.0, 1.0]] * 230
    with watched(tmp_path, KERAS_SERVE_CONFIG=str(file)) as server:
        answer = httpx.post(f"{server.url}/v1/models/toy:predict", json={"instances": rows}, timeout=30)
        assert answer.status_code == 200
        until(lambda: sum(listed(server)[2]["shadow"].values()) == 1000)
        assert listed(server)[2]["shadow"] == {"agree": 770, "disagree": 230, "failed": 0, "skipped": 0}


def test_steady_load_through_ten_swaps(tmp_path: Path) -> None:
    """Ten swaps under load: no failure, and each answer is that of the version it names."""
    store(tmp_path, 1)
    with watched(tmp_path) as server, Load(server) as load:
        for version in range(2, 12):
            store(tmp_path, version)
            until(lambda version=version: load.seen[version] > 100 or bool(load.faults))  # type: ignore[misc]
    assert load.faults == []
    assert sorted(load.seen) == list(range(1, 12))
