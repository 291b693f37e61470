"""The server: its port, its end, its event loop, and that nobody pays for it who does not use it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
import uvloop
from tritonclient.grpc import service_pb2_grpc

from service import store
from service.errors import SettingsError
from service.rpc.server import RpcServer
from service.runtime import Runtime
from service.settings import Settings
from tests.servers import ROOT, listens
from tests.service.conftest import until
from tests.service.rpc.conftest import Called, asking, refusal

Make = Callable[..., Any]


async def test_a_port_that_is_taken_is_an_error_of_the_setting(called: Called, make_served: Make) -> None:
    """Another server on the same port does not start, and says which setting is at fault."""
    served = await make_served(grpc_host="127.0.0.1")
    object.__setattr__(served.runtime.settings, "grpc_port", called.server.port)
    with pytest.raises(SettingsError, match=rf"KERAS_SERVE_GRPC_PORT.*127\.0\.0\.1:{called.server.port}"):
        await RpcServer(served.runtime).start()


async def test_an_address_of_another_machine_is_refused(make_served: Make) -> None:
    """A host that is not ours cannot be listened on."""
    served = await make_served(grpc_host="192.0.2.1")
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        await RpcServer(served.runtime).start()


@pytest.mark.parametrize("host", ["localhost", "::1"])
async def test_it_listens_where_it_is_told(make_called: Make, host: str) -> None:
    """On a name as well as on an address of the sixth version."""
    called: Called = await make_called(grpc_host=host)
    address = f"[{host}]" if ":" in host else host
    async with grpc.aio.insecure_channel(f"{address}:{called.server.port}") as channel:
        await service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(asking())


async def test_workers_share_the_port(make_called: Make, make_served: Make) -> None:
    """With several workers a second one listens on the same port."""
    called: Called = await make_called(workers=2)
    served = await make_served(workers=2)
    object.__setattr__(served.runtime.settings, "grpc_port", called.server.port)
    second = RpcServer(served.runtime)
    await second.start()
    assert second.port == called.server.port
    await second.stop(0)


async def test_stopping_answers_what_is_in_flight(called: Called) -> None:
    """A call that has begun is answered; a new one finds nobody; the port is free again."""
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: bool(gate.batches))
    stopping = asyncio.create_task(called.server.stop(30))
    await until(lambda: not listens(called.server.port))
    gate.open()
    assert (await waiting).model_name == "toy"
    await stopping
    assert (await refusal(called.stub.ModelInfer(asking())))[0] is grpc.StatusCode.UNAVAILABLE


async def test_draining_answers_what_is_in_flight_before_the_end(make_called: Make) -> None:
    """After the delay nobody new is let in, and the call that has begun gets its answer."""
    called: Called = await make_called(drain_delay_ms=0)
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: bool(gate.batches))
    await called.server.drain()
    await until(lambda: not listens(called.server.port))
    gate.open()
    assert (await waiting).model_name == "toy"
    await called.server.stop(0)


async def test_until_the_delay_is_over_calls_are_answered(make_called: Make) -> None:
    """A client that has not heard yet finds the door open; an end before then is not held up."""
    called: Called = await make_called(drain_delay_ms=4000)
    await called.server.drain()
    assert (await called.stub.ModelInfer(asking())).model_name == "toy"
    await called.server.stop(0)
    assert called.server._leaving is not None
    assert called.server._leaving.cancelled()


async def test_stopping_waits_no_longer_than_it_may(called: Called) -> None:
    """What is not answered in time is cancelled, and leaves nothing behind."""
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: bool(gate.batches))
    await called.server.stop(0)
    assert (await refusal(waiting))[0] in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    await until(called.served.at_rest)
    gate.open()


async def test_stopping_is_harmless_before_the_start_and_a_second_time(called: Called) -> None:
    """Whoever ends the service need not know how far it came."""
    await RpcServer(called.runtime).stop(0)
    await called.server.stop(1)
    await called.server.stop(0)


def test_it_runs_on_uvloop(toy_home: Path) -> None:
    """The event loop that serves in production serves gRPC, to a client on the same loop."""

    async def ask() -> str:
        runtime = Runtime(Settings(), store.Home(toy_home))
        await runtime.start()
        assert runtime.loading is not None
        await runtime.loading
        server = RpcServer(runtime)
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            stub: Any = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            answers = await asyncio.gather(*(stub.ModelInfer(asking(n)) for n in range(20)))
        await server.stop(5)
        await runtime.stop()
        assert {answer.model_name for answer in answers} == {"toy"}
        return type(asyncio.get_running_loop()).__module__

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == "uvloop"


def test_without_a_port_grpc_is_not_imported() -> None:
    """The whole service but this folder is imported without gRPC and protobuf, which cost time and memory."""
    code = "import sys, service.front; print(sorted({'grpc', 'google.protobuf', 'service.rpc'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
