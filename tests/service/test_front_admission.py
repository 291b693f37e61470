"""Limits of time and number: what is late, abandoned or too much is given up early and told so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from service import store
from service.front import Front
from service.model import Model, State
from service.runtime import Runtime
from service.settings import Settings
from service.typed import TypedApis
from tests.raw_asgi import Call, ask
from tests.service.conftest import AppDouble, Served, until
from tests.toy_engines import PATIENCE_S, Doubling

Make = Callable[..., Any]
PREDICT = "/v1/models/toy:predict"
HEALTH = ("/livez", "/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready", "/v1/models/toy", "/")


def body(first: float) -> bytes:
    """One row."""
    return json.dumps({"inputs": [[first, 1]]}).encode()


def call(served: Served, first: float, timeout_ms: int | None = None, path: str = PREDICT) -> Call:
    """A request on its way."""
    headers = [] if timeout_ms is None else [(b"x-request-timeout-ms", b"%d" % timeout_ms)]
    return Call(served.front, "POST", path, body(first), headers)


@pytest.mark.parametrize("limit", [1, 4])
async def test_in_flight_limit(make_served: Make, limit: int) -> None:
    """As many requests as the limit are in flight; the next is refused with Retry-After, until one is answered."""
    served: Served = await make_served(max_inflight_requests=limit)
    gate = served.put_gate()
    calls = [call(served, i) for i in range(limit)]
    await until(lambda: served.runtime.inflight == limit)
    for path in (PREDICT, "/v2/models/toy/infer", "/ask_toy"):
        refused = await ask(served.front, "POST", path, b"not even read")
        assert (refused.status, refused.code) == (503, "overloaded")
        assert refused.header("retry-after") == b"1"
    gate.open()
    assert [(await one.answer()).status for one in calls] == [200] * limit
    assert (await ask(served.front, "POST", PREDICT, body(1))).status == 200
    assert served.at_rest()


async def test_health_is_never_refused(make_served: Make) -> None:
    """At the in-flight limit all pages of health and metrics answer 200."""
    served: Served = await make_served(max_inflight_requests=1)
    gate = served.put_gate()
    busy = [call(served, 1)]
    await until(lambda: served.runtime.inflight == 1)
    assert (await ask(served.front, "POST", PREDICT, body(2))).status == 503
    for path in HEALTH:
        assert (await ask(served.front, "GET", path)).status == 200
    gate.open()
    await busy[0].answer()


async def test_workers_share_the_limits(make_served: Make) -> None:
    """Of two workers each takes half of the requests in flight."""
    served: Served = await make_served(max_inflight_requests=4, workers=2)
    gate = served.put_gate()
    calls = [call(served, i) for i in range(2)]
    await until(lambda: served.runtime.inflight == 2)
    assert (await ask(served.front, "POST", PREDICT, body(1))).status == 503
    gate.open()
    await asyncio.gather(*(one.answer() for one in calls))


async def test_a_full_queue_is_503(make_served: Make) -> None:
    """A request for which the queue has no room is refused with Retry-After; those before it are answered."""
    served: Served = await make_served(max_queue_rows=3)
    gate = served.put_gate()
    calls = [call(served, i) for i in range(4)]
    await until(lambda: served.version.scheduler.queued_rows == 3)
    refused = await ask(served.front, "POST", PREDICT, body(9))
    assert (refused.status, refused.code, refused.header("retry-after")) == (503, "overloaded", b"1")
    gate.open()
    assert [(await one.answer()).status for one in calls] == [200] * 4


async def test_a_hopeless_wait_is_503_at_once(served: Served) -> None:
    """A request that could not be started before its deadline is refused now, not when it is late."""
    gate = served.put_gate()
    served.version.scheduler._batch_s = 60.0
    busy = call(served, 1)
    await until(lambda: served.version.scheduler.busy_s() > 0)
    refused = await ask(served.front, "POST", PREDICT, body(2), [(b"x-request-timeout-ms", b"3000")])
    assert (refused.status, refused.code, refused.header("retry-after")) == (503, "overloaded", b"1")
    gate.open()
    assert (await busy.answer()).status == 200


async def test_late_requests_are_504(served: Served) -> None:
    """A client's deadline that passes in the queue or in the running batch is a 504, and queued rows never run."""
    engine = Doubling()
    gate = served.put_gate(engine)
    running, queued, patient = call(served, 1, 40), call(served, 2, 40), call(served, 3)
    for late in (running, queued):
        answer = await late.answer()
        assert (answer.status, answer.code) == (504, "deadline_exceeded")
    assert not patient.task.done()
    gate.open()
    assert (await patient.answer()).json["outputs"]["total"] == [[4.0]]
    assert engine.seen == [1, 3]
    assert served.at_rest()


async def test_the_deadline_counts_from_the_head(served: Served) -> None:
    """Time that the body takes to arrive is part of the deadline, so that late work is not started."""
    engine = Doubling()
    served.put_gate(engine).open()
    slow = Call(served.front, "POST", PREDICT, None, [(b"x-request-timeout-ms", b"1")])
    begun = asyncio.get_running_loop().time()
    await until(lambda: asyncio.get_running_loop().time() > begun + 0.01)
    slow.feed(body(1), more=False)
    assert (await slow.answer()).code == "deadline_exceeded"
    assert engine.calls == []


async def test_a_client_that_leaves_the_queue_is_not_computed(served: Served) -> None:
    """When clients disconnect while they are queued, their rows leave the queue and the engine never sees them."""
    engine = Doubling()
    gate = served.put_gate(engine)
    running = call(served, 1)
    gone = [call(served, 100 - i) for i in range(50)]
    stays = call(served, 2)
    await until(lambda: served.version.scheduler.queued_rows == 51)
    for one in gone:
        one.disconnect()
    answers = await asyncio.gather(*(one.answer() for one in gone))
    assert [answer.heads for answer in answers] == [0] * 50
    assert served.version.scheduler.queued_rows == 1
    gate.open()
    assert [(await one.answer()).status for one in (running, stays)] == [200, 200]
    assert engine.seen == [1, 2]
    assert served.at_rest()


async def test_a_client_that_leaves_its_batch_harms_nobody(served: Served) -> None:
    """A client that disconnects while its batch runs gets nothing; the next request is answered."""
    gate = served.put_gate()
    running = call(served, 1)
    assert await asyncio.to_thread(gate.entered.acquire, timeout=PATIENCE_S)
    running.disconnect()
    assert (await running.answer()).heads == 0
    gate.open()
    assert (await ask(served.front, "POST", PREDICT, body(2))).status == 200
    assert served.at_rest()


async def test_a_server_that_cancels_a_request_frees_its_rows(served: Served) -> None:
    """A request whose task is cancelled from outside leaves the queue, and the cancellation is passed on."""
    engine = Doubling()
    gate = served.put_gate(engine)
    running, cancelled = call(served, 1), call(served, 2)
    await until(lambda: served.version.scheduler.queued_rows == 1)
    cancelled.task.cancel()
    await asyncio.wait([cancelled.task])
    assert cancelled.task.cancelled()
    assert served.version.scheduler.queued_rows == 0
    gate.open()
    await running.answer()
    assert engine.seen == [1]
    assert served.at_rest()


async def test_draining(served: Served) -> None:
    """While it drains the service is not ready, answers all the same, and asks clients to leave."""
    assert (await ask(served.front, "GET", "/readyz")).header("connection") is None
    served.runtime.draining = True
    for path in ("/readyz", "/v2/health/ready", "/v2/models/toy/ready"):
        assert (await ask(served.front, "GET", path)).status == 503
    ready = await ask(served.front, "GET", "/readyz")
    assert (ready.code, ready.header("retry-after")) == ("not_ready", b"1")
    assert (await ask(served.front, "GET", "/livez")).status == 200
    for method, path, sent in (("POST", PREDICT, body(1)), ("GET", "/nowhere", b""), ("GET", "/docs.json", b"")):
        assert (await ask(served.front, method, path, sent)).header("connection") == b"close"


async def test_while_models_load(toy_home: Any) -> None:
    """Before its models are loaded, and before it knows them, the service lives and refuses requests with 503."""
    runtime = Runtime(Settings(), store.Home(toy_home))
    front = Front(runtime, TypedApis(AppDouble(), runtime, {"/ask_toy": "toy"}))
    label = "/v1/models/toy/labels/stable:predict"
    requests = [("POST", path, body(1)) for path in (PREDICT, label, "/v2/models/toy/infer")]
    for known in (False, True):
        if known:
            runtime.repository.models["toy"] = Model("toy")
            runtime.repository.models["toy"].mark(1, State("LOADING"))
        for method, path, sent in [*requests, ("GET", "/readyz", b"")]:
            answer = await ask(front, method, path, sent)
            assert (answer.status, answer.code, answer.header("retry-after")) == (503, "not_ready", b"1")
    assert (await ask(front, "GET", "/livez")).status == 200
    assert (await ask(front, "GET", "/v2/health/ready")).status == 503
    state = await ask(front, "GET", "/v1/models/toy")
    assert (state.status, state.json["model_version_status"][0]["state"]) == (503, "LOADING")
    assert (await ask(front, "POST", "/v1/models/stranger:predict", body(1))).status == 404


async def test_a_hanging_engine_is_not_live(make_served: Make) -> None:
    """While an engine does not come back from its batch, liveness fails, so that the process is replaced."""
    served: Served = await make_served(hang_timeout_ms=100)
    gate = served.put_gate()
    hanging = call(served, 1)
    await until(lambda: served.version.scheduler.busy_s() > 0.1)
    for path in ("/livez", "/readyz", "/v2/health/live"):
        assert (await ask(served.front, "GET", path)).status == 503
    gate.open()
    await hanging.answer()
    assert (await ask(served.front, "GET", "/livez")).status == 200
