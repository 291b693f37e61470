"""What the tests of gRPC share: a server on the toy, and clients that nobody here wrote."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import numpy as np
import pytest
from tritonclient.grpc import InferInput, service_pb2, service_pb2_grpc
from tritonclient.grpc.aio import InferenceServerClient

from service.rpc.server import RpcServer
from service.runtime import Runtime
from tests.service.conftest import Served


@dataclass
class Called:
    """A server on the toy, and what is around it.

    Attributes:
        channel: A connection without any client library.
        stub: Triton's generated calls on it.
        client: Triton's client on a connection of its own.
    """

    served: Served
    server: RpcServer
    channel: grpc.aio.Channel
    stub: Any
    client: Any

    @property
    def runtime(self) -> Runtime:
        """What answers."""
        return self.served.runtime

    def counted(self, code: str, model: str = "toy") -> float:
        """How many calls ended so."""
        self.runtime.metrics.hand_over()
        counter = self.runtime.metrics["keras_serve_requests_total"].labels("grpc", model, code)
        return float(counter._value.get())


@pytest.fixture
async def make_called(make_served: Callable[..., Any]) -> AsyncIterator[Callable[..., Any]]:
    """Servers on the toy, by settings; they listen when they are returned."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(**settings: Any) -> Called:
            served = await make_served(**settings)
            server = RpcServer(served.runtime)
            await server.start()
            stack.push_async_callback(server.stop, 0)
            address = f"127.0.0.1:{server.port}"
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
            client = await stack.enter_async_context(InferenceServerClient(address))
            return Called(served, server, channel, service_pb2_grpc.GRPCInferenceServiceStub(channel), client)

        yield make


@pytest.fixture
async def called(make_called: Callable[..., Any]) -> Called:
    """A server with the default settings."""
    found: Called = await make_called()
    return found


def sending(*firsts: float) -> list[InferInput]:
    """The toy's input with these first numbers, as Triton's client sends it."""
    tensor = InferInput("x", [len(firsts), 2], "FP32")
    tensor.set_data_from_numpy(np.array([[first, 1] for first in firsts], np.float32))
    return [tensor]


def asking(first: float = 1.0, **keys: Any) -> service_pb2.ModelInferRequest:
    """A request for one row of the toy."""
    raw = np.array([[first, 1]], np.float32).tobytes()
    inputs = [{"name": "x", "datatype": "FP32", "shape": [1, 2]}]
    return service_pb2.ModelInferRequest(**{"model_name": "toy", "inputs": inputs, "raw_input_contents": [raw], **keys})


async def refusal(call: Any) -> tuple[grpc.StatusCode, str, dict[str, Any]]:
    """Status, sentence and trailing metadata of a call that is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details() or "", dict(caught.value.trailing_metadata() or ())
