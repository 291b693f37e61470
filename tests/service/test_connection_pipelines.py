"""However requests are cut into packets, and whatever stands behind them, each gets its answer, in order."""

from __future__ import annotations

import asyncio
import random
import re
from itertools import accumulate, pairwise

import pytest

from tests.service.conftest import Served, until
from tests.service.wire import ANSWER, BODY, END, PREDICT, Answer, get, post, read_all, wired

INFER = b"/v2/models/toy/infer"
MINE = b"X-Request-Id: mine"
WHOLE = post(PREDICT, BODY, MINE)
HIDDEN = get(b"/v2/health/live")


def numbered(number: int) -> bytes:
    """A request that can be told from its neighbours: a call, a faulty one, or a page."""
    name = b"X-Request-Id: %d" % number
    if number % 5 == 4:
        return get(b"/livez").replace(b"Host: a", b"Host: a\r\n" + name)
    return post(PREDICT, BODY if number % 3 else b"{", name)


def check(answers: list[Answer], first: int, stop: int) -> None:
    """Hold answers against the numbered requests that they belong to."""
    assert [answer.headers[b"x-request-id"] for answer in answers] == [b"%d" % n for n in range(first, stop)]
    for number, answer in enumerate(answers, first):
        page = number % 5 == 4
        assert answer.status == (200 if page or number % 3 else 400)
        if answer.status == 200 and not page:
            assert answer.body == ANSWER


async def test_a_cut_anywhere_changes_nothing(served: Served) -> None:
    """In two packets, cut at any place, a call has the answer of the whole, the direct way."""
    async with wired(served) as wire:
        whole = await wire.in_memory().send(WHOLE)
        assert whole.endswith(ANSWER)
        for cut in range(1, len(WHOLE)):
            before = wire.kind.begun
            assert await wire.in_memory().send(WHOLE[:cut], WHOLE[cut:]) == whole, cut
            assert wire.kind.begun - before == 1, cut
    assert served.at_rest()


async def test_cuts_among_several_requests_change_nothing(served: Served) -> None:
    """Requests on one connection, cut at random places, are all answered, in order."""
    draw = random.Random(5)
    requests = [numbered(n) for n in range(8)]
    ends = list(accumulate(map(len, requests)))
    text = b"".join(requests)
    async with wired(served) as wire:
        for _ in range(30):
            cuts = {0, len(text), *draw.sample(ends, 4), *draw.sample(range(1, len(text)), 3)}
            parts = [text[start:stop] for start, stop in pairwise(sorted(cuts))]
            check(await read_all(await wire.in_memory().send(*parts)), 0, 8)
        assert wire.kind.begun
    assert served.at_rest()


async def test_one_after_the_other(served: Served) -> None:
    """Requests that each wait for the answer before go direct and by the front in turn, on one connection."""
    async with wired(served) as wire:
        transport = wire.in_memory()
        for number in range(20):
            await transport.send(numbered(number))
        check(await read_all(b"".join(transport.writes)), 0, 20)
        assert wire.kind.begun == 16
        assert wire.state.total_requests == 20


async def test_many_at_once_do_not_pile_up(served: Served) -> None:
    """More requests in one packet than calls may be nested are answered in order, also behind a running call."""
    async with wired(served) as wire:
        gate = served.put_gate()
        transport = wire.in_memory()
        transport.protocol.data_received(numbered(1))
        transport.protocol.data_received(b"".join(numbered(n) for n in range(2, 1102)))
        gate.open()
        check(await read_all(await transport.send()), 1, 1102)
    assert served.at_rest()


async def test_faulty_calls_that_wait_one_behind_the_other(served: Served) -> None:
    """A packet with one call that is refused at once, behind a running one, is answered direct as well."""
    async with wired(served) as wire:
        gate = served.put_gate()
        transport = wire.in_memory()
        transport.protocol.data_received(numbered(1))
        transport.protocol.data_received(numbered(3))
        gate.open()
        answers = await read_all(await transport.send(numbered(6), numbered(7)))
        assert [answer.status for answer in answers] == [200, 400, 400, 200]
        assert wire.kind.begun == 4


async def test_what_waits_begins_behind_the_answers_to_others(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call behind another one begins once the whole batch is answered, and before all that comes later."""
    async with wired(served) as wire:
        waiting, neighbour = wire.in_memory(), wire.in_memory()
        begun: list[int] = []
        monkeypatch.setattr(neighbour, "write", lambda _: begun.append(wire.kind.begun))
        waiting.protocol.data_received(numbered(1))
        neighbour.protocol.data_received(numbered(1))
        waiting.protocol.data_received(numbered(2))
        asyncio.get_running_loop().call_soon(waiting.protocol.data_received, numbered(3))
        await neighbour.send()
        check(await read_all(await waiting.send()), 1, 4)
        assert begun == [2]


async def test_reading_stops_and_resumes(served: Served) -> None:
    """While a call is answered nothing more is read than one packet; behind its answer, reading goes on."""
    async with wired(served) as wire:
        gate = served.put_gate()
        transport = wire.in_memory()
        transport.protocol.data_received(numbered(1))
        assert not transport.paused  # or its client could not be seen to go
        transport.protocol.data_received(numbered(2) + numbered(4))
        assert (transport.paused, transport.writes) == (True, [])
        gate.open()
        await until(lambda: transport.protocol.idle)
        assert not transport.paused
        check((await read_all(b"".join(transport.writes)))[:2], 1, 3)


async def test_a_client_that_reads_nothing_is_not_answered_without_end(served: Served) -> None:
    """While what was written before is not taken, calls go the way of the front, which waits for the client."""
    async with wired(served) as wire:
        transport = wire.in_memory()
        transport.protocol.pause_writing()
        transport.protocol.data_received(WHOLE)
        await until(lambda: served.runtime.inflight == 1)
        assert (wire.kind.begun, transport.writes) == (0, [])
        transport.protocol.resume_writing()
        assert (await transport.send()).endswith(ANSWER)


SUSPICIOUS = {
    "length twice": post(PREDICT, BODY, b"Content-Length: %d" % len(BODY)),
    "two lengths": post(PREDICT, BODY, b"Content-Length: 3"),
    "length and chunked": post(PREDICT, BODY, b"Transfer-Encoding: chunked"),
    "length and chunked, folded": post(PREDICT, BODY, b"Transfer-Encoding:\r\n chunked"),
    "length and another coding": post(PREDICT, BODY, b"Transfer-Encoding: identity"),
    "blank before colon": WHOLE.replace(b"Content-Length:", b"Content-Length :"),
    "length folded": WHOLE.replace(b"Content-Length: ", b"Content-Length:\r\n "),
    "length with sign": WHOLE.replace(b"Content-Length: ", b"Content-Length: +"),
    "length in hex": WHOLE.replace(b"Content-Length: ", b"Content-Length: 0x"),
    "length in zeros": WHOLE.replace(b"Content-Length: ", b"Content-Length: " + b"0" * 20),
    "list of lengths": WHOLE.replace(BODY, b"").rstrip() + b", %d" % len(BODY) + END + BODY,
    "length too long": WHOLE.replace(b"Content-Length: ", b"Content-Length: " + b"9" * 20),
    "fold": post(PREDICT, BODY, b"X-A: 1\r\n Content-Length: 3"),
    "line feed in head": post(PREDICT, BODY, b"X-A: 1\nContent-Length: 3"),
    "line feeds only": WHOLE.replace(b"\r\n", b"\n"),
    "early end": post(PREDICT, BODY, b"Content-Length: 0\n\nX-A: 1"),
    "earlier end": post(PREDICT, BODY, b"Content-Length: 0\r\n\nX-A: 1"),
    "carriage return": post(PREDICT, BODY, b"X-A: 1\rContent-Length: 3"),
    "nothing": post(PREDICT, BODY, b"X-A: 1\0Content-Length: 3"),
    "offer": post(PREDICT, HIDDEN, b"Upgrade: h2c", b"Connection: upgrade"),
    "more than its length": WHOLE + HIDDEN,
}


@pytest.mark.parametrize("kind", SUSPICIOUS)
async def test_what_a_proxy_may_read_otherwise(served: Served, kind: str) -> None:
    """Where a body ends is the parser's word alone: all answers are those of the front, down to the close."""
    found, closed = [], []
    for direct in (True, False):
        async with wired(served, direct=direct) as wire:
            transport = wire.in_memory()
            written = await transport.send(SUSPICIOUS[kind], HIDDEN)
            found.append(re.sub(rb"x-request-id: \w+", b"", written))
            closed.append(transport.closed)
            assert wire.kind.begun == 0
    assert found[0] == found[1]
    assert found[0]
    assert closed[0] == closed[1]
    assert served.at_rest()
