"""Calls that load and unload: off without a key, done at once with it, and refused with the reason."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service import keeper, store
from service.front import Front
from service.loading import Loaded, load_version
from service.runtime import Runtime
from service.settings import Settings
from service.typed import TypedApis
from tests import toy
from tests.raw_asgi import Answer, Call, ask
from tests.service.conftest import AppDouble, Served, until
from tests.toy_engines import PATIENCE_S

KEY = "sixteen characters at least"
BEARER = (b"authorization", b"Bearer " + KEY.encode())
INDEX = "/v2/repository/index"
LOAD = "/v2/repository/models/toy/load"
UNLOAD = "/v2/repository/models/toy/unload"
PREDICT = "/v1/models/toy:predict"


def config(policy: Any, **more: Any) -> bytes:
    """The body of a load with a policy of versions."""
    return json.dumps({"parameters": {"config": json.dumps({"version_policy": policy, **more})}}).encode()


@pytest.fixture
async def served(make_served: Callable[..., Any], tmp_path: Path) -> Served:
    """A front with the calls on, over versions 1 and 2 of the toy, which is looked at when a call asks for it only."""
    for version in (1, 2):
        toy.write(tmp_path, version=version, scale=version)
    found: Served = await make_served(tmp_path, repository_key=KEY, poll_interval_ms=0, max_batch_rows=2)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The store of `served`."""
    return tmp_path


async def change(served: Served, path: str, body: bytes = b"") -> Answer:
    """A call with the key."""
    return await ask(served.front, "POST", path, body, [BEARER])


async def answering(served: Served) -> int | None:
    """The version that answers a request without one; None if there is none."""
    answer = await ask(served.front, "POST", PREDICT, b'{"inputs": [[1, 2]]}')
    if answer.status == 404:
        return None
    version = int(answer.header("x-model-version") or 0)
    assert answer.json["outputs"]["total"] == [[3.0 * version]]
    return version


@pytest.mark.parametrize("path", [LOAD, UNLOAD, "/v2/repository/models/stranger/load"])
async def test_without_a_key_of_the_service_they_are_off(make_served: Callable[..., Any], path: str) -> None:
    """403 says what to set, whatever key is sent; nothing changes."""
    served = await make_served()
    for headers in ([], [BEARER], [(b"authorization", b"Bearer ")]):
        answer = await ask(served.front, "POST", path, b"", headers)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert "KERAS_SERVE_REPOSITORY_KEY" in answer.json["error"]
    assert served.runtime.repository.names() == ["toy"]


WRONG = [
    b"",
    b"Bearer",
    b"Bearer ",
    b"Bearer " + KEY[:-1].encode(),
    b"Bearer " + KEY.encode() + b"!",
    b"Bearer " + KEY.upper().encode(),
    b"Basic " + KEY.encode(),
    KEY.encode(),
    b"Bearer \xff\x00",
    b"Bearer **********",
]


@pytest.mark.parametrize("given", WRONG)
@pytest.mark.parametrize("path", [LOAD, UNLOAD])
async def test_a_wrong_key_is_401(served: Served, path: str, given: bytes) -> None:
    """Without the key, or with another, the answer says how to send it, does not tell it, and nothing changes."""
    answer = await ask(served.front, "POST", path, b"{", [(b"authorization", given)] if given else [])
    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.header("www-authenticate") == b"Bearer"
    assert KEY not in answer.body.decode()
    assert await answering(served) == 2


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER  "])
async def test_the_key_in_any_spelling_of_its_scheme(served: Served, scheme: bytes) -> None:
    """The scheme is read in any case, as HTTP has it."""
    answer = await ask(served.front, "POST", LOAD, b"", [(b"authorization", scheme + KEY.encode())])
    assert (answer.status, answer.body) == (200, b"")


async def test_unload_and_load(served: Served) -> None:
    """What is unloaded is unknown from the next request on, and back at once when it is loaded."""
    assert await answering(served) == 2
    answer = await change(served, UNLOAD, b'{"parameters": {"unload_dependents": false}}')
    assert (answer.status, answer.body, answer.header("content-type")) == (200, b"", b"application/json")
    assert await answering(served) is None
    assert (await change(served, LOAD)).status == 200
    assert await answering(served) == 2


@pytest.mark.parametrize(
    ("policy", "version", "ready"),
    [
        ({"specific": {"versions": [1]}}, 1, [1]),
        ({"all": {}}, 2, [1, 2]),
        ({"latest": {"num_versions": 2}}, 2, [1, 2]),
        ({"latest": {}}, 2, [2]),
    ],
)
async def test_a_load_may_choose_versions(served: Served, policy: Any, version: int, ready: list[int]) -> None:
    """The policy of the call is in force when it is answered, until a load without one."""
    assert (await change(served, LOAD, config(policy, name="toy"))).status == 200
    assert await answering(served) == version
    await served.runtime.keeper.settled()
    assert sorted(served.runtime.repository.models["toy"].ready) == ready
    assert (await change(served, LOAD, b"{}")).status == 200
    assert await answering(served) == 2


async def test_a_load_sees_what_is_new_at_once(served: Served, home: Path) -> None:
    """A version or model that was stored since the last look answers when the call does."""
    toy.write(home, version=3, scale=3.0)
    assert await answering(served) == 2
    await change(served, LOAD)
    assert await answering(served) == 3
    toy.write(home, "second")
    assert (await change(served, "/v2/repository/models/second/load")).status == 200
    assert served.runtime.repository.names() == ["second", "toy"]


async def test_a_load_that_fails_has_its_reason(served: Served, home: Path) -> None:
    """A corrupt version is 400 with what is wrong with it, without a path; the old one answers on."""
    toy.write(home, version=3, sound=False)
    for body in (b"", config({"specific": {"versions": [3]}})):
        answer = await change(served, LOAD, body)
        assert (answer.status, answer.code) == (400, "load_failed")
        assert answer.json["error"].startswith("failed to load 'toy', version 3: File model.onnx has changed.")
        assert str(home) not in answer.json["error"]
        assert await answering(served) == 2


@pytest.mark.parametrize("verb", ["load", "unload"])
async def test_a_stranger_cannot_be_changed(served: Served, verb: str) -> None:
    """A model that is not stored is 400 with Triton's words."""
    answer = await change(served, f"/v2/repository/models/stranger/{verb}")
    assert (answer.status, answer.code) == (400, "load_failed")
    assert answer.json["error"] == f"failed to {verb} 'stranger', failed to poll from model repository"
    assert served.runtime.repository.names() == ["toy"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (LOAD, b"{", "malformed_json"),
        (LOAD, b"[]", "malformed_request"),
        (LOAD, b'{"parameters": {"config": 1}}', "load_failed"),
        (LOAD, b'{"parameters": {"file:1/model.onnx": "AA=="}}', "load_failed"),
        (UNLOAD, b"{", "malformed_json"),
        (UNLOAD, b'{"parameters": {"unload_dependents": 1}}', "malformed_request"),
        (INDEX, b"{", "malformed_json"),
        (INDEX, b'{"ready": 1}', "malformed_request"),
    ],
)
async def test_a_body_that_does_not_fit_changes_nothing(served: Served, path: str, body: bytes, code: str) -> None:
    """It is 400 with its code word."""
    answer = await change(served, path, body)
    assert (answer.status, answer.code) == (400, code)
    assert await answering(served) == 2


async def test_the_index_lists_what_is_known(served: Served, home: Path) -> None:
    """Every version has its state and reason in Triton's words, without a key; on request only the ready ones."""
    toy.write(home, version=3, sound=False)
    await change(served, LOAD)
    await change(served, LOAD, config({"specific": {"versions": [1]}}))
    await served.runtime.keeper.settled()
    answer = await ask(served.front, "POST", INDEX)
    reason = served.runtime.repository.refused["toy:3"]
    assert answer.json == [
        {"name": "toy", "version": "3", "state": "UNAVAILABLE", "reason": reason},
        {"name": "toy", "version": "2", "state": "UNAVAILABLE", "reason": "unloaded"},
        {"name": "toy", "version": "1", "state": "READY", "reason": ""},
    ]
    for body, count in ((b'{"ready": true}', 1), (b'{"ready": false}', 3), (b"{}", 3)):
        assert len((await ask(served.front, "POST", INDEX, body)).json) == count


@pytest.mark.parametrize("path", [INDEX, LOAD, UNLOAD])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_only_post_changes(served: Served, path: str, method: str) -> None:
    """Any other method is 405 with POST in Allow, with the key or without."""
    answer = await ask(served.front, method, path, b"", [BEARER])
    assert (answer.status, answer.header("allow")) == (405, b"POST")
    assert await answering(served) == 2


async def test_while_models_load_a_call_comes_again(home: Path) -> None:
    """Before the first look has ended nothing can be ordered: 503."""
    runtime = Runtime(Settings(repository_key=KEY), store.Home(home))
    front = Front(runtime, TypedApis(AppDouble(), runtime, {}))
    for path in (LOAD, UNLOAD):
        answer = await ask(front, "POST", path, b"", [BEARER])
        assert (answer.status, answer.code, answer.header("retry-after")) == (503, "not_ready", b"1")
        assert (await ask(front, "POST", path)).status == 401


async def test_a_caller_that_is_cut_off_stops_no_load(
    served: Served, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load goes on to its end when the task of its call is cancelled, so that no model stays half changed."""
    at, go = threading.Event(), threading.Event()

    def load(*given: Any) -> Loaded:
        at.set()
        go.wait(PATIENCE_S)
        return load_version(*given)

    monkeypatch.setattr(keeper, "load_version", load)
    toy.write(home, version=3, scale=3.0)
    call = Call(served.front, "POST", LOAD, b"", [BEARER])
    assert await asyncio.to_thread(at.wait, PATIENCE_S)
    call.task.cancel()
    await asyncio.wait([call.task])
    assert call.task.cancelled()
    go.set()
    await until(lambda: 3 in served.runtime.repository.models["toy"].ready)
    assert await answering(served) == 3
