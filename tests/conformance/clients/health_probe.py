"""The standard gRPC health service, asked by gRPC's own stubs as orchestrators do.

python -m tests.conformance.clients.health_probe --url http://HOST:PORT --grpc HOST:PORT
"""

from __future__ import annotations

import argparse
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.conformance.clients import checks
from tests.conformance.target import Target

TIMEOUT_S = 10
SERVING = health_pb2.HealthCheckResponse.SERVING


def ask(service: str) -> Any:
    """A request for the health of a service."""
    return health_pb2.HealthCheckRequest(service=service)


def whole(stub: Any, target: Target) -> None:
    """The whole server serves."""
    assert stub.Check(ask(""), timeout=TIMEOUT_S).status == SERVING


def by_name(stub: Any, target: Target) -> None:
    """The inference service serves."""
    assert stub.Check(ask("inference.GRPCInferenceService"), timeout=TIMEOUT_S).status == SERVING


async def unknown(stub: Any, target: Target) -> None:
    """An unknown service is not found."""
    error = await checks.raised(grpc.RpcError, stub.Check, ask("nobody"), timeout=TIMEOUT_S)
    assert error.code() == grpc.StatusCode.NOT_FOUND, error.code()


def watched(stub: Any, target: Target) -> None:
    """A watch begins with the present state."""
    watch = stub.Watch(ask(""), timeout=TIMEOUT_S)
    assert next(watch).status == SERVING
    watch.cancel()


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask over one channel."""
    version = checks.version_of("grpcio-health-checking")
    if not target.grpc:
        checks.announce("gRPC health", version, "no --grpc was given")
        return
    checks.announce("gRPC health", version)
    with grpc.insecure_channel(target.grpc) as channel:
        await checks.run([whole, by_name, unknown, watched], target, health_pb2_grpc.HealthStub(channel), target)


if __name__ == "__main__":
    checks.start(main)
