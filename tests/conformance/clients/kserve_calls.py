"""KServe's client: REST in both protocols, and gRPC.

python -m tests.conformance.clients.kserve --url http://HOST:PORT [--grpc HOST:PORT]
"""

from __future__ import annotations

from typing import Any

import grpc
import httpx
import numpy as np
from kserve import InferInput, InferRequest
from kserve.protocol.infer_type import RequestedOutput

from tests.conformance.cases.rows import DEEP, FLIGHTS, IMAGES, WIDE, XOR
from tests.conformance.clients import checks
from tests.conformance.clients.checks import Check, about, raised
from tests.conformance.expectation import Known, mismatch
from tests.conformance.target import Target

ALL = range(4)
WRONG = [
    ("features", "FP32", [[0, 7]], "from 0 to 1"),
    ("z", "FP32", [[0, 1]], "unexpected inference input 'z' for model 'xor'"),
]


def tensor(name: str, values: Any, datatype: str = "FP32", *, binary: bool = True) -> InferInput:
    """An input."""
    array = np.array(values, np.uint8 if datatype == "UINT8" else np.float32)
    found = InferInput(name, list(array.shape), datatype)
    found.set_data_from_numpy(array, binary_data=binary)
    return found


def known(target: Target, model: str, output: str, rows: Any) -> Any:
    """What the server answered to golden rows by plain JSON."""
    return target.known(Known(model, rows, f"flat:{output}"))


def numbers(response: Any, output: str) -> Any:
    """All numbers of an output."""
    return next(one for one in response.outputs if one.name == output).as_numpy().ravel().tolist()


async def v1_ready(client: Any, target: Target) -> None:
    """The server lives, and the model is ready."""
    assert await client.is_server_live(target.url) is True
    assert await client.is_model_ready(target.url, "xor") is True


async def v1_unknown(client: Any, target: Target) -> None:
    """An unknown model raises, with the server's sentence."""
    body = {"instances": [1]}
    for error in (
        await raised(httpx.HTTPStatusError, client.is_model_ready, target.url, "nobody"),
        await raised(httpx.HTTPStatusError, client.infer, target.url, body, model_name="nobody"),
    ):
        assert error.response.status_code == 404
        checks.contains(error, "nobody")


@about("flights")
async def v1_predict(client: Any, target: Target) -> None:
    """Predict, one input and two."""
    answer = await client.infer(target.url, {"instances": XOR}, model_name="xor")
    assert not (fault := mismatch({"predictions": Known("xor", ALL)}, answer, target)), fault
    answer = await client.infer(target.url, {"instances": FLIGHTS}, model_name="flights")
    assert not (fault := mismatch({"predictions": Known("flights", (0, 1))}, answer, target)), fault


async def v1_error(client: Any, target: Target) -> None:
    """What is wrong raises, with the server's sentence."""
    error = await raised(httpx.HTTPStatusError, client.infer, target.url, {"instances": []}, model_name="xor")
    checks.contains(error, "No values in 'instances' array, '400")


async def v2_ready(client: Any, target: Target) -> None:
    """The server lives and is ready, and the model too; an unknown one is not."""
    assert await client.is_server_live(target.url) is True
    assert await client.is_server_ready(target.url) is True
    assert await client.is_model_ready(target.url, "xor") is True
    assert await client.is_model_ready(target.url, "nobody") is False


async def v2_infer(client: Any, target: Target) -> None:
    """Infer, by JSON and by binary tensors."""
    for binary in (False, True):
        request = InferRequest("xor", [tensor("features", XOR, binary=binary)], request_id="golden-20")
        response = await client.infer(target.url, request, model_name="xor")
        assert (response.id, response.model_name) == ("golden-20", "xor")
        checks.same(numbers(response, "probability"), known(target, "xor", "probability", ALL))


@about("flights")
async def v2_outputs(client: Any, target: Target) -> None:
    """Requested outputs, one of them binary."""
    wanted = [
        RequestedOutput("air_time", {"binary_data": True}),
        RequestedOutput("arrival_delay", {"binary_data": False}),
    ]
    inputs = [tensor("wide", WIDE), tensor("deep", DEEP, binary=False)]
    request = InferRequest("flights", inputs, request_outputs=wanted)
    response = await client.infer(target.url, request, model_name="flights")
    for name in ("air_time", "arrival_delay"):
        checks.same(numbers(response, name), known(target, "flights", name, (0, 1)))


@about("mnist")
async def v2_pictures(client: Any, target: Target) -> None:
    """Pictures in bytes."""
    request = InferRequest("mnist", [tensor("image", IMAGES, "UINT8")])
    response = await client.infer(target.url, request, model_name="mnist")
    checks.same(numbers(response, "probabilities"), known(target, "mnist", "probabilities", (0, 1)))


async def v2_errors(client: Any, target: Target) -> None:
    """What is wrong raises, with the server's sentence."""
    for name, datatype, values, text in WRONG:
        request = InferRequest("xor", [tensor(name, values, datatype, binary=False)])
        error = await raised(httpx.HTTPStatusError, client.infer, target.url, request, model_name="xor")
        checks.contains(error, text)


async def grpc_ready(client: Any, target: Target) -> None:
    """The server lives and is ready, and the model too."""
    assert await client.is_server_live() is True
    assert await client.is_server_ready() is True
    assert await client.is_model_ready("xor") is True


async def grpc_infer(client: Any, target: Target) -> None:
    """Infer, with typed contents and with raw ones."""
    for binary in (False, True):
        request = InferRequest("xor", [tensor("features", XOR, binary=binary)], request_id="golden-21")
        response = await client.infer(request)
        assert (response.id, response.model_name) == ("golden-21", "xor")
        checks.same(numbers(response, "probability"), known(target, "xor", "probability", ALL))


async def grpc_errors(client: Any, target: Target) -> None:
    """What is wrong raises, with a status and the server's sentence."""
    for name, datatype, values, text in WRONG:
        error = await raised(grpc.RpcError, client.infer, InferRequest("xor", [tensor(name, values, datatype)]))
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error.code()
        checks.contains(error.details(), text)
    error = await raised(grpc.RpcError, client.infer, InferRequest("nobody", [tensor("features", XOR)]))
    assert error.code() == grpc.StatusCode.NOT_FOUND, error.code()


V1: list[Check] = [v1_ready, v1_unknown, v1_predict, v1_error]
V2: list[Check] = [v2_ready, v2_infer, v2_outputs, v2_pictures, v2_errors]
GRPC: list[Check] = [grpc_ready, grpc_infer, grpc_errors]
