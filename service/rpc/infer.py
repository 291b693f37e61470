"""ModelInfer: from a message to the answer of the version that it names."""

from __future__ import annotations

import asyncio

from service.lookup import find
from service.request import InferRequest, InferResult
from service.routing import v2_route
from service.rpc import inference_pb2 as pb
from service.rpc.faults import Context
from service.rpc.messages import decode, encode
from service.runtime import Runtime
from service.version import Version


async def infer(runtime: Runtime, message: pb.ModelInferRequest, context: Context) -> pb.ModelInferResponse:
    """Answer one request, and count it in its version's statistics.

    Args:
        runtime: What answers.
        message: The request.
        context: The call, whose own deadline shortens the request's.

    Raises:
        ServiceError: As for any request.
    """
    now, deadline = asyncio.get_running_loop().time(), runtime.deadline()
    remaining_s: float | None = context.time_remaining()
    if remaining_s is not None:
        deadline = min(deadline, now + remaining_s)
    route = v2_route("infer", message.model_name, message.model_version)
    with find(runtime, route).held() as version, version.statistics.call():
        request = decode(message, version.interface)
        request.deadline = deadline if request.timeout_s is None else min(deadline, now + request.timeout_s)
        return await _compute(runtime, version, request)


async def _compute(runtime: Runtime, version: Version, request: InferRequest) -> pb.ModelInferResponse:
    work = runtime.submit(version, request)
    try:
        outputs = await work.future
    except asyncio.CancelledError:  # the client has gone away, or its deadline has passed
        version.scheduler.drop(work)
        raise
    result = InferResult(version.interface.name, version.number, outputs)
    return encode(request, result, version.interface)
