"""The client that is generated from the Open Inference Protocol's own OpenAPI file.

python -m tests.conformance.clients.open_inference --url http://HOST:PORT
"""

from __future__ import annotations

import argparse
from typing import Any

from open_inference.openapi.client import AsyncOpenInferenceClient, OpenInferenceClient
from open_inference.openapi.errors import BadRequestError, NotFoundError
from open_inference.openapi.types import InferenceRequest, RequestInput, RequestOutput

from tests.conformance.cases.rows import DEEP, WIDE, XOR
from tests.conformance.clients import checks
from tests.conformance.clients.checks import about, raised, settled
from tests.conformance.expectation import Known
from tests.conformance.target import Target, flat


def tensor(name: str, values: list[Any]) -> RequestInput:
    """An input."""
    return RequestInput(name=name, shape=[len(values), len(values[0])], datatype="FP32", data=flat(values))


def request(**more: Any) -> InferenceRequest:
    """The golden rows of ``xor``."""
    return InferenceRequest(inputs=[tensor("features", XOR)], **more)


async def health(client: Any, target: Target) -> None:
    """Live, ready, and the model too; an unknown one is not found."""
    await settled(client.check_server_liveness())
    await settled(client.check_server_readiness())
    await settled(client.check_model_readiness("xor"))
    await settled(client.check_model_version_readiness("xor", target.text("$XOR")))
    await raised(NotFoundError, client.check_model_readiness, "nobody")


async def metadata(client: Any, target: Target) -> None:
    """Metadata of server, model and version."""
    assert (await settled(client.read_server_metadata())).name
    pages = [
        await settled(client.read_model_metadata("xor")),
        await settled(client.read_model_version_metadata("xor", target.text("$XOR"))),
    ]
    for page in pages:
        assert page.name == "xor"
        assert [(one.name, one.datatype, one.shape) for one in page.inputs] == [("features", "FP32", [-1, 2])]
        assert target.text("$XOR") in page.versions


async def infer(client: Any, target: Target) -> None:
    """Infer, with an id and a requested output, of a version and of none."""
    version = target.text("$XOR")
    body = request(id="golden-22", outputs=[RequestOutput(name="probability")])
    answers = [
        await settled(client.model_infer("xor", request=body)),
        await settled(client.model_version_infer("xor", version, request=body)),
    ]
    for answer in answers:
        assert (answer.id, answer.model_name, answer.model_version) == ("golden-22", "xor", version)
        (output,) = answer.outputs
        assert (output.name, output.shape, output.datatype) == ("probability", [4, 1], "FP32")
        checks.same(numbers(output), target.known(Known("xor", range(4), "flat:probability")))


@about("flights")
async def two_inputs(client: Any, target: Target) -> None:
    """Two inputs, all outputs."""
    body = InferenceRequest(inputs=[tensor("wide", WIDE), tensor("deep", DEEP)])
    answer = await settled(client.model_infer("flights", request=body))
    for output in answer.outputs:
        checks.same(numbers(output), target.known(Known("flights", (0, 1), f"flat:{output.name}")))


async def errors(client: Any, target: Target) -> None:
    """What is wrong raises, with the server's sentence."""
    body = InferenceRequest(inputs=[tensor("z", XOR)])
    error = await raised(BadRequestError, client.model_infer, "xor", request=body)
    checks.contains(error.body, "unexpected inference input 'z' for model 'xor'")


def numbers(output: Any) -> list[float]:
    """All numbers of an output."""
    return [float(value) for value in output.data.__root__]


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask with each kind."""
    version = checks.version_of("open-inference-openapi")
    for kind in (OpenInferenceClient, AsyncOpenInferenceClient):
        checks.announce(f"open-inference-openapi {kind.__name__}", version)
        await checks.run([health, metadata, infer, two_inputs, errors], target, kind(base_url=target.url), target)


if __name__ == "__main__":
    checks.start(main)
