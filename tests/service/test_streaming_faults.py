"""A stream that cannot go on says why, and one that must wait keeps within its bounds."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from service import streaming
from service.drain import LAST_ANSWERS_S
from service.errors import BodyTimeout, MalformedRequest, Overloaded
from service.exchange import ClientGone
from service.streaming import CHUNKS, DRAIN_S, MOST_FAILED, StreamCut
from tests.service.conftest import Served, until
from tests.service.stream_call import NDJSON, StreamCall, streamed
from tests.service.test_streaming import json_lines, table
from tests.toy_engines import MARK, PATIENCE_S, Doubling, Poisoned, request, rows

Make = Callable[..., Any]
FOREVER = b"size\n" + b"1\n" * 10


async def cut(call: StreamCall, code: str) -> Any:
    """The last line of a stream that must be cut off for a reason; before it, the answer must not look whole."""
    with pytest.raises(StreamCut) as caught:
        await asyncio.wait_for(call.task, PATIENCE_S)
    assert caught.value.code == code
    assert not call.whole
    return call.lines[-1]


async def test_a_silent_client_is_given_up(make_served: Make) -> None:
    """Silence before the first answer is an ordinary error; later, a last line says where the stream ends."""
    served: Served = await make_served(stream_idle_timeout_ms=20)
    with pytest.raises(BodyTimeout, match="a byte within 20 ms"):
        await StreamCall(served, None).end()
    call = StreamCall(served, None, NDJSON)
    call.feed(b'{"size":1}\n{"size"')
    assert await cut(call, "body_timeout") == {
        "error": "The stream ends before line 2. Expected a byte within 20 ms. Received none.",
        "code": "body_timeout",
        "line": 2,
    }
    assert len(call.lines) == 2
    assert served.at_rest()


async def test_a_busy_engine_is_no_silence(make_served: Make) -> None:
    """While answers are being computed, the client may wait for them, and has its time from then on."""
    served: Served = await make_served(stream_idle_timeout_ms=300)
    gate = served.put_gate()
    call = StreamCall(served, None)
    call.feed(b"size\n1\n")
    await until(lambda: bool(gate.batches))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await until(lambda: loop.time() > started + 0.35)
    gate.open()
    await call.answered(2)
    call.feed(b"2\n", more=False)
    assert len(await call.end()) == 3


async def test_broken_compression_ends_the_stream_behind_what_was_sound(served: Served) -> None:
    """Rows before the breach are answered."""
    wire = gzip.compress(table(1, 2))
    call = StreamCall(served, None, content_encoding=b"gzip")
    call.feed(wire)
    assert await call.answered(3)
    call.feed(b"no gzip", more=False)
    last = await cut(call, "malformed_request")
    assert last == ",,The stream ends before line 4. Expected a body in gzip. Received other bytes."
    with pytest.raises(MalformedRequest):
        await streamed(served, b"no gzip", content_encoding=b"gzip")


async def test_a_client_that_goes_away_takes_its_rows_along(served: Served) -> None:
    """What waits for the engine is dropped at once, and what has come is not decoded any more."""
    gate = served.put_gate()
    call = StreamCall(served, table(*range(20)))
    await until(lambda: bool(gate.batches))
    call.disconnect()
    with pytest.raises(ClientGone):
        await asyncio.wait_for(call.task, PATIENCE_S)
    assert served.version.scheduler.queued_rows == 0
    assert len(gate.batches) == 1


async def test_a_cancelled_stream_takes_its_rows_along(served: Served) -> None:
    """The end of the server's own call drops what waits."""
    gate = served.put_gate()
    call = StreamCall(served, table(*range(-90, 90)))
    await until(lambda: bool(gate.batches) and served.version.scheduler.queued_rows > 0)
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert served.version.scheduler.queued_rows == 0


async def test_little_is_read_ahead_of_the_engine(make_served: Make) -> None:
    """While the engine is busy, a few chunks wait and no more is read, however much the client sends."""
    served: Served = await make_served(stream_chunk_rows=8)
    gate = served.put_gate()
    call = StreamCall(served, None)
    call.feed(b"size\n")
    for _ in range(1000):
        call.feed(b"1\n" * 8)
    await until(lambda: served.version.scheduler.queued_rows >= (CHUNKS - 1) * 8)
    for _ in range(100):
        await asyncio.sleep(0)
    assert served.version.scheduler.queued_rows <= CHUNKS * 8
    assert call.received <= CHUNKS + 4
    gate.open()
    call.feed(b"", more=False)
    assert len(await call.end()) == 8001


async def test_little_is_read_ahead_of_the_client(make_served: Make) -> None:
    """While the client takes no answers, a few chunks wait and no more is read from it."""
    served: Served = await make_served(stream_chunk_rows=8)
    call = StreamCall(served, None)
    call.stop_reading()
    call.feed(b"size\n")
    for _ in range(1000):
        call.feed(b"1\n" * 8)
    await until(lambda: call.received >= CHUNKS + 1)
    for _ in range(100):
        await asyncio.sleep(0)
    assert call.received <= CHUNKS + 4
    call.read_on()
    call.feed(b"", more=False)
    assert len(await call.end()) == 8001


async def test_a_full_queue_is_waited_for(make_served: Make) -> None:
    """A chunk that the queue refuses is offered again, and the stream goes on."""
    served: Served = await make_served(max_queue_rows=4, stream_chunk_rows=4)
    gate = served.put_gate()
    scheduler = served.version.scheduler
    works = [scheduler.submit(request(rows(*[1.0] * size))) for size in (1, 4)]
    call = StreamCall(served, table(1, 2, 3))
    await until(lambda: call.received == 1)
    gate.open()
    assert [line.split(",")[0] for line in await call.end()] == ["total", "3.0", "4.0", "5.0"]
    await asyncio.gather(*(work.future for work in works))


async def test_a_queue_that_stays_full_ends_the_stream(make_served: Make) -> None:
    """After a request's time, refusals end the stream: before the first answer by an error, later by a line."""
    served: Served = await make_served(max_queue_rows=1, stream_chunk_rows=1, request_timeout_ms=60)
    call = StreamCall(served, None, NDJSON)
    call.feed(json_lines(1))
    await call.answered(1)
    gate = served.put_gate()
    scheduler = served.version.scheduler
    for _ in range(2):
        scheduler.submit(request(rows(1.0)))
    with pytest.raises(Overloaded):
        await streamed(served, table(1))
    call.feed(json_lines(2))
    last = await cut(call, "overloaded")
    assert (last["line"], last["error"][:33]) == (2, "The stream ends before line 2. Ex")
    gate.open()


async def test_a_chunk_that_is_late_ends_the_stream(make_served: Make) -> None:
    """An engine that does not answer a chunk in a request's time ends the stream."""
    served: Served = await make_served()
    call = StreamCall(served, None, NDJSON, x_request_timeout_ms=b"30")
    call.feed(json_lines(1))
    await call.answered(1)
    gate = served.put_gate()
    call.feed(json_lines(2, 3))
    assert (await cut(call, "deadline_exceeded"))["line"] == 2
    gate.open()


async def test_rows_that_the_engine_fails_on_are_lines(make_served: Make) -> None:
    """One bad row among many fails alone, in its place; its chunk and the chunks behind it are answered in order."""
    served: Served = await make_served(stream_chunk_rows=40)
    served.put_gate(Poisoned()).open()
    sizes = [float(size) for size in range(90)]
    sizes[17] = sizes[50] = sizes[51] = float(MARK)
    answers = await streamed(served, json_lines(*sizes), NDJSON)
    expected = [
        {"line": place + 1, "code": "inference_failed"} if place in (17, 50, 51) else size + 2
        for place, size in enumerate(sizes)
    ]
    assert [answer.get("total") or {key: answer[key] for key in ("line", "code")} for answer in answers] == expected
    assert answers[17]["error"] == "The model failed on this row at line 18."


class Broken(Doubling):
    """Fails on everything."""

    def run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        raise RuntimeError("kernel failed")


async def test_an_engine_that_fails_on_everything_ends_the_stream(served: Served) -> None:
    """So many failures in a row are not the rows' fault; those until then are told."""
    served.put_gate(Broken()).open()
    call = StreamCall(served, None, NDJSON)
    call.feed(json_lines(*[1.0] * 3 * MOST_FAILED))
    last = await cut(call, "inference_failed")
    assert last["error"] == (
        f"The stream ends before line {MOST_FAILED + 1}. The model failed on each of the last {MOST_FAILED} rows."
    )
    assert len(call.lines) == MOST_FAILED + 1
    assert served.at_rest()


async def test_a_service_that_goes_away_ends_its_streams(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream may go on for less time than the service waits for what is in flight; then a last line says so."""
    assert DRAIN_S < LAST_ANSWERS_S
    calls = [StreamCall(served, None, NDJSON) for _ in range(2)]
    for call in calls:
        call.feed(json_lines(1))
        await call.answered(1)
    served.runtime.draining = True
    calls[0].feed(json_lines(2), more=False)
    assert len(await calls[0].end()) == 2
    monkeypatch.setattr(streaming, "DRAIN_S", -1.0)
    calls[1].feed(json_lines(2))
    assert (await cut(calls[1], "not_ready"))["error"] == (
        "The stream ends before line 2. The service is going away; send the rest again."
    )


async def test_the_rest_of_a_body_is_read_behind_the_end(served: Served) -> None:
    """What the client still sends is taken for a while, so that the last line reaches it."""
    call = StreamCall(served, None, content_encoding=b"gzip")
    call.feed(gzip.compress(table(1)))
    await call.answered(2)
    call.feed(b"no gzip")
    for _ in range(50):
        call.feed(b"more")
    await cut(call, "malformed_request")
    assert call.received >= 52
