"""The life of a call without ASGI: its client, its connection and its counts, and what a failing step costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.service.conftest import Served, until
from tests.service.wire import ANSWER, BODY, PREDICT, codes, get, post, read_all, read_answer, wired

KEEP_ALIVE_S = 5


def row(first: int) -> bytes:
    """A call of one row."""
    return post(PREDICT, b'{"inputs": [[%d, 1]]}' % first)


async def test_the_rows_of_a_client_that_has_gone_are_not_computed(served: Served) -> None:
    """When a client closes, its call leaves the queue, is counted as such, and its neighbours are answered."""
    gate = served.put_gate()
    async with wired(served) as wire:
        reader, writer = await wire.connect()
        writer.write(row(1))
        await until(lambda: len(gate.batches) == 1)
        _, leaver = await wire.connect()
        leaver.write(row(2))
        await until(lambda: served.version.scheduler.queued_rows == 1)
        leaver.close()
        await until(lambda: served.version.scheduler.queued_rows == 0)
        assert (served.runtime.inflight, served.version._users) == (1, 1)
        gate.open()
        assert (await read_answer(reader)).status == 200
        assert (await wire.ask(row(3))).status == 200
        assert wire.kind.begun == 3
    assert gate.batches == [[[1]], [[3]]]
    assert codes(served) == {("tfserving", "toy", "ok"): 2, ("tfserving", "toy", "client_gone"): 1}
    assert (served.version.statistics.success_count, served.version.statistics.fail_count) == (2, 1)
    assert (served.at_rest(), served.version._users) == (True, 0)


async def test_a_client_that_goes_while_its_batch_runs(served: Served) -> None:
    """Its answer is for nobody, and nothing is left of it, nor of what it had sent behind."""
    gate = served.put_gate()
    async with wired(served) as wire:
        transport = wire.in_memory()
        transport.protocol.data_received(row(1))
        transport.protocol.data_received(row(2))
        await until(lambda: len(gate.batches) == 1)
        transport.close()
        gate.open()
        await until(lambda: transport.protocol.idle and not served.version.scheduler.busy_s())
        assert (transport.writes, wire.kind.begun, wire.state.total_requests) == ([], 1, 0)
    assert codes(served) == {("tfserving", "toy", "client_gone"): 1}
    assert (served.at_rest(), served.version._users) == (True, 0)


async def test_a_server_that_ends_answers_first(served: Served) -> None:
    """Told to end, a connection answers its call and what has come behind it, then says that it closes, and does."""
    gate = served.put_gate()
    async with wired(served) as wire:
        alone, crowded, idle = (wire.in_memory() for _ in range(3))
        for transport in (alone, crowded):
            transport.protocol.data_received(row(1))
        crowded.protocol.data_received(row(2) + get(b"/livez"))
        for connection in list(wire.state.connections):
            connection.shutdown()
        assert [alone.closed, crowded.closed, idle.closed] == [False, False, True]
        gate.open()
        await until(lambda: alone.closed and crowded.closed)
        (last,) = await read_all(b"".join(alone.writes))
        assert (last.status, last.headers[b"connection"]) == (200, b"close")
        answers = await read_all(b"".join(crowded.writes))
        assert [answer.status for answer in answers] == [200, 200, 200]
        assert [b"connection" in answer.headers for answer in answers] == [False, False, True]
    assert served.at_rest()


class Clock:
    """A connection's loop, whose time the test sets; all else is the running loop's."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        self.timers.append((self.now + seconds, callback))
        return asyncio.get_running_loop().call_later(1e6, callback)

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio.get_running_loop(), name)

    def go_to(self, now: float) -> None:
        """Let time pass, and what is due by then happen."""
        self.now = now
        due = [timer for timer in self.timers if timer[0] <= now]
        self.timers = [timer for timer in self.timers if timer[0] > now]
        for _, callback in due:
            callback()


async def test_idle_connections_are_closed_when_their_time_is_over(served: Served) -> None:
    """An idle connection lasts as long as it is set from its last answer, and no shorter for calls before that."""
    async with wired(served, keep_alive_s=KEEP_ALIVE_S) as wire:
        transport, clock = wire.in_memory(), Clock()
        transport.protocol.loop = clock  # type: ignore[assignment]
        for at in (100, 104, 106, 110.5):
            clock.go_to(at)
            assert not transport.closed
            await transport.send(row(1))
        clock.go_to(115.4)
        assert not transport.closed
        clock.go_to(115.5)
        assert transport.closed
        assert (wire.kind.begun, wire.state.total_requests) == (4, 4)


async def test_no_connection_is_closed_in_the_middle(served: Served) -> None:
    """Neither a running call nor half a head is cut off by the time of idle connections; then it counts anew."""
    gate = served.put_gate()
    async with wired(served, keep_alive_s=KEEP_ALIVE_S) as wire:
        transport, clock = wire.in_memory(), Clock()
        transport.protocol.loop = clock  # type: ignore[assignment]
        gate.let_one_pass()
        await transport.send(row(1))
        clock.go_to(104)
        transport.protocol.data_received(row(2))
        clock.go_to(200)
        assert not transport.closed
        gate.let_one_pass()
        await transport.send()
        clock.go_to(204)
        transport.protocol.data_received(row(3)[:30])
        clock.now = 206.0  # before the time of a head is over
        transport.protocol.timeout_keep_alive_handler()
        assert not transport.closed
        gate.let_one_pass()
        await transport.send(row(3)[30:])
        assert len(await read_all(b"".join(transport.writes))) == 3
        clock.timers = [timer for timer in clock.timers if timer[1] == transport.protocol.timeout_keep_alive_handler]
        clock.go_to(210.9)
        assert not transport.closed
        clock.go_to(211)
        assert transport.closed


async def test_each_call_is_counted_once(served: Served) -> None:
    """By dialect, model and code word, on whichever path it went; statistics know those that found their version."""
    calls = {
        ("tfserving", "toy", "ok"): (post(), 3),
        ("tfserving", "toy", "malformed_json"): (post(PREDICT, b"{"), 2),
        ("tfserving", "", "not_found"): (post(b"/v1/models/nobody:predict"), 1),
        ("openinference", "toy", "not_found"): (post(b"/v2/models/toy/versions/9/infer"), 1),
        ("openinference", "toy", "malformed_request"): (post(b"/v2/models/toy/infer", b"{}"), 2),
        ("tfserving", "toy", "malformed_request"): (post(PREDICT, BODY, b"X-Request-Timeout-Ms: a"), 1),
    }
    async with wired(served) as wire:
        for request, times in calls.values():
            for _ in range(times):
                await wire.ask(request)
        total = sum(times for _, times in calls.values())
        assert wire.kind.begun == wire.state.total_requests == total
    assert codes(served) == {key: times for key, (_, times) in calls.items()}
    assert (served.version.statistics.success_count, served.version.statistics.fail_count) == (3, 5)
    text = served.runtime.metrics.exposition().decode()
    assert 'keras_serve_request_seconds_count{dialect="openinference",model="toy"} 3.0' in text
    assert served.at_rest()


@pytest.mark.parametrize("limit", [1, 3])
async def test_calls_in_flight_are_counted_together(served: Served, limit: int) -> None:
    """Direct calls and those by ASGI are in flight together, until each is answered."""
    gate = served.put_gate()
    async with wired(served) as straight, wired(served, direct=False) as by_asgi:
        transports = [wire.in_memory() for wire in (straight, by_asgi) for _ in range(limit)]
        for transport in transports:
            transport.protocol.data_received(post())
        await until(lambda: served.runtime.inflight == 2 * limit)
        gate.open()
        for transport in transports:
            assert (await transport.send()).endswith(ANSWER)
    assert served.at_rest()
