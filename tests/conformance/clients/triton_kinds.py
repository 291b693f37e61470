"""What only some kinds of Triton's client can do."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

from tests.conformance.clients.checks import Check, contains, settled
from tests.conformance.clients.triton_infer import check_xor

if TYPE_CHECKING:
    from tests.conformance.clients.triton import Triton

TIMEOUT_S = 30


async def json_tensors(client: Any, triton: Triton) -> None:
    """JSON both ways, and mixed with binary tensors."""
    as_json, as_bytes = triton.output("probability", binary=False), triton.output("probability")
    for binary in (False, True):
        for wanted in (as_json, as_bytes, None):
            given = {} if wanted is None else {"outputs": [wanted]}
            check_xor(await settled(client.infer("xor", triton.xor(binary=binary), **given)), triton)


async def bodies(client: Any, triton: Triton) -> None:
    """Bodies that the client makes and reads without sending them."""
    kind = triton.module.InferenceServerClient
    body, length = kind.generate_request_body(triton.xor(), outputs=[triton.output("probability")])
    reply = triton.target.ask("POST", "/v2/models/xor/infer", body, {"Inference-Header-Content-Length": str(length)})
    size = int(reply.headers["inference-header-content-length"])
    check_xor(kind.parse_response_body(reply.body, header_length=size), triton)


async def callbacks(client: Any, triton: Triton) -> None:
    """Infer with a callback."""
    done: queue.Queue[tuple[Any, Any]] = queue.Queue()
    client.async_infer("xor", triton.xor(), callback=lambda result, error: done.put((result, error)))
    result, error = done.get(timeout=TIMEOUT_S)
    assert error is None, error
    check_xor(result, triton)


async def stream(client: Any, triton: Triton) -> None:
    """A stream of requests, answered in order, the wrong ones too."""
    done: queue.Queue[tuple[Any, Any]] = queue.Queue()
    client.start_stream(callback=lambda result, error: done.put((result, error)))
    try:
        for number in range(8):
            inputs = triton.xor() if number != 4 else [triton.tensor("features", [[0, 7]])]
            client.async_stream_infer("xor", inputs, request_id=str(number))
        for number in range(8):
            result, error = done.get(timeout=TIMEOUT_S)
            if number == 4:
                contains(error, "from 0 to 1")
                continue
            assert error is None, error
            assert result.get_response().id == str(number)
            check_xor(result, triton)
    finally:
        client.stop_stream()


async def aio_stream(client: Any, triton: Triton) -> None:
    """A stream of requests, answered in order."""

    async def requests() -> Any:
        for number in range(8):
            yield {"model_name": "xor", "inputs": triton.xor(), "request_id": str(number)}

    numbers = []
    async for result, error in client.stream_infer(requests()):
        assert error is None, error
        check_xor(result, triton)
        numbers.append(result.get_response().id)
    assert numbers == [str(number) for number in range(8)], f"received {numbers}"


CHECKS: dict[str, list[Check]] = {
    "http": [json_tensors, bodies],
    "http.aio": [json_tensors, bodies],
    "grpc": [callbacks, stream],
    "grpc.aio": [aio_stream],
}
