"""Rows get to the engine patiently, and alone where they fail together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from service.errors import DeadlineExceeded, Overloaded, WrongType
from service.exchange import ClientGone
from service.protocols.chunk import Chunk
from service.row_queue import RowQueue
from tests.service.conftest import Served, until
from tests.toy_engines import MARK, Poisoned, request, rows

Make = Callable[..., Any]


class Exchange:
    """A client who gives every chunk half a minute, or what the test says."""

    def __init__(self, timeout_s: float = 30.0) -> None:
        self.timeout_s = timeout_s

    @property
    def deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.timeout_s


def queue_of(served: Served, timeout_s: float = 30.0, check: Callable[[], None] = lambda: None) -> RowQueue:
    """The queue of a stream to the toy."""
    exchange: Any = Exchange(timeout_s)
    return RowQueue(served.runtime, served.version, exchange, check)


def chunk_of(*firsts: float) -> Chunk:
    """Rows from line 2 on."""

    def exact(row: int) -> Any:
        raise AssertionError("nothing is doubtful here")

    return Chunk(range(2, 2 + len(firsts)), {"x": rows(*firsts)}, [], {}, exact)


async def test_sound_rows_are_computed(served: Served) -> None:
    """Outputs are those of the rows that are not at fault, in order; without any, there is no work."""
    queue, chunk = queue_of(served), chunk_of(1, 2, 3)
    chunk.faults[1] = WrongType("Expected another.")
    outputs = await queue.outputs(await queue.put(chunk))
    assert outputs["total"].tolist() == [[2], [4]]
    chunk.faults |= {0: chunk.faults[1], 2: chunk.faults[1]}
    queued = await queue.put(chunk)
    assert (queued.work, queued.done, await queue.outputs(queued)) == (None, True, {})


async def test_rows_that_fail_together_are_asked_alone(served: Served) -> None:
    """The guilty are named by their lines and counted until one is answered; the others get their answers."""
    served.put_gate(Poisoned()).open()
    queue, mark = queue_of(served), float(MARK)
    chunk = chunk_of(1, mark, 3, mark, mark)
    outputs = await queue.outputs(await queue.put(chunk))
    assert outputs["total"].tolist() == [[2], [4]]
    assert {row: error.place for row, error in chunk.faults.items()} == {1: "line 3", 3: "line 5", 4: "line 6"}
    assert {error.code for error in chunk.faults.values()} == {"inference_failed"}
    assert queue.failed == 2
    assert await queue.outputs(await queue.put(chunk_of(mark))) == {}
    assert queue.failed == 3
    await queue.outputs(await queue.put(chunk_of(1)))
    assert queue.failed == 0


async def test_a_refusal_is_tried_again_until_it_is_late(make_served: Make) -> None:
    """A full queue is asked again; when a request would be too late, its refusal is the answer."""
    served: Served = await make_served(max_queue_rows=1)
    gate = served.put_gate()
    works = [served.version.scheduler.submit(request(rows(1.0))) for _ in range(2)]
    with pytest.raises(Overloaded):
        await queue_of(served, timeout_s=0.02).put(chunk_of(1))
    waiting = asyncio.create_task(queue_of(served).put(chunk_of(1)))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.open()
    queued = await waiting
    assert queued.work is not None
    await asyncio.gather(queued.work.future, *(work.future for work in works))


async def test_waiting_ends_with_the_client(make_served: Make) -> None:
    """Nobody waits for a queue in the name of a client that has gone."""
    served: Served = await make_served(max_queue_rows=1)
    gate = served.put_gate()
    for _ in range(2):
        served.version.scheduler.submit(request(rows(1.0)))

    def check() -> None:
        raise ClientGone

    with pytest.raises(ClientGone):
        await queue_of(served, check=check).put(chunk_of(1))
    gate.open()


async def test_what_is_late_is_told(served: Served) -> None:
    """A chunk that is not answered in time is an error of the stream, not of its rows."""
    gate = served.put_gate()
    queue, chunk = queue_of(served, timeout_s=0.02), chunk_of(1)
    queued = await queue.put(chunk)
    with pytest.raises(DeadlineExceeded):
        await queue.outputs(queued)
    assert chunk.faults == {}
    gate.open()


async def test_closing_drops_what_waits(served: Served) -> None:
    """What is queued leaves the queue, also rows that are asked alone; what has failed meanwhile makes no noise."""
    gate = served.put_gate(Poisoned())
    queue = queue_of(served)
    first, second = await queue.put(chunk_of(float(MARK), 1)), await queue.put(chunk_of(*[1.0] * 100))
    waiting = asyncio.create_task(queue.outputs(first))
    gate.let_one_pass()
    await until(lambda: len(queue._works) == 3)
    waiting.cancel()
    queue.close()
    assert served.version.scheduler.queued_rows == 0
    assert second.work is not None
    assert second.work.future.cancelled()
    gate.open()
