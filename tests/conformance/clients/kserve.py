"""KServe's client: REST in both protocols, and gRPC.

python -m tests.conformance.clients.kserve --url http://HOST:PORT [--grpc HOST:PORT]
"""

from __future__ import annotations

import argparse
import logging
import sys

from tests.conformance.clients import checks
from tests.conformance.target import Target


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask with each kind."""
    del sys.argv[1:]  # the package reads the command line when it is imported
    from kserve import InferenceGRPCClient, InferenceRESTClient
    from kserve.inference_client import RESTConfig

    from tests.conformance.clients import kserve_calls

    logging.disable()  # it logs every exception that it raises
    version = checks.version_of("kserve")
    for protocol, todo in (("v1", kserve_calls.V1), ("v2", kserve_calls.V2)):
        checks.announce(f"kserve InferenceRESTClient {protocol}", version)
        await checks.run(todo, target, InferenceRESTClient(RESTConfig(protocol=protocol)), target)
    if not target.grpc:
        checks.announce("kserve InferenceGRPCClient", version, "no --grpc was given")
        return
    checks.announce("kserve InferenceGRPCClient", version)
    async with InferenceGRPCClient(target.grpc, retries=0) as client:
        await checks.run(kserve_calls.GRPC, target, client, target)


if __name__ == "__main__":
    checks.start(main)
