"""The unary calls: read in time, admitted, counted, their faults turned into statuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message

from service.errors import BodyTimeout, InternalError, MalformedRequest, ServiceError
from service.rpc import inference_pb2 as pb
from service.rpc import reads
from service.rpc.counted import Counted
from service.rpc.faults import Context, refuse
from service.rpc.infer import infer
from service.runtime import Runtime

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)
Answer = Callable[[Runtime, Any, Context], Awaitable[Message]]

METHODS: dict[str, tuple[type[Message], Answer]] = {
    "ServerLive": (pb.ServerLiveRequest, reads.server_live),
    "ServerReady": (pb.ServerReadyRequest, reads.server_ready),
    "ModelReady": (pb.ModelReadyRequest, reads.model_ready),
    "ServerMetadata": (pb.ServerMetadataRequest, reads.server_metadata),
    "ModelMetadata": (pb.ModelMetadataRequest, reads.model_metadata),
    "ModelInfer": (pb.ModelInferRequest, infer),
    "ModelConfig": (pb.ModelConfigRequest, reads.model_config),
    "ModelStatistics": (pb.ModelStatisticsRequest, reads.model_statistics),
    "RepositoryIndex": (pb.RepositoryIndexRequest, reads.repository_index),
    "RepositoryModelLoad": (pb.RepositoryModelLoadRequest, reads.model_load),
    "RepositoryModelUnload": (pb.RepositoryModelUnloadRequest, reads.model_unload),
}
"""The unary calls of the service, each with its request and what answers it."""


def handler(runtime: Runtime, kind: type[Message], answer: Answer) -> Any:
    """The gRPC handler of a unary call.

    For gRPC it is a stream of requests with one answer, which is the same on the wire: so the message is read here,
    after admission and in time, instead of by gRPC, which would wait for it without end.
    """

    async def serve(requests: AsyncIterator[bytes], context: Context) -> bytes:
        try:
            with Counted(runtime) as call:
                runtime.admit()
                message = parsed(kind, await read_in_time(runtime, context))
                call.model = named(message)
                return (await answer(runtime, message, context)).SerializeToString()
        except ServiceError as error:
            await refuse(context, error)
        except Exception:
            log.exception("request failed")
            await refuse(context, InternalError("The service failed on this request."))

    return grpc.stream_unary_rpc_method_handler(serve)


async def read_in_time(runtime: Runtime, context: Context) -> bytes:
    """The message of a unary call.

    Raises:
        BodyTimeout: It did not arrive in time.
        MalformedRequest: The client ended its side without one.
    """
    task, late = asyncio.current_task(), False
    assert task is not None

    def interrupt() -> None:
        nonlocal late
        late = True
        task.cancel()

    until = asyncio.get_running_loop().time() + runtime.settings.body_timeout_ms / 1000
    slot = runtime.wheel.add(until, task, interrupt)
    try:
        message: Any = await context.read()
    except asyncio.CancelledError:
        if not late or task.uncancel():
            raise
        raise BodyTimeout("Expected the whole message in time. It was too slow.") from None
    finally:
        runtime.wheel.discard(slot, task)
    if message is grpc.aio.EOF:
        raise MalformedRequest("Expected one message. Received none.")
    body: bytes = message
    return body


def parsed(kind: type[M], body: bytes) -> M:
    """The message in the bytes.

    Raises:
        MalformedRequest: There is none.
    """
    try:
        return kind.FromString(body)
    except DecodeError:
        raise MalformedRequest(f"Expected a message {kind.DESCRIPTOR.full_name}. Received other bytes.") from None


def named(message: Any) -> str:
    """The model that a request names; empty if it names none."""
    return getattr(message, "model_name", "") or getattr(message, "name", "")
