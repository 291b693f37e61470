"""How an error of the service looks to a gRPC client."""

from __future__ import annotations

from typing import NoReturn

import grpc
import grpc.aio

from service.errors import ServiceError

Context = grpc.aio.ServicerContext[bytes, bytes]

STATUS = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    408: grpc.StatusCode.DEADLINE_EXCEEDED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
"""The gRPC status for each HTTP status that a call here can end with; INTERNAL for any other."""


async def refuse(context: Context, error: ServiceError) -> NoReturn:
    """End a call with an error: its sentence as details, its code word and what HTTP says in headers as metadata.

    Raises:
        grpc.aio.AbortError: Always; gRPC needs it to pass through the handler.
    """
    trailing = [("code", error.code), *((name.decode(), value.decode()) for name, value in error.headers())]
    await context.abort(STATUS.get(error.status, grpc.StatusCode.INTERNAL), error.sentence, tuple(trailing))
