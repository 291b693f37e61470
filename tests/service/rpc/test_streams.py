"""ModelStreamInfer: one answer a request, in order, and an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
import numpy as np
import pytest
from tritonclient.utils import InferenceServerException

from service.rpc import streams
from tests.service.conftest import until
from tests.service.rpc.conftest import Called, asking, refusal, sending

Make = Callable[..., Any]


def total(response: Any) -> float:
    """The toy's `total` in a response of the stream."""
    return float(np.frombuffer(response.infer_response.raw_output_contents[1], np.float32)[0])


async def test_triton_s_client_streams(called: Called) -> None:
    """Each request gets its answer in order; a fault is told in its place, and the stream goes on."""

    async def requests() -> Any:
        for first in (1, 101, 3):
            yield {"model_name": "toy", "inputs": sending(first), "request_id": str(first)}

    found: list[Any] = []
    async for answer, error in called.client.stream_infer(requests()):
        found.append(error.message() if error else (answer.get_response().id, answer.as_numpy("total").tolist()))
    assert found[0] == ("1", [[2.0]])
    assert "Expected a number from -100 to 100 for size. Received 101.0" in found[1]
    assert found[2] == ("3", [[4.0]])
    assert called.counted("ok") == 2
    assert called.counted("out_of_range") == 1


async def test_a_fault_names_its_request(called: Called) -> None:
    """The response of a fault has the request's id, so that a client knows which one it was."""
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking(model_name="nope", id="r-17"))
    response = await stream.read()
    assert response.error_message == "Request for unknown model: 'nope' is not found"
    assert response.infer_response.id == "r-17"
    assert not response.infer_response.outputs
    await stream.done_writing()
    assert await stream.read() is grpc.aio.EOF


async def test_every_answer_is_the_last_of_its_request(called: Called) -> None:
    """Clients that ask for an empty final response are told on each answer that there is none to come."""
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking(parameters={"triton_enable_empty_final_response": {"bool_param": True}}))
    assert (await stream.read()).infer_response.parameters["triton_final_response"].bool_param
    await stream.write(asking(parameters={"triton_other": {"bool_param": True}}))
    assert "reserved" in (await stream.read()).error_message


async def test_bytes_that_are_no_message_cost_one_answer(called: Called) -> None:
    """The next request of the same stream is answered."""
    stream = called.channel.stream_stream("/inference.GRPCInferenceService/ModelStreamInfer")()
    await stream.write(b"\xff")
    assert b"Expected a message inference.ModelInferRequest" in await stream.read()
    await stream.write(asking(id="r-17").SerializeToString())
    assert b"r-17" in await stream.read()


async def test_requests_of_a_stream_share_a_batch(called: Called) -> None:
    """What a client sends ahead is computed together, and answered in the order of the requests."""
    gate = called.served.put_gate()
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking(0))
    await until(lambda: bool(gate.batches))
    for first in range(1, 6):
        await stream.write(asking(first))
    await until(lambda: called.served.version.scheduler.queued_rows == 5)
    gate.open()
    assert [total(await stream.read()) for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    assert len(gate.batches) == 2


async def test_a_client_may_be_ahead_by_so_many_only(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests beyond those that are computed are not read yet."""
    monkeypatch.setattr(streams, "AHEAD", 2)
    gate = called.served.put_gate()
    stream = called.stub.ModelStreamInfer()
    for first in range(6):
        await stream.write(asking(first))
    await until(lambda: called.runtime.inflight == 2)
    await called.client.is_server_live()
    assert called.runtime.inflight == 2
    gate.open()
    assert [total(await stream.read()) for _ in range(6)] == [1, 2, 3, 4, 5, 6]


async def test_an_idle_stream_is_not_in_flight(called: Called) -> None:
    """Only requests that wait for their answer count, so that draining does not wait for clients."""
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking())
    await stream.read()
    await until(called.served.at_rest)
    await stream.write(asking())
    assert total(await stream.read()) == 2


async def test_a_client_that_goes_away_drops_its_work(called: Called) -> None:
    """All that it has sent ahead leaves the queue."""
    gate = called.served.put_gate()
    stream = called.stub.ModelStreamInfer()
    for first in range(4):
        await stream.write(asking(first))
    await until(lambda: called.served.version.scheduler.queued_rows == 3)
    stream.cancel()
    await until(called.served.at_rest)
    gate.open()
    await called.client.infer("toy", sending(9))
    assert gate.batches == [[[0.0]], [[9.0]]]
    assert called.counted("cancelled") == 4


async def test_a_client_that_is_ahead_and_goes_leaves_no_reader(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody goes on waiting for room in a stream that has ended."""
    monkeypatch.setattr(streams, "AHEAD", 1)
    gate = called.served.put_gate()
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking())
    await until(lambda: bool(gate.batches))
    (reader,) = called.server._streams._readers
    stream.cancel()
    await until(reader.done)
    gate.open()


async def test_in_flight_is_limited(make_called: Make) -> None:
    """A request over the limit is refused in its own answer."""
    called: Called = await make_called(max_inflight_requests=1)
    gate = called.served.put_gate()
    stream = called.stub.ModelStreamInfer()
    await stream.write(asking(1))
    await until(lambda: bool(gate.batches))
    await stream.write(asking(2))
    await until(lambda: called.counted("overloaded", "") + called.counted("overloaded") == 1)
    gate.open()
    assert total(await stream.read()) == 2
    assert "at most 1 requests in flight" in (await stream.read()).error_message


async def test_open_streams_are_limited(make_called: Make) -> None:
    """One more stream than there may be is UNAVAILABLE; when one ends there is room again."""
    called: Called = await make_called(max_inflight_requests=1)
    first = called.stub.ModelStreamInfer()
    await first.write(asking())
    await first.read()
    code, _, trailing = await refusal(called.stub.ModelStreamInfer().read())
    assert (code, trailing["code"]) == (grpc.StatusCode.UNAVAILABLE, "overloaded")
    await first.done_writing()
    assert await first.read() is grpc.aio.EOF
    second = called.stub.ModelStreamInfer()
    await second.write(asking())
    assert total(await second.read()) == 2


async def test_stopping_answers_what_was_read_and_ends_the_stream(called: Called) -> None:
    """What is in flight is answered, then the stream ends as draining; an idle one ends at once."""
    gate = called.served.put_gate()
    busy, idle = called.stub.ModelStreamInfer(), called.stub.ModelStreamInfer()
    await busy.write(asking(1))
    await idle.wait_for_connection()
    await until(lambda: bool(gate.batches))
    stopping = asyncio.create_task(called.server.stop(30))
    code, details, trailing = await refusal(idle.read())
    assert (code, details, trailing["code"]) == (
        grpc.StatusCode.UNAVAILABLE,
        "The service is draining.",
        "not_ready",
    )
    gate.open()
    assert total(await busy.read()) == 2
    assert (await refusal(busy.read()))[0] is grpc.StatusCode.UNAVAILABLE
    await stopping


async def test_a_defect_costs_one_answer(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that is no error of the service is told without its words, and the stream goes on."""
    with monkeypatch.context() as broken:

        def fail(*_: Any) -> None:
            raise RuntimeError("/opt/secret")

        broken.setattr(called.runtime, "submit", fail)
        stream = called.stub.ModelStreamInfer()
        await stream.write(asking())
        assert (await stream.read()).error_message == "The service failed on this request."
    await stream.write(asking())
    assert total(await stream.read()) == 2


async def test_the_whole_client_library_sees_an_error(called: Called) -> None:
    """Triton's client raises for a fault of the unary call with our sentence."""
    with pytest.raises(InferenceServerException, match="unknown model: 'nope'"):
        await called.client.infer("nope", sending(1))
