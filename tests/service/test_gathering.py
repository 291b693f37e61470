"""A body in several packets is a direct call if it is whole in a moment; else the front answers it; none is lost."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise

import pytest

from service import connection
from tests.service.conftest import Served, until
from tests.service.wire import ANSWER, BODY, PREDICT, Memory, codes, get, post, wired

MINE = b"X-Request-Id: mine"
WHOLE = post(PREDICT, BODY, MINE)
HEAD_BYTES = len(WHOLE) - len(BODY)
CUT = HEAD_BYTES + 5
NEVER_S = 1e6
"""Longer than any test."""
NEXT = get(b"/livez").replace(b"Host: a", b"Host: a\r\nX-Request-Id: next")


async def arrive(transport: Memory, *parts: bytes) -> None:
    """Packets in turns of the loop of their own."""
    for part in parts:
        transport.protocol.data_received(part)
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [1, 7, len(BODY)])
async def test_packets_make_a_whole(served: Served, size: int) -> None:
    """However many packets, the answer is that to one."""
    cuts = [0, *range(HEAD_BYTES, len(WHOLE), size), len(WHOLE)]
    async with wired(served) as wire:
        transport = wire.in_memory()
        written = await transport.send(*(WHOLE[start:stop] for start, stop in pairwise(cuts)))
        assert written == await wire.in_memory().send(WHOLE)
        assert written.endswith(ANSWER)
        assert wire.kind.begun == 2
        assert (await transport.send(WHOLE)).count(ANSWER) == 2
    assert served.at_rest()


async def test_a_slow_body_is_the_front_s(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not whole in time goes on as any other request, from its first byte."""
    monkeypatch.setattr(connection, "PATIENCE_S", 0.0)
    async with wired(served) as wire, wired(served, direct=False) as other:
        transport = wire.in_memory()
        transport.protocol.data_received(WHOLE[:CUT])
        await until(lambda: transport.protocol._gathering is None)
        await until(lambda: served.runtime.inflight == 1)
        assert (await transport.send(WHOLE[CUT:])) == await other.in_memory().send(WHOLE)
        assert wire.kind.begun == 0
    assert served.at_rest()


async def test_a_body_in_time_stops_the_clock(served: Served) -> None:
    """Once a body is whole its moment is over, and is not taken for that of the next."""
    async with wired(served) as wire:
        transport = wire.in_memory()
        transport.protocol.data_received(WHOLE[:CUT])
        waited = transport.protocol._gathering
        assert waited is not None
        assert not waited._clock.cancelled()
        await transport.send(WHOLE[CUT:])
        assert waited._clock.cancelled()


async def test_what_comes_behind_is_answered_next(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packet that ends a body and begins the next request belongs to both, at once."""
    monkeypatch.setattr(connection, "PATIENCE_S", NEVER_S)
    async with wired(served) as wire:
        written = await wire.in_memory().send(WHOLE[:CUT], WHOLE[CUT:] + NEXT + WHOLE[:9], WHOLE[9:])
        assert re.findall(rb"x-request-id: (\w+)", written) == [b"mine", b"next", b"mine"]
        assert written.count(ANSWER) == 2


async def test_a_client_that_leaves_is_counted(served: Served) -> None:
    """Whoever goes before the end of the body is counted as gone, as on the other path."""
    for direct in (True, False):
        async with wired(served, direct=direct) as wire:
            transport = wire.in_memory()
            await arrive(transport, WHOLE[:HEAD_BYTES], WHOLE[HEAD_BYTES:CUT])
            transport.close()
            await until(lambda wire=wire: not wire.state.connections and not wire.state.tasks)
    assert codes(served, ("code",)) == {("client_gone",): 2}
    assert served.at_rest()


async def test_a_long_body_is_not_held_back(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body beyond the bound goes to the front at once, which reads as much as is allowed in all; a whole one not."""
    monkeypatch.setattr(connection, "MOST_BODY_BYTES", len(BODY) - 1)
    async with wired(served) as wire:
        transport = wire.in_memory()
        await arrive(transport, WHOLE[:CUT])
        assert served.runtime.inflight == 1
        assert (await transport.send(WHOLE[CUT:])).endswith(ANSWER)
        assert wire.kind.begun == 0
        assert (await transport.send(WHOLE)).endswith(ANSWER)
        assert wire.kind.begun == 1


async def test_an_end_waits_for_what_has_begun(served: Served) -> None:
    """A server that ends lets a body that is coming come, answers, and closes."""
    async with wired(served) as wire:
        transport = wire.in_memory()
        await arrive(transport, WHOLE[:CUT])
        transport.protocol.shutdown()
        assert not transport.closed
        assert (await transport.send(WHOLE[CUT:])).endswith(ANSWER)
        assert b"connection: close" in transport.writes[0].lower()
        await until(lambda: transport.closed)


async def test_a_body_that_is_coming_keeps_its_connection(served: Served) -> None:
    """The end of the time for idle connections is not for one that a body is coming on."""
    async with wired(served) as wire:
        transport = wire.in_memory()
        await transport.send(WHOLE)
        await arrive(transport, WHOLE[:CUT])
        transport.protocol._used_at = -1e9
        transport.protocol.timeout_keep_alive_handler()
        assert (await transport.send(WHOLE[CUT:])).count(ANSWER) == 2


@pytest.mark.parametrize("direct", [True, False])
async def test_a_place_is_taken_with_the_head(served: Served, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends a body counts as in flight, and the time of the call runs: a late body makes a late answer."""
    monkeypatch.setattr(connection, "PATIENCE_S", NEVER_S)
    async with wired(served, direct=direct) as wire:
        transport = wire.in_memory()
        await arrive(transport, post(PREDICT, BODY, b"X-Request-Timeout-Ms: 500")[: -len(BODY)])
        assert served.runtime.inflight == 1
        await asyncio.sleep(0.6)
        assert b"HTTP/1.1 504" in await transport.send(BODY)
        assert wire.kind.begun == direct
    assert served.at_rest()


@pytest.mark.parametrize("direct", [True, False])
async def test_who_is_refused_need_not_send_a_body(served: Served, direct: bool) -> None:
    """A call of an unknown model is answered before its body has come."""
    async with wired(served, direct=direct) as wire:
        transport = wire.in_memory()
        await arrive(transport, post(b"/v1/models/nobody:predict")[: -len(BODY)])
        await until(lambda: bool(transport.writes))
        assert b"HTTP/1.1 404" in transport.writes[0]
    assert codes(served, ("code",)) == {("not_found",): 1}
    assert served.at_rest()


async def test_patience_ends_with_the_time_for_bodies(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bodies must come sooner, they are not waited for any longer."""
    monkeypatch.setattr(connection, "PATIENCE_S", NEVER_S)
    async with wired(served) as wire:
        wire.kind.head_timeout_s = 0.0
        transport = wire.in_memory()
        transport.protocol.data_received(WHOLE[:CUT])
        assert wire.kind.begun == 0
        await until(lambda: transport.protocol._gathering is None)
        assert (await transport.send(WHOLE[CUT:])).endswith(ANSWER)
        assert wire.kind.begun == 0
