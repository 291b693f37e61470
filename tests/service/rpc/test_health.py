"""grpc.health.v1 as orchestrators and load balancers ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from service.rpc import health
from tests.service.conftest import until
from tests.service.rpc.conftest import Called, asking, refusal

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
UNKNOWN = HealthCheckResponse.SERVICE_UNKNOWN
SERVICES = ["", "inference.GRPCInferenceService", "toy"]


async def check(called: Called, name: str) -> int:
    """What a health check answers."""
    answer = await HealthStub(called.channel).Check(HealthCheckRequest(service=name))
    return int(answer.status)


@pytest.mark.parametrize("name", SERVICES)
async def test_serving_until_it_drains(called: Called, name: str) -> None:
    """The service, the protocol and each model are healthy while requests are welcome."""
    assert await check(called, name) == SERVING
    called.runtime.draining = True
    assert await check(called, name) == NOT_SERVING


async def test_loading_is_not_serving(called: Called) -> None:
    """While nothing is ready yet, the service is not healthy, nor is a model that is on its way."""
    model = called.runtime.repository.models["toy"]
    version, model.default, model.loading = model.default, None, True
    assert [await check(called, name) for name in SERVICES] == [NOT_SERVING] * 3
    model.default = version
    assert [await check(called, name) for name in SERVICES] == [SERVING] * 3


async def test_a_hanging_engine_is_not_serving(make_called: Callable[..., Any]) -> None:
    """When an engine does not come back, a balancer is told to go elsewhere."""
    called: Called = await make_called(hang_timeout_ms=100)
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: not called.runtime.alive)
    assert [await check(called, name) for name in SERVICES] == [NOT_SERVING] * 3
    gate.open()
    await waiting


async def test_a_stranger_is_not_found(called: Called) -> None:
    """A name that is neither a service nor a model is NOT_FOUND, and makes no series."""
    code, _, trailing = await refusal(HealthStub(called.channel).Check(HealthCheckRequest(service="stranger")))
    assert (code, trailing["code"]) == (grpc.StatusCode.NOT_FOUND, "not_found")
    assert "stranger" not in called.runtime.metrics.exposition().decode()


async def test_a_watcher_is_told_of_each_change(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the status as it is, then every other, each once; another watcher's end changes nothing."""
    looks: list[str] = []
    status = called.server._health.status
    monkeypatch.setattr(called.server._health, "status", lambda name: looks.append(name) or status(name))
    monkeypatch.setattr(health, "POLL_S", 0.001)
    stub = HealthStub(called.channel)
    watch, another = (stub.Watch(HealthCheckRequest(service="toy")) for _ in range(2))
    assert (await another.read()).status == SERVING
    assert (await watch.read()).status == SERVING
    another.cancel()
    before = len(looks)
    await until(lambda: len(looks) > before + 5)
    called.runtime.draining = True
    assert (await watch.read()).status == NOT_SERVING
    called.runtime.draining = False
    assert (await watch.read()).status == SERVING
    assert called.served.at_rest()


async def test_a_stranger_may_be_watched(called: Called) -> None:
    """A name that is not known yet is told as such, until it is."""
    watch = HealthStub(called.channel).Watch(HealthCheckRequest(service="later"))
    assert (await watch.read()).status == UNKNOWN
    called.runtime.repository.models["later"] = called.runtime.repository.models["toy"]
    assert (await watch.read()).status == SERVING
    del called.runtime.repository.models["later"]


async def test_stopping_tells_the_watchers_and_lets_them_go(called: Called) -> None:
    """The last word is NOT_SERVING, and the server does not wait for those who watch."""
    watch = HealthStub(called.channel).Watch(HealthCheckRequest(service=""))
    assert (await watch.read()).status == SERVING
    stopping = asyncio.create_task(called.server.stop(30))
    assert (await watch.read()).status == NOT_SERVING
    assert await watch.read() is grpc.aio.EOF
    await stopping


async def test_watchers_are_limited(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there may be is UNAVAILABLE; when one leaves there is room again."""
    monkeypatch.setattr(health, "MAX_WATCHERS", 1)
    stub = HealthStub(called.channel)
    first = stub.Watch(HealthCheckRequest())
    await first.read()
    code, _, _ = await refusal(stub.Watch(HealthCheckRequest()).read())
    assert code is grpc.StatusCode.UNAVAILABLE
    first.cancel()
    await until(lambda: called.server._health._watchers == 0)
    assert (await stub.Watch(HealthCheckRequest()).read()).status == SERVING
