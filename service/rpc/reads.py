"""What is read or ordered besides inference: the pages and calls of the V2 dialect over HTTP, as messages.

The pages are the one place that knows what to answer. Their JSON has the names of the protocol's fields, so that it
is read into the messages as it is; what a message has no field for is left out.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, TypeVar

import orjson
from google.protobuf import json_format
from google.protobuf.message import Message

from service import changes, pages
from service.errors import NotFound, NotReady
from service.lookup import find
from service.routing import Route, v2_route
from service.rpc import inference_pb2 as pb
from service.rpc.faults import Context
from service.runtime import Runtime

M = TypeVar("M", bound=Message)


def _filled(message: M, value: Any) -> M:
    return json_format.ParseDict(value, message, ignore_unknown_fields=True)


def _page(runtime: Runtime, route: Route) -> Any:
    _, body, _ = pages.page(runtime, route)
    return orjson.loads(body)


async def server_live(runtime: Runtime, request: pb.ServerLiveRequest, context: Context) -> pb.ServerLiveResponse:
    """Whether the process can answer."""
    return pb.ServerLiveResponse(live=runtime.alive)


async def server_ready(runtime: Runtime, request: pb.ServerReadyRequest, context: Context) -> pb.ServerReadyResponse:
    """Whether new requests are welcome."""
    return pb.ServerReadyResponse(ready=runtime.ready)


async def model_ready(runtime: Runtime, request: pb.ModelReadyRequest, context: Context) -> pb.ModelReadyResponse:
    """Whether a model answers; as in Triton, an unknown one is not ready rather than an error."""
    try:
        find(runtime, v2_route("ready", request.name, request.version))
    except (NotFound, NotReady):
        return pb.ModelReadyResponse(ready=False)
    return pb.ModelReadyResponse(ready=runtime.serving)


async def server_metadata(
    runtime: Runtime, request: pb.ServerMetadataRequest, context: Context
) -> pb.ServerMetadataResponse:
    """Name, version, extensions."""
    return _filled(pb.ServerMetadataResponse(), _page(runtime, Route("openinference", "server")))


async def model_metadata(
    runtime: Runtime, request: pb.ModelMetadataRequest, context: Context
) -> pb.ModelMetadataResponse:
    """Versions, inputs and outputs."""
    return _filled(pb.ModelMetadataResponse(), _page(runtime, v2_route("model", request.name, request.version)))


async def model_config(runtime: Runtime, request: pb.ModelConfigRequest, context: Context) -> pb.ModelConfigResponse:
    """How a model is batched."""
    return _filled(
        pb.ModelConfigResponse(),
        {"config": _page(runtime, v2_route("config", request.name, request.version))},
    )


async def model_statistics(
    runtime: Runtime, request: pb.ModelStatisticsRequest, context: Context
) -> pb.ModelStatisticsResponse:
    """What one model, or every model, has done."""
    return _filled(pb.ModelStatisticsResponse(), _page(runtime, v2_route("stats", request.name, request.version)))


async def repository_index(
    runtime: Runtime, request: pb.RepositoryIndexRequest, context: Context
) -> pb.RepositoryIndexResponse:
    """Every known version with its state."""
    body = await _order(runtime, "index", "", {"ready": request.ready}, context)
    return _filled(pb.RepositoryIndexResponse(), {"models": orjson.loads(body)})


async def model_load(
    runtime: Runtime, request: pb.RepositoryModelLoadRequest, context: Context
) -> pb.RepositoryModelLoadResponse:
    """Load a model; the key stands in the call's metadata as it stands in HTTP's header."""
    await _order(runtime, "load", request.model_name, _parameters(request), context)
    return pb.RepositoryModelLoadResponse()


async def model_unload(
    runtime: Runtime, request: pb.RepositoryModelUnloadRequest, context: Context
) -> pb.RepositoryModelUnloadResponse:
    """Unload a model."""
    await _order(runtime, "unload", request.model_name, _parameters(request), context)
    return pb.RepositoryModelUnloadResponse()


def _parameters(request: pb.RepositoryModelLoadRequest | pb.RepositoryModelUnloadRequest) -> dict[str, Any]:
    """The body that orders the same over HTTP, where bytes are base64."""
    values = {}
    for key, parameter in request.parameters.items():
        value = getattr(parameter, parameter.WhichOneof("parameter_choice") or "string_param")
        values[key] = b64encode(value).decode() if isinstance(value, bytes) else value
    return {"parameters": values}


async def _order(runtime: Runtime, action: str, model: str, body: dict[str, Any], context: Context) -> bytes:
    headers = {
        key.encode(): value.encode() if isinstance(value, str) else value
        for key, value in context.invocation_metadata() or ()
    }

    async def read() -> bytes:
        return orjson.dumps(body)

    _, answer, _ = await changes.call(runtime, Route("openinference", action, model), headers, read)
    return answer
