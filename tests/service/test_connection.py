"""A connection's heads are bounded, and offers to speak another protocol change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from uvicorn.config import HTTP_PROTOCOLS, Config
from uvicorn.server import ServerState

from service import connection
from service.connection import Connection
from service.settings import Settings

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
Ask = Callable[..., Awaitable[bytes]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the path and the body, and whether an offer was seen."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(0.2)
    seen = b" offered" if any(name == b"upgrade" for name, _ in scope["headers"]) else b""
    answer = scope["path"].encode() + b"=" + body + seen + b";"
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
async def ask(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ask]:
    """Sends parts one after the other on one connection; what comes back until the server is silent or closes."""
    monkeypatch.setattr(Connection, "max_head_bytes", 2000)
    monkeypatch.setattr(Connection, "head_timeout_s", 0.3)
    config = Config(echo, http=Connection, lifespan="off", log_config=None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]

    async def send(*parts: bytes, answers: int = 1) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        found = b""
        async with asyncio.timeout(30):
            while answers == 0 or found.count(b";") < answers:
                piece = await reader.read(65536)
                if not piece:
                    break
                found += piece
        writer.close()
        return found

    yield send
    server.close()


def post(path: bytes, body: bytes, extra: bytes = b"") -> bytes:
    """A whole request."""
    return b"POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n%s" % (path, extra, len(body), body)


async def test_an_offer_loses_no_body(ask: Ask) -> None:
    """With an offer of h2c, in one packet or with the body in a later one, the body arrives and is no request."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    whole = post(b"/a", hidden, OFFER)
    head, body = whole[: -len(hidden)], whole[-len(hidden) :]
    for parts in ((whole,), (head, body), (head[:30], head[30:] + body[:5], body[5:])):
        answer = await ask(*parts)
        assert answer.endswith(b"/a=" + hidden + b";")
        assert answer.count(b"HTTP/1.1 200") == 1


async def test_requests_behind_each_other_are_all_answered(ask: Ask) -> None:
    """Keep-alive, several requests in one packet, and a head that is cut anywhere, give every answer in order."""
    three = post(b"/a", b"1") + post(b"/b", b"2", OFFER[:0]) + post(b"/c", b"3")
    for cut in range(0, len(three), 7):
        answer = await ask(three[:cut], three[cut:], answers=3)
        assert [part.rsplit(b"\n", 1)[-1] for part in answer.split(b";")[:3]] == [b"/a=1", b"/b=2", b"/c=3"]


async def test_an_offer_behind_another_request_ends_the_connection(ask: Ask) -> None:
    """Where the parser has the offer already, nothing behind it is read as a request."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = await ask(post(b"/a", b"1") + post(b"/b", hidden, OFFER), answers=0)
    assert b"/hidden=" not in answer


@pytest.mark.parametrize("first", [b"", post(b"/a", b"1")])
async def test_a_head_without_end_is_refused(ask: Ask, first: bytes) -> None:
    """More bytes than a head may have end the connection with 431, also behind a request that was answered."""
    endless = b"GET /b HTTP/1.1\r\n" + b"X-A: aaaaaaaaaa\r\n" * 100
    answer = await ask(first + endless[:500], endless[500:], endless, answers=0)
    assert b"HTTP/1.1 431 " in answer
    assert answer.endswith(b'"code":"headers_too_large"}')
    head, body = answer[answer.index(b"HTTP/1.1 431") :].split(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(body) in head + b"\r\n"


@pytest.mark.parametrize("start", [b"", b"GET /a HTTP/1.1\r\nHost", b"\r\n\r\n", b"\r\n\r\nG"])
async def test_a_head_that_never_ends_is_cut_off(ask: Ask, start: bytes) -> None:
    """A connection whose first head is not whole in time is closed, whatever empty lines stand before it."""
    assert await ask(start, answers=0) == b""


@pytest.mark.parametrize("parts", [(post(b"/a", b"1") + b"G",), (post(b"/a", b"1"), b"G")])
async def test_a_later_head_that_never_ends_is_cut_off(ask: Ask, parts: tuple[bytes, ...]) -> None:
    """So is one behind a request that was answered."""
    answer = await ask(*parts, answers=0)
    assert answer.endswith(b"/a=1;")


async def test_what_stands_behind_a_body_is_no_header(ask: Ask) -> None:
    """A trailer cannot stand in for a header that a proxy has looked at."""
    chunked = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nUpgrade: b\r\n\r\n"
    assert (await ask(chunked)).endswith(b"/a=x;")


async def test_a_refusal_is_no_answer_to_another_request(ask: Ask) -> None:
    """While a request is being answered, a head that is too long ends the connection without a word."""
    answer = await ask(post(b"/slow", b"1"), b"GET /b HTTP/1.1\r\n" + b"X-A: aaaaaaaaaa\r\n" * 200, answers=0)
    assert b"431" not in answer


def test_install_hands_the_limits_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """BentoML's choice, uvicorn's own, becomes this connection, with the limits of the settings and the direct path."""
    monkeypatch.setitem(HTTP_PROTOCOLS, "auto", "")
    monkeypatch.setattr(Connection, "direct", None)
    monkeypatch.setattr(Connection, "max_head_bytes", 0)
    monkeypatch.setattr(Connection, "head_timeout_s", 0)
    direct: Any = object()
    connection.install(Settings(max_headers_bytes=5000, body_timeout_ms=700), direct)
    config = Config(echo, log_config=None)
    config.load()
    assert config.http_protocol_class is Connection
    assert Connection.max_head_bytes == 5000 + connection.REQUEST_LINE_BYTES
    assert Connection.head_timeout_s == 0.7
    assert Connection.direct is direct
