"""What every unary call has in common: limits, malformed messages, faults, counting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
import pytest

from service.errors import BodyTimeout
from service.rpc import inference_pb2 as pb
from service.rpc.calls import METHODS, read_in_time
from tests.service.conftest import Served, until
from tests.service.rpc.conftest import Called, asking, refusal, sending

Make = Callable[..., Any]
INFER = "/inference.GRPCInferenceService/ModelInfer"


def test_every_call_of_the_contract_is_answered() -> None:
    """The table names each unary call, with the message that the contract gives it."""
    service = pb.DESCRIPTOR.services_by_name["GRPCInferenceService"]
    assert {name: kind.DESCRIPTOR for name, (kind, _) in METHODS.items()} == {
        one.name: one.input_type for one in service.methods if not one.client_streaming
    }


async def test_what_is_not_served_is_unimplemented(called: Called) -> None:
    """Triton's other calls get gRPC's own answer."""
    code, _, _ = await refusal(called.channel.unary_unary("/inference.GRPCInferenceService/TraceSetting")(b""))
    assert code is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("body", [b"\xff\xff", b"\x0a\x05toy", b"\x0a\x01\xff"])
async def test_bytes_that_are_no_message(called: Called, body: bytes) -> None:
    """Other bytes, a cut message and a name that is no text are the client's mistake."""
    code, details, trailing = await refusal(called.channel.unary_unary(INFER)(body))
    assert (code, trailing["code"]) == (grpc.StatusCode.INVALID_ARGUMENT, "malformed_request")
    assert "inference.ModelInferRequest" in details


async def test_a_call_without_a_message(called: Called) -> None:
    """A client that ends its side without a message is told so."""
    call = called.channel.stream_unary(INFER)()
    await call.done_writing()
    code, details, _ = await refusal(call)
    assert (code, details) == (grpc.StatusCode.INVALID_ARGUMENT, "Expected one message. Received none.")


async def test_a_message_must_come_in_time(make_called: Make) -> None:
    """A call whose message does not come ends, and no longer counts as in flight."""
    called: Called = await make_called(body_timeout_ms=20)
    code, _, trailing = await refusal(called.channel.stream_unary(INFER)())
    assert (code, trailing["code"]) == (grpc.StatusCode.DEADLINE_EXCEEDED, "body_timeout")
    await until(called.served.at_rest)
    assert called.counted("body_timeout", "") == 1
    await called.client.infer("toy", sending(1))


async def test_once_the_message_is_read_its_time_is_over(make_called: Make) -> None:
    """A call may wait for its answer longer than its message may take to come."""
    called: Called = await make_called(body_timeout_ms=5)
    gate = called.served.put_gate()
    loop = asyncio.get_running_loop()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking()))
    await until(lambda: bool(gate.batches))
    entered = loop.time()
    await until(lambda: loop.time() > entered + 0.05)
    gate.open()
    assert (await waiting).model_name == "toy"


@pytest.mark.parametrize("also", [False, True])
async def test_late_and_gone_at_once_is_gone(served: Served, also: bool) -> None:
    """A call that is cancelled in the moment in which it is late stays cancelled; one that is only late does not."""
    interrupts: list[Callable[[], None]] = []

    class Wheel:
        def add(self, when: float, key: object, callback: Callable[[], None]) -> int:
            interrupts.append(callback)
            return 0

        def discard(self, slot: int, key: object) -> None:
            interrupts.clear()

    class Context:
        async def read(self) -> bytes:
            await asyncio.Event().wait()
            return b""

    context: Any = Context()
    served.runtime.__dict__["wheel"] = Wheel()
    reading = asyncio.create_task(read_in_time(served.runtime, context))
    await until(lambda: bool(interrupts))
    interrupts[0]()
    if also:
        reading.cancel()
    with pytest.raises(asyncio.CancelledError if also else BodyTimeout):
        await reading
    assert interrupts == []


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
async def test_a_message_may_not_be_too_long(make_called: Make, compression: grpc.Compression) -> None:
    """The limit of bodies holds, after inflating; a message below it is read, compressed or not."""
    called: Called = await make_called(max_body_bytes=2048)
    address = f"127.0.0.1:{called.server.port}"
    async with grpc.aio.insecure_channel(address, compression=compression) as channel:
        infer = channel.unary_unary(INFER)
        code, _, _ = await refusal(infer(asking(id="a" * 4096).SerializeToString()))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        await infer(asking(id="a" * 1024).SerializeToString())
    await until(called.served.at_rest)


async def test_metadata_may_not_be_too_long(make_called: Make) -> None:
    """The limit of headers holds."""
    called: Called = await make_called(max_headers_bytes=4096)
    call = called.stub.ModelInfer(asking(), metadata=(("filler", "a" * 3700),))
    assert (await refusal(call))[0] is grpc.StatusCode.RESOURCE_EXHAUSTED
    await called.stub.ModelInfer(asking(), metadata=(("filler", "a" * 512),))


async def test_too_many_calls_in_flight_are_refused(make_called: Make) -> None:
    """Over the limit a call is UNAVAILABLE at once, with when to come again; the others are answered."""
    called: Called = await make_called(max_inflight_requests=1)
    gate = called.served.put_gate()
    first = asyncio.ensure_future(called.stub.ModelInfer(asking(1)))
    await until(lambda: bool(gate.batches))
    code, _, trailing = await refusal(called.stub.ModelInfer(asking(2)))
    assert (code, trailing["code"], trailing["retry-after"]) == (grpc.StatusCode.UNAVAILABLE, "overloaded", "1")
    gate.open()
    await first
    await until(called.served.at_rest)
    await called.stub.ModelInfer(asking(3))


async def test_a_defect_is_told_to_the_log_only(
    called: Called, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception that is no error of the service is INTERNAL without its words."""

    def fail(*_: Any) -> None:
        raise RuntimeError("/opt/secret")

    monkeypatch.setattr(called.runtime, "submit", fail)
    with caplog.at_level(logging.ERROR, "service"):
        code, details, trailing = await refusal(called.stub.ModelInfer(asking()))
    assert (code, trailing["code"]) == (grpc.StatusCode.INTERNAL, "internal_error")
    assert details == "The service failed on this request."
    assert "/opt/secret" in caplog.text
    assert called.counted("internal_error") == 1
    await until(called.served.at_rest)


async def test_calls_are_counted_by_model_and_code(called: Called) -> None:
    """Answers and refusals of a known model carry its name; a stranger's do not."""
    await called.client.infer("toy", sending(1))
    await called.client.get_model_metadata("toy")
    await refusal(called.stub.ModelInfer(asking(101)))
    await refusal(called.stub.ModelInfer(asking(model_name="stranger")))
    await until(called.served.at_rest)
    assert called.counted("ok") == 2
    assert called.counted("out_of_range") == 1
    assert called.counted("not_found", "") == 1
    assert "stranger" not in called.runtime.metrics.exposition().decode()
