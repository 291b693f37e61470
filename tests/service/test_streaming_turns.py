"""A stream shares the engine with everybody else."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from service.inflater import PIECE_BYTES
from service.streaming import CHUNKS
from tests.service.conftest import Served, until
from tests.service.stream_call import StreamCall
from tests.service.test_streaming import table
from tests.toy_engines import request, rows


async def test_small_requests_take_turns_with_a_stream(served: Served) -> None:
    """A request that comes while chunks wait rides in one of the next two batches."""
    gate = served.put_gate()
    call = StreamCall(served, table(*[1.0] * 1000))
    await until(lambda: bool(gate.batches) and served.version.scheduler.queued_rows > 256)
    work = served.version.scheduler.submit(request(rows(-7.0)))
    for _ in range(CHUNKS + 1):
        gate.let_one_pass()
        await asyncio.to_thread(gate.entered.acquire)
    assert any([-7.0] in batch for batch in gate.batches[: CHUNKS + 2])
    gate.open()
    await work.future
    assert len(await call.end()) == 1001


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"", mtime=0) * 64, gzip.compress(b"size\n1\n" + b"a" * (64 * PIECE_BYTES), mtime=0)],
    ids=["before the head", "behind it"],
)
async def test_others_have_a_turn_for_each_piece(served: Served, packed: bytes) -> None:
    """A small packet that inflates to many pieces is worked on one by one."""
    turns = 0
    call = StreamCall(served, packed, content_encoding=b"gzip")
    while not call.task.done():
        turns += 1
        await asyncio.sleep(0)
    call.task.exception()
    assert turns > 64
