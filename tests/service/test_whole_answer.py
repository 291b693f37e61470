"""Head and body leave together."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from service.whole_answer import send_whole

HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
BODY = {"type": "http.response.body", "body": b"body"}


class Connection(asyncio.Transport):
    """A transport that keeps what is written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing is read here."""

    def resume_reading(self) -> None:
        """Nothing is read here."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """There is one protocol only."""


async def answered(request: bytes) -> Connection:
    """What uvicorn writes to a connection on which a request came, with our way of sending."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send_whole(send, {**HEAD, "headers": list(HEAD["headers"])}, dict(BODY))  # type: ignore[call-overload]

    config = Config(app, lifespan="off", proxy_headers=True)
    config.load()
    state = ServerState()
    protocol = HttpToolsProtocol(config, state, {})
    connection = Connection()
    protocol.connection_made(connection)
    protocol.data_received(request)
    while state.tasks:
        await asyncio.gather(*state.tasks)
    protocol.connection_lost(None)
    return connection


async def test_uvicorn_writes_once() -> None:
    """On uvicorn, head and body of an answer are one write."""
    writes = (await answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")).writes
    assert len(writes) == 1
    assert writes[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert writes[0].endswith(b"\r\n\r\nbody")


async def test_pipelined_requests_are_answered_in_order() -> None:
    """Two requests in one packet get two whole answers."""
    writes = (await answered(2 * b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")).writes
    assert [write[-4:] for write in writes] == [b"body", b"body"]


async def test_the_connection_is_closed_when_the_client_asks() -> None:
    """What is not a write reaches the connection as ever."""
    assert (await answered(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).closed


async def test_other_servers_get_both_messages() -> None:
    """A server without uvicorn's insides receives the two ASGI messages in order."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await send_whole(send, HEAD, BODY)
    assert sent == [HEAD, BODY]
