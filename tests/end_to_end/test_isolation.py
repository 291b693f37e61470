"""One request never harms another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import numpy as np

from tests.servers import Server

SMALL = 64
LARGE_ROWS = 1024


def ask(client: httpx.Client, rows: list[list[float]]) -> httpx.Response:
    """Predict XOR rows."""
    return client.post("/v1/models/xor:predict", json={"instances": rows}, timeout=30)


def corners(count: int, seed: int) -> list[list[float]]:
    """Random rows of XOR's truth table."""
    chosen: list[list[float]] = np.random.default_rng(seed).integers(0, 2, (count, 2)).astype(float).tolist()
    return chosen


def test_small_requests_beside_a_large_one(server: Server) -> None:
    """64 one-row requests during one of 1,024 rows: each gets its own answer, a malformed one fails alone."""
    large, small = corners(LARGE_ROWS, 1), corners(SMALL, 2)
    with httpx.Client(base_url=server.url) as client:
        alone = {tuple(row): ask(client, [row]).json()["predictions"][0] for row in ([0, 0], [0, 1], [1, 0], [1, 1])}
        assert len({value[0] for value in alone.values()}) > 1
        start = Barrier(SMALL + 1)

        def at_once(rows: list[list[float]]) -> httpx.Response:
            start.wait(30)
            return ask(client, rows)

        malformed = SMALL // 2
        requests = [large] + [[["no", "number"]] if i == malformed else [row] for i, row in enumerate(small)]
        with ThreadPoolExecutor(SMALL + 1) as pool:
            answers = list(pool.map(at_once, requests))
    bad = answers.pop(1 + malformed)
    assert bad.status_code == 400
    assert bad.json()["code"] == "wrong_type"
    assert "instances[0][0]" in bad.json()["error"]
    assert [answer.status_code for answer in answers] == [200] * SMALL
    assert answers[0].json()["predictions"] == [alone[tuple(row)] for row in large]
    others = [row for i, row in enumerate(small) if i != malformed]
    assert [answer.json()["predictions"] for answer in answers[1:]] == [[alone[tuple(row)]] for row in others]


def test_every_answer_carries_its_request_id(server: Server) -> None:
    """A thousand concurrent requests with distinct ids get their ids and their own V2 ids back."""

    def one(number: int) -> bool:
        tensor = {"name": "features", "shape": [1, 2], "datatype": "FP32", "data": [number % 2, 1]}
        answer = client.post(
            "/v2/models/xor/infer",
            json={"id": f"v2-{number}", "inputs": [tensor]},
            headers={"X-Request-Id": f"r-{number}"},
        )
        return answer.headers["X-Request-Id"] == f"r-{number}" and answer.json()["id"] == f"v2-{number}"

    with httpx.Client(base_url=server.url) as client, ThreadPoolExecutor(32) as pool:
        assert all(pool.map(one, range(1000)))
