"""Triton's Python client in its four kinds: http, http.aio, grpc, grpc.aio.

python -m tests.conformance.clients.triton --url http://HOST:PORT [--grpc HOST:PORT] [--key KEY] [KIND ...]
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.conformance.cases.rows import DEEP, IMAGES, WIDE, XOR
from tests.conformance.clients import checks, triton_infer, triton_kinds, triton_pages
from tests.conformance.expectation import Known
from tests.conformance.target import Target

KINDS = ("http", "http.aio", "grpc", "grpc.aio")


class Triton:
    """One kind of the client, and how to call it whatever its kind.

    Args:
        kind: One of ``KINDS``.
        target: The server.
    """

    def __init__(self, kind: str, target: Target) -> None:
        self.kind = kind
        self.is_http = kind.startswith("http")
        self.is_aio = kind.endswith("aio")
        self.module = importlib.import_module(f"tritonclient.{kind}")
        self.target = target
        self.key = {("Authorization" if self.is_http else "authorization"): f"Bearer {target.key}"}

    def connect(self) -> Any:
        """A client that is connected to the server."""
        address = self.target.url.removeprefix("http://") if self.is_http else self.target.grpc
        more = {"concurrency": 8} if self.kind == "http" else {}
        return self.module.InferenceServerClient(address, **more)

    async def page(self, call: Any, *given: Any, **more: Any) -> Any:
        """The answer of a call for metadata, as plain objects in the protocol's names."""
        if not self.is_http:
            more["as_json"] = True
        return await checks.settled(call(*given, **more))

    def tensor(self, name: str, values: Any, datatype: str = "FP32", *, binary: bool = True) -> Any:
        """An input."""
        array = np.array(values, {"FP32": np.float32, "FP64": np.float64, "UINT8": np.uint8}[datatype])
        tensor = self.module.InferInput(name, list(array.shape), datatype)
        how = {"binary_data": binary} if self.is_http else {}
        tensor.set_data_from_numpy(array, **how)
        return tensor

    def output(self, name: str, classes: int = 0, *, binary: bool = True) -> Any:
        """A requested output."""
        how = {"binary_data": binary} if self.is_http else {}
        return self.module.InferRequestedOutput(name, class_count=classes, **how)

    def xor(self, *, binary: bool = True) -> list[Any]:
        """The inputs of all golden rows of ``xor``."""
        return [self.tensor("features", XOR, binary=binary)]

    def flights(self) -> list[Any]:
        """The inputs of all golden flights."""
        return [self.tensor("wide", WIDE), self.tensor("deep", DEEP)]

    def mnist(self) -> list[Any]:
        """The inputs of all golden pictures."""
        return [self.tensor("image", IMAGES, "UINT8")]

    def known(self, model: str, output: str, rows: Sequence[int]) -> Any:
        """What the server answered to golden rows by plain JSON."""
        return self.target.known(Known(model, rows, f"flat:{output}"))


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask with each kind."""
    version = checks.version_of("tritonclient")
    for kind in given.clients or KINDS:
        if kind.startswith("grpc") and not target.grpc:
            checks.announce(f"tritonclient.{kind}", version, "no --grpc was given")
            continue
        checks.announce(f"tritonclient.{kind}", version)
        triton = Triton(kind, target)
        client = triton.connect()
        try:
            todo = [*triton_pages.CHECKS, *triton_infer.CHECKS, *triton_kinds.CHECKS[kind]]
            await checks.run(todo, target, client, triton)
        finally:
            await checks.settled(client.close())


if __name__ == "__main__":
    checks.start(main)
