"""Triton's client infers, in every way that it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.conformance.cases.rows import XOR
from tests.conformance.clients.checks import Check, Skipped, about, contains, same, settled
from tests.conformance.clients.triton_pages import refused

if TYPE_CHECKING:
    from tests.conformance.clients.triton import Triton

ALL = range(4)
CALLS = 64


def check_xor(result: Any, triton: Triton) -> None:
    """Hold a result to the golden rows of ``xor``."""
    array = result.as_numpy("probability")
    assert array.dtype == np.float32, f"received {array.dtype}"
    assert array.shape == (4, 1), f"received {array.shape}"
    same(array.ravel(), triton.known("xor", "probability", ALL))


async def plain(client: Any, triton: Triton) -> None:
    """Infer, as the client does it unless told otherwise."""
    check_xor(await settled(client.infer("xor", triton.xor())), triton)


async def version(client: Any, triton: Triton) -> None:
    """Infer a version."""
    number = triton.target.text("$XOR")
    result = await settled(client.infer("xor", triton.xor(), model_version=number))
    check_xor(result, triton)
    response = result.get_response()
    assert (response["model_version"] if triton.is_http else response.model_version) == number


async def label(client: Any, triton: Triton) -> None:
    """Infer what a label points to, where a version is named."""
    if "label" not in triton.target.can:
        raise Skipped("no version of xor has a label")
    word, number = map(triton.target.text, ("$LABEL", "$LABELLED"))
    assert await settled(client.is_model_ready("xor", word)) is True
    result = await settled(client.infer("xor", triton.xor(), model_version=word))
    response = result.get_response()
    assert (response["model_version"] if triton.is_http else response.model_version) == number


@about("mnist")
async def pictures(client: Any, triton: Triton) -> None:
    """Infer bytes."""
    result = await settled(client.infer("mnist", triton.mnist()))
    same(result.as_numpy("probabilities").ravel(), triton.known("mnist", "probabilities", (0, 1)))


@about("flights")
async def outputs(client: Any, triton: Triton) -> None:
    """Two inputs, and two outputs in the order that is asked for."""
    wanted = [triton.output("air_time"), triton.output("arrival_delay")]
    result = await settled(client.infer("flights", triton.flights(), outputs=wanted))
    for name in ("air_time", "arrival_delay"):
        same(result.as_numpy(name).ravel(), triton.known("flights", name, (0, 1)))
    response = result.get_response()
    names = [
        one["name"] if triton.is_http else one.name
        for one in (response["outputs"] if triton.is_http else response.outputs)
    ]
    assert names == ["air_time", "arrival_delay"], f"received {names}"
    assert result.as_numpy("nothing") is None


@about("mnist")
async def classes(client: Any, triton: Triton) -> None:
    """The best classes instead of numbers."""
    result = await settled(client.infer("mnist", triton.mnist(), outputs=[triton.output("probabilities", classes=3)]))
    texts = result.as_numpy("probabilities")
    assert texts.shape == (2, 3), f"received {texts.shape}"
    score, number, label = texts[0][0].decode().split(":")
    assert number == label, f"received {texts[0][0]!r}"
    known = triton.known("mnist", "probabilities", (0,))
    assert int(number) == int(np.argmax(known))
    same([float(score)], [max(known)])


async def request_id(client: Any, triton: Triton) -> None:
    """The id of a request comes back."""
    result = await settled(client.infer("xor", triton.xor(), request_id="golden-19"))
    response = result.get_response()
    assert (response["id"] if triton.is_http else response.id) == "golden-19"


async def parameters(client: Any, triton: Triton) -> None:
    """Priority, timeout, headers and parameters of one's own."""
    more = {"priority": 1, "timeout": 4_000_000, "headers": {"x-mine": "yes"}, "parameters": {"mine": "yes", "n": 1}}
    check_xor(await settled(client.infer("xor", triton.xor(), **more)), triton)


async def compression(client: Any, triton: Triton) -> None:
    """Compression both ways, by gzip and by deflate."""
    rows = XOR * 128
    for name in ("gzip", "deflate"):
        how = {"compression_algorithm": name}
        if triton.is_http:
            how = {"request_compression_algorithm": name, "response_compression_algorithm": name}
        result = await settled(client.infer("xor", [triton.tensor("features", rows)], **how))
        same(result.as_numpy("probability").ravel(), triton.known("xor", "probability", ALL) * 128)


async def many(client: Any, triton: Triton) -> None:
    """Many calls at once, each with its own answer."""

    async def one(row: int) -> Any:
        inputs = [triton.tensor("features", [[row >> 1 & 1, row & 1]])]
        if triton.is_aio:
            return await client.infer("xor", inputs)
        if triton.is_http:
            return await asyncio.to_thread(client.async_infer("xor", inputs).get_result)
        return await asyncio.to_thread(client.infer, "xor", inputs)

    if triton.kind == "http":  # its requests are greenlets of one thread
        requests = [client.async_infer("xor", [triton.tensor("features", [[n >> 1 & 1, n & 1]])]) for n in range(CALLS)]
        results = [request.get_result() for request in requests]
    else:
        results = await asyncio.gather(*map(one, range(CALLS)))
    received = [float(result.as_numpy("probability")[0, 0]) for result in results]
    same(received, triton.known("xor", "probability", ALL) * (CALLS // 4))


@about("flights")
async def errors(client: Any, triton: Triton) -> None:
    """What is wrong raises, in Triton's words and with its status."""
    bad, unknown = ("400", "404") if triton.is_http else ("INVALID_ARGUMENT", "NOT_FOUND")
    tensor, flights = triton.tensor, triton.flights()
    wrong: list[tuple[str, Any, str, str]] = [
        ("nobody", triton.xor(), unknown, "Request for unknown model: 'nobody' is not found"),
        (
            "xor",
            [tensor("features", XOR, "FP64")],
            bad,
            "inference input 'features' data-type is 'FP64', but model 'xor' expects 'FP32'",
        ),
        (
            "xor",
            [tensor("features", [[0, 1, 1]])],
            bad,
            "unexpected shape for input 'features' for model 'xor'. Expected [-1,2], got [1,3].",
        ),
        ("xor", [tensor("z", [[0, 1]])], bad, "unexpected inference input 'z' for model 'xor'"),
        ("flights", flights[:1], bad, "expected 2 inputs but got 1 inputs for model 'flights'."),
        ("xor", [tensor("features", [[0, 7]])], bad, "from 0 to 1"),
        ("xor", [tensor("features", [[0, float("nan")]])], bad, "finite"),
        (
            "xor",
            [tensor("features", [[0, 1]] * (triton.target.limits["xor"] + 1))],
            bad,
            "inference request batch-size must be <= ",
        ),
    ]
    for model, inputs, status, text in wrong:
        error = await refused(client.infer, model, inputs)
        contains(error.message(), text)
        contains(error.status(), status)


CHECKS: list[Check] = [
    label,
    plain,
    version,
    pictures,
    outputs,
    classes,
    request_id,
    parameters,
    compression,
    many,
    errors,
]
