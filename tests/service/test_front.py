"""Every path has its answer, and nothing else reaches the app behind."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx
import numpy as np
import pytest

from tests.raw_asgi import Call, ask
from tests.service.conftest import Served
from tests.service.test_metrics import series
from tests.toy_engines import MARK, Poisoned

PREDICT = "/v1/models/toy:predict"
INFER = "/v2/models/toy/infer"


def instances(*rows: list[float]) -> bytes:
    """A body for `predict`."""
    return json.dumps({"instances": rows}).encode()


def tensor(rows: list[list[float]], **more: Any) -> bytes:
    """A body for `infer`."""
    entry = {"name": "x", "datatype": "FP32", "shape": [len(rows), 2], "data": rows}
    return json.dumps({"inputs": [entry], **more}).encode()


async def test_the_dialects_answer(served: Served) -> None:
    """Rows, columns, records and tensors of the same numbers get the same answer, each in its own form."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served.front), base_url="http://toy") as client:
        row = await client.post(PREDICT, json={"instances": [[1, 2]]})
        column = await client.post(PREDICT, json={"inputs": [[1, 2]]})
        record = await client.post(PREDICT, json={"records": [{"size": 1, "colour": "blue"}]})
        v2 = await client.post(INFER, content=tensor([[1, 2]], id="mine"))
    assert row.json() == {"predictions": [{"double": [2.0, 4.0], "total": [3.0]}]}
    assert column.json() == {"outputs": {"double": [[2.0, 4.0]], "total": [[3.0]]}}
    assert record.json() == {"predictions": [{"total": 3.0, "large": False}]}
    assert v2.json()["id"] == "mine"
    assert [output["data"] for output in v2.json()["outputs"]] == [[2.0, 4.0], [3.0]]
    assert {answer.headers["content-type"] for answer in (row, column, record, v2)} == {"application/json"}


REFUSED = [
    ("GET", "/nowhere", 404, "not_found"),
    ("POST", "/v2/models/toy", 405, "method_not_allowed"),
    ("GET", INFER, 405, "method_not_allowed"),
    ("HEAD", INFER, 405, "method_not_allowed"),
    ("DELETE", "/livez", 405, "method_not_allowed"),
    ("POST", "/metrics", 405, "method_not_allowed"),
    ("POST", "/docs.json", 405, "method_not_allowed"),
    ("GET", "/ask_toy", 405, "method_not_allowed"),
    ("BREW", "/readyz", 405, "method_not_allowed"),
    ("GET", "/static_content/../secret", 404, "not_found"),
    ("GET", "/v2/models/stranger", 404, "not_found"),
    ("POST", "/v2/models/stranger/infer", 404, "not_found"),
    ("POST", "/v1/models/stranger:predict", 404, "not_found"),
    ("POST", "/v1/models/toy/versions/9:predict", 404, "not_found"),
    ("POST", "/v1/models/toy/versions/x:predict", 400, "malformed_request"),
    ("POST", "/v1/models/toy/labels/stable:predict", 400, "malformed_request"),
    ("POST", "/v1/models/toy:classify", 400, "malformed_json"),
    ("POST", "/v1/models/toy:regress", 400, "malformed_json"),
    ("POST", "/v2/models/toy/versions/stable/infer", 404, "not_found"),
    ("POST", "/v2/models/toy/versions/9/infer", 404, "not_found"),
    ("POST", "/v2/models", 405, "method_not_allowed"),
    ("POST", "/models", 405, "method_not_allowed"),
    ("GET", "/v2/repository/index", 405, "method_not_allowed"),
    ("POST", "/v2/repository/models/toy/load", 403, "forbidden"),
    ("POST", PREDICT, 400, "malformed_json"),
    ("POST", INFER, 400, "malformed_json"),
]


@pytest.mark.parametrize(("method", "path", "status", "code"), REFUSED)
async def test_refusals(served: Served, method: str, path: str, status: int, code: str) -> None:
    """Each refusal has its status, its code word, the two keys and exactly the content type of JSON."""
    answer = await ask(served.front, method, path)
    assert answer.status == status
    assert answer.header("content-type") == b"application/json"
    assert method == "HEAD" or answer.code == code
    assert (answer.header("allow") is not None) == (status == 405)
    assert served.behind.paths == []


@pytest.mark.parametrize(
    ("path", "allow"), [(INFER, b"POST"), ("/livez", b"GET, HEAD"), ("/docs.json", b"GET, HEAD"), ("/ask_toy", b"POST")]
)
async def test_a_wrong_method_is_told_the_right_one(served: Served, path: str, allow: bytes) -> None:
    """405 carries Allow with the methods that the path takes."""
    answer = await ask(served.front, "PATCH", path)
    assert (answer.status, answer.header("allow")) == (405, allow)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/models/toy"),
        ("DELETE", "/v1/models/toy"),
        ("POST", "/v1/models/toy"),
        ("GET", PREDICT),
        ("GET", "/v1/nothing"),
        ("HEAD", "/v1/nothing"),
        ("GET", "/v1/models/toy/versions/1/2"),
        ("POST", "/v1/models/toy:explain"),
    ],
)
async def test_tensorflow_serving_calls_them_malformed(served: Served, method: str, path: str) -> None:
    """Any other method or path under /v1/ is 400 with TensorFlow Serving's text."""
    answer = await ask(served.front, method, path)
    assert answer.status == 400
    if method != "HEAD":
        assert answer.json == {"error": f"Malformed request: {method} {path}", "code": "malformed_request"}


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/v1/models", "/v1/models/toy", "/v2", "/v2/models/toy"]
)
async def test_head_is_get_without_a_body(served: Served, path: str) -> None:
    """HEAD has the status and headers of GET, the length of its body included, and no body."""
    get, head = await ask(served.front, "GET", path), await ask(served.front, "HEAD", path)
    assert (get.status, head.status) == (200, 200)
    assert head.body == b""
    assert get.header("content-length") == b"%d" % len(get.body)
    if path != "/metrics":
        assert head.header("content-length") == get.header("content-length")


async def test_only_the_allow_list_reaches_the_app_behind(served: Served) -> None:
    """The docs page, its assets and schemas go on; `/` does so for browsers only, and says alive to all others."""
    for path in ("/docs.json", "/schema.json", "/static_content/app.css"):
        assert (await ask(served.front, "GET", path)).body == b"from behind"
    browser = [(b"accept", b"text/html,*/*")]
    assert (await ask(served.front, "GET", "/", headers=browser)).body == b"from behind"
    assert (await ask(served.front, "GET", "/")).json == {"status": "alive"}
    for path in ("/metrics", "/healthz", "/readyz", "/livez", "/favicon.ico", "//docs.json", "/docs.json/", "/openapi"):
        await ask(served.front, "GET", path)
    assert served.behind.paths == ["/docs.json", "/schema.json", "/static_content/app.css", "/"]


async def test_no_path_makes_series(served: Served) -> None:
    """After thousands of random paths, models and methods there are as many series as before."""
    chance = random.Random(5)

    async def storm(count: int) -> None:
        for _ in range(count):
            word = f"{chance.getrandbits(40):x}"
            path = chance.choice(["/%s", "/v1/models/%s:predict", "/v1/%s", "/v2/models/%s/infer", "/v2/models/toy/%s"])
            await ask(served.front, chance.choice(["GET", "POST", word.upper()]), path % word, headers=[(b"x-a", b"b")])

    await storm(500)
    before = series(served.runtime.metrics).keys()
    await storm(2000)
    assert series(served.runtime.metrics).keys() == before
    assert served.behind.paths == []


async def test_answers_are_counted_by_dialect_model_and_word(served: Served) -> None:
    """Each answer is counted once under its dialect, the model if there is one, and its code word."""
    for path, body in ((PREDICT, instances([1, 2])), (PREDICT, b"{"), (INFER, tensor([[1, 2]])), ("/nowhere", b"")):
        await ask(served.front, "POST", path, body)
    found = {
        name: value
        for name, value in series(served.runtime.metrics).items()
        if name.startswith("keras_serve_requests_total")
    }
    assert sorted(found.values()) == [1, 1, 1, 1]
    words = [("ok", "tfserving", "toy"), ("malformed_json", "tfserving", "toy"), ("ok", "openinference", "toy")]
    for code, dialect, model in [*words, ("not_found", "service", "")]:
        labels = [("code", code), ("dialect", dialect), ("model", model)]
        assert f"keras_serve_requests_total{labels}" in found


@pytest.mark.parametrize("path", [PREDICT, INFER])
async def test_rows_limit(served: Served, path: str) -> None:
    """1,024 rows are answered, 1,025 are refused."""
    for count, accepted in ((1023, True), (1024, True), (1025, False)):
        rows = [[1.0, 2.0]] * count
        answer = await ask(served.front, "POST", path, instances(*rows) if path == PREDICT else tensor(rows))
        assert (answer.status == 200) == accepted
        assert accepted or answer.code == "too_large"


async def test_one_request_fails_and_the_others_do_not(served: Served) -> None:
    """Of 64 concurrent requests, the one whose row the engine fails on gets 500, and 63 get their own answers."""
    gate = served.put_gate(Poisoned())
    calls = [
        Call(served.front, "POST", PREDICT, json.dumps({"inputs": [[float(MARK) if i == 40 else i, 1]]}).encode())
        for i in range(64)
    ]
    await asyncio.sleep(0)
    gate.open()
    answers = await asyncio.gather(*(call.answer() for call in calls))
    assert [i for i, answer in enumerate(answers) if answer.status != 200] == [40]
    assert (answers[40].status, answers[40].code) == (500, "inference_failed")
    assert all(a.json["outputs"]["total"] == [[i + 1.0]] for i, a in enumerate(answers) if i != 40)


async def test_concurrent_requests_keep_what_is_theirs(served: Served) -> None:
    """A thousand concurrent requests get their own numbers, request ids and protocol ids."""

    async def one(number: int) -> None:
        headers = [(b"x-request-id", b"id-%d" % number)]
        answer = await ask(served.front, "POST", INFER, tensor([[number % 100, 1]], id=f"v2-{number}"), headers)
        assert answer.header("x-request-id") == b"id-%d" % number
        assert answer.json["id"] == f"v2-{number}"
        assert answer.json["outputs"][1]["data"] == [number % 100 + 1.0]

    await asyncio.gather(*(one(number) for number in range(1000)))
    assert served.at_rest()


async def test_answers_do_not_depend_on_company(served: Served) -> None:
    """The bytes of an answer are the same alone, in a crowd, and as part of a larger request."""
    random_rows = np.random.default_rng(4).uniform(-90, 90, (50, 1)).astype(np.float32)
    rows = [[float(value), 1.0] for (value,) in random_rows]
    alone = [(await ask(served.front, "POST", PREDICT, instances(row))).body for row in rows]
    crowd = await asyncio.gather(*(ask(served.front, "POST", PREDICT, instances(row)) for row in rows))
    assert [answer.body for answer in crowd] == alone
    whole = await ask(served.front, "POST", PREDICT, instances(*rows))
    assert whole.json["predictions"] == [json.loads(body)["predictions"][0] for body in alone]


async def test_a_websocket_is_closed(served: Served) -> None:
    """A WebSocket is closed as unsupported, and the app behind never sees it."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await served.front({"type": "websocket", "path": "/"}, None, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1003}]
    assert served.behind.paths == []
