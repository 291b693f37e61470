"""ModelStreamInfer: many requests in one call, each answered once, in the order in which they came."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from service.errors import InternalError, NotReady, Overloaded, ServiceError
from service.rpc import inference_pb2 as pb
from service.rpc.calls import parsed
from service.rpc.counted import Counted
from service.rpc.faults import Context, refuse
from service.rpc.infer import infer
from service.runtime import Runtime

log = logging.getLogger(__name__)

AHEAD = 64
"""Most requests of one stream that are computed at a time, so that they can share a batch."""
IS_LAST = "triton_final_response"
"""On every answer, since every request has but one; clients of streams look for it."""


class Streams:
    """All open streams.

    Args:
        runtime: What answers.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._max_open = runtime.settings.share(runtime.settings.max_inflight_requests)
        self._readers: set[asyncio.Task[None]] = set()
        self._closing = False

    def handler(self) -> Any:
        """The gRPC handler."""
        return grpc.stream_stream_rpc_method_handler(self._serve)

    def close(self) -> None:
        """Read no more requests; what was read is answered, then the streams end."""
        self._closing = True
        for reader in self._readers:
            reader.cancel()

    async def _serve(self, requests: AsyncIterator[bytes], context: Context) -> None:
        if len(self._readers) >= self._max_open:
            await refuse(context, Overloaded(f"Expected at most {self._max_open} open streams; try again."))
        answers: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue()
        room = asyncio.Semaphore(AHEAD)
        reader = asyncio.create_task(self._read(context, answers, room))
        self._readers.add(reader)
        answer: asyncio.Task[bytes] | None = None
        try:
            while (answer := await answers.get()) is not None:
                await context.write(await answer)
                room.release()
        finally:
            self._readers.discard(reader)
            reader.cancel()
            while answer is not None:  # the client has gone away: nobody waits for the rest
                answer.cancel()
                answer = None if answers.empty() else answers.get_nowait()
        if self._closing:
            await refuse(context, NotReady("The service is draining."))

    async def _read(
        self, context: Context, answers: asyncio.Queue[asyncio.Task[bytes] | None], room: asyncio.Semaphore
    ) -> None:
        try:
            while not self._closing:
                await room.acquire()
                body: Any = await context.read()
                if body is grpc.aio.EOF:
                    break
                answers.put_nowait(asyncio.create_task(self._answer(body, context)))
        finally:
            answers.put_nowait(None)

    async def _answer(self, body: bytes, context: Context) -> bytes:
        """One answer; a fault is told in it, and the stream goes on."""
        reply = pb.ModelStreamInferResponse()
        message = pb.ModelInferRequest()
        try:
            with Counted(self._runtime) as call:
                self._runtime.admit()
                message = parsed(pb.ModelInferRequest, body)
                call.model = message.model_name
                reply.infer_response.CopyFrom(await infer(self._runtime, message, context))
        except ServiceError as error:
            reply.error_message = error.sentence
        except Exception:
            log.exception("request failed")
            reply.error_message = InternalError("The service failed on this request.").sentence
        reply.infer_response.id = message.id
        reply.infer_response.parameters[IS_LAST].bool_param = True
        return reply.SerializeToString()
