"""grpc.health.v1: may requests be sent to the service, to the V2 protocol, to a model?

References:
    *gRPC Health Checking Protocol*, https://github.com/grpc/grpc/blob/master/doc/health-checking.md (2023).
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from service.errors import NotFound, Overloaded
from service.rpc.counted import Counted
from service.rpc.faults import Context, refuse
from service.runtime import Runtime

NAME = "grpc.health.v1.Health"
POLL_S = 0.1
"""Time between two looks at the state of the service, for those who watch it."""
MAX_WATCHERS = 100

SERVING: int = HealthCheckResponse.SERVING
NOT_SERVING: int = HealthCheckResponse.NOT_SERVING
UNKNOWN: int = HealthCheckResponse.SERVICE_UNKNOWN


class Health:
    """The health service.

    Args:
        runtime: Whose health.
        names: What is healthy when the service as a whole is; every model is known by its own name besides.
    """

    def __init__(self, runtime: Runtime, names: frozenset[str]) -> None:
        self._runtime = runtime
        self._names = names
        self._watchers = 0
        self._closing = False

    def handlers(self) -> dict[str, Any]:
        """The gRPC handlers by method."""
        read, write = HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
        return {
            "Check": grpc.unary_unary_rpc_method_handler(self._check, read, write),
            "Watch": grpc.unary_stream_rpc_method_handler(self._watch, read, write),
        }

    def close(self) -> None:
        """End what is watched."""
        self._closing = True

    def status(self, name: str) -> int:
        """SERVING while requests are welcome; NOT_SERVING while loading, draining, hanging; UNKNOWN for a stranger."""
        repository = self._runtime.repository
        if name in self._names:
            good = self._runtime.ready
        elif name in repository.names():
            good = name in repository.ready and self._runtime.serving
        else:
            return UNKNOWN
        return SERVING if good and not self._closing else NOT_SERVING

    async def _check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:
        with Counted(self._runtime) as call:
            call.model = request.service
            status = self.status(request.service)
        if status == UNKNOWN:
            await refuse(context, NotFound("Expected the name of a service or a model. Received another."))
        return HealthCheckResponse(status=status)

    async def _watch(self, request: HealthCheckRequest, context: Any) -> None:
        """Tell the status now, and again whenever it is another."""
        if self._watchers >= MAX_WATCHERS:
            await refuse(context, Overloaded(f"Expected at most {MAX_WATCHERS} watchers; try again."))
        self._watchers += 1
        told: int | None = None
        try:
            while True:
                closing, status = self._closing, self.status(request.service)
                if status != told:
                    await context.write(HealthCheckResponse(status=status))
                    told = status
                if closing:
                    return
                await asyncio.sleep(POLL_S)
        finally:
            self._watchers -= 1
