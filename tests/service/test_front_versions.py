"""Each request is answered by one version, which says so, counts it, and is kept until it has."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.errors import InferenceFailed
from service.version import Version
from tests import toy
from tests.raw_asgi import Answer, Call, ask
from tests.service.conftest import Served, until

PREDICT = "/v1/models/toy{}:predict"
INFER = "/v2/models/toy{}/infer"
ROW = b'{"inputs": [[1, 2]]}'
TENSOR = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}'


@pytest.fixture
async def served(make_served: Callable[..., Any], tmp_path: Path) -> Served:
    """Version 3 of the toy serving, 2 its canary, 1 labelled; version N answers N times the sum."""
    for version in (1, 2, 3):
        toy.write(tmp_path, version=version, scale=version)
    (tmp_path / "serve.toml").write_text(
        "[models.toy]\nlabels = { stable = 1 }\ncanary = { version = 2, percent = 10 }\n"
    )
    found: Served = await make_served(tmp_path, config=tmp_path / "serve.toml", poll_interval_ms=0, max_batch_rows=2)
    return found


@pytest.fixture
def lot(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """What is drawn from now on."""
    return lambda drawn: monkeypatch.setattr(random, "random", lambda: drawn)


async def predict(served: Served, place: str = "", body: bytes = ROW) -> Answer:
    """A call of TensorFlow Serving's."""
    return await ask(served.front, "POST", PREDICT.format(place), body)


def version(served: Served, number: int) -> Version:
    """One of the versions."""
    return served.runtime.repository.models["toy"].ready[number]


@pytest.mark.parametrize(
    ("drawn", "v1", "v2", "number"),
    [
        (0.05, "", "", 2),
        (0.5, "", "", 3),
        (0.05, "/versions/3", "/versions/3", 3),
        (0.05, "/versions/1", "/versions/1", 1),
        (0.05, "/labels/stable", "/versions/stable", 1),
        (0.5, "/versions/2", "/versions/2", 2),
    ],
)
async def test_an_answer_names_its_version(
    served: Served, lot: Callable[[float], None], drawn: float, v1: str, v2: str, number: int
) -> None:
    """Header and body of both dialects name the version whose numbers they carry."""
    lot(drawn)
    one = await predict(served, v1)
    other = await ask(served.front, "POST", INFER.format(v2), TENSOR)
    assert one.header("x-model-version") == other.header("x-model-version") == b"%d" % number
    assert other.json["model_version"] == str(number)
    assert one.json["outputs"]["total"] == [[3.0 * number]]
    assert other.json["outputs"][1]["data"] == [3.0 * number]


async def test_calls_are_counted_where_they_were_answered(served: Served, lot: Callable[[float], None]) -> None:
    """A call counts once at its version, as answered or failed; what found no version counts nowhere."""
    lot(0.5)
    for place in ("", "", "/labels/stable", "/versions/9", "/labels/next"):
        await predict(served, place)
    assert (await predict(served, body=b"{")).status == 400
    lot(0.05)
    assert (await predict(served, body=b'{"inputs": [[1]]}')).status == 400
    counts = {
        n: (version(served, n).statistics.success_count, version(served, n).statistics.fail_count) for n in (1, 2, 3)
    }
    assert counts == {1: (1, 0), 2: (0, 1), 3: (2, 1)}


async def test_a_failing_engine_is_a_failed_call(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine fails on counts as failed, and its rows are not counted as computed."""
    subject = version(served, 1)

    def submit(*_: object) -> None:
        raise InferenceFailed("It failed.")

    monkeypatch.setattr(subject.scheduler, "submit", submit)
    assert (await predict(served, "/versions/1")).code == "inference_failed"
    assert (subject.statistics.fail_count, subject.statistics.inference_count) == (1, 0)


async def test_a_version_is_held_from_the_head_to_the_answer(served: Served) -> None:
    """A request whose body is still coming keeps its version through a swap, and gets that version's answer."""
    old = version(served, 1)
    call = Call(served.front, "POST", PREDICT.format("/labels/stable"), None)
    call.feed(ROW[:5])
    await until(lambda: old._users == 1)
    assert served.runtime.settings.config is not None
    served.runtime.settings.config.write_text("")
    await served.runtime.keeper.look()
    assert old in served.runtime.repository.retiring
    assert (await predict(served, "/versions/1")).status == 404
    call.feed(ROW[5:], more=False)
    answer = await call.answer()
    assert (answer.header("x-model-version"), answer.json["outputs"]["total"]) == (b"1", [[3.0]])
    await served.runtime.keeper.settled()
    assert old._users == 0
    assert not old.scheduler.running


@pytest.mark.parametrize("body", [b"{", b'{"inputs": [[1, 2, 3]]}', b"x" * 2048])
async def test_a_request_that_is_refused_holds_nothing(make_served: Callable[..., Any], body: bytes) -> None:
    """After a fault the version can be unloaded."""
    served = await make_served(max_body_bytes=1024)
    assert (await predict(served, "", body)).status in (400, 413)
    assert served.version._users == 0


async def test_a_client_that_leaves_holds_nothing(served: Served) -> None:
    """A connection that closes before its body is whole lets its version go, and counts as failed."""
    subject = version(served, 1)
    call = Call(served.front, "POST", PREDICT.format("/versions/1"), None)
    call.feed(ROW[:5])
    await until(lambda: subject._users == 1)
    call.disconnect()
    await call.answer()
    assert (subject._users, subject.statistics.fail_count) == (0, 1)
