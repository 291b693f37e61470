"""Connections over a front, with the direct path and without it: on a real socket, or on a transport in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from service.connection import Connection
from service.direct import Direct
from tests.service.conftest import Served, until
from tests.toy_engines import PATIENCE_S

PREDICT = b"/v1/models/toy:predict"
BODY = b'{"instances": [[1, 2]]}'
ANSWER = b'{"predictions":[{"double":[2.0,4.0],"total":[3.0]}]}'
GENERAL = (b"date", b"Sat, 01 Jan 2000 00:00:00 GMT")
"""What uvicorn puts into every answer."""
END = b"\r\n\r\n"


def post(path: bytes = PREDICT, body: bytes = BODY, *lines: bytes) -> bytes:
    """A whole request; ``lines`` are further headers."""
    head = (b"POST %b HTTP/1.1" % path, b"Host: a", *lines, b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + END + body


def get(path: bytes) -> bytes:
    """A whole request without a body."""
    return b"GET %b HTTP/1.1\r\nHost: a" % path + END


@dataclass
class Answer:
    """One answer off the wire."""

    status: int
    pairs: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def headers(self) -> dict[bytes, bytes]:
        """By name, none of which may come twice."""
        found = dict(self.pairs)
        assert len(found) == len(self.pairs), self.pairs
        return found

    def without_id(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """All but the value of a request id, for comparisons of answers to requests that give none."""
        return self.status, [(n, b"" if n == b"x-request-id" else v) for n, v in self.pairs], self.body


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The next answer of a connection."""
    async with asyncio.timeout(PATIENCE_S):
        head = await reader.readuntil(END)
        first, *lines = head[: -len(END)].split(b"\r\n")
        pairs = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        body = await reader.readexactly(int(dict(pairs)[b"content-length"]))
    return Answer(int(first.split()[1]), pairs, body)


async def read_all(found: bytes) -> list[Answer]:
    """Every answer in bytes that a connection has written."""
    reader = asyncio.StreamReader()
    reader.feed_data(found)
    reader.feed_eof()
    answers = []
    while not reader.at_eof():
        answers.append(await read_answer(reader))
    return answers


class Counted(Connection):
    """Counts what goes the direct path.

    Attributes:
        begun: How many calls have, on all connections of its kind.
    """

    begun = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered, and nothing waits for that."""
        return not self.tasks and self._call is None and self._gathering is None and not self._kept

    def _start(self, *call: Any) -> None:
        type(self).begun += 1
        super()._start(*call)


class Memory(asyncio.Transport):
    """A transport without a socket; ``fault`` is raised by the n-th write.

    Attributes:
        writes: What was written.
        paused: Whether reading is.
    """

    def __init__(self, protocol: Counted, fault: Exception | None = None, n: int = 0) -> None:
        super().__init__()
        self.protocol, self.writes, self.paused, self.closed = protocol, list[bytes](), False, False
        self._fault, self._n = fault, n

    def write(self, data: Any) -> None:
        self._n -= 1
        if self._n == 0 and self._fault is not None:
            raise self._fault
        if not self.closed:
            self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    async def send(self, *parts: bytes) -> bytes:
        """Receive packets, each once the one before is read; what has been written when all is answered."""
        for part in parts:
            await until(lambda: not self.paused)
            if not self.closed:
                self.protocol.data_received(part)
        await until(lambda: self.protocol.idle)
        return b"".join(self.writes)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close


@dataclass
class Wire:
    """Connections of one kind; see `wired`."""

    kind: type[Counted]
    config: Config
    state: ServerState = field(default_factory=ServerState)
    port: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state.default_headers = [GENERAL]

    def connection(self) -> Counted:
        """A new one."""
        return self.kind(self.config, self.state, {})

    def in_memory(self, fault: Exception | None = None, n: int = 0) -> Memory:
        """A new one, on a transport in memory."""
        protocol = self.connection()
        transport = Memory(protocol, fault, n)
        protocol.connection_made(transport)
        return transport

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client; it is gone when the block of the wire ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)
        return reader, writer

    async def ask(self, *requests: bytes) -> Answer:
        """The first answer on a connection of its own."""
        reader, writer = await self.connect()
        writer.write(b"".join(requests))
        return await read_answer(reader)

    def hang_up(self) -> None:
        """Close every client's end."""
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def wired(served: Served, *, direct: bool = True, keep_alive_s: int = 5) -> AsyncIterator[Wire]:
    """A server over a front.

    Args:
        served: The front.
        direct: Whether calls may go the direct path.
        keep_alive_s: Seconds until an idle connection is closed.
    """
    given = Direct(served.runtime) if direct else None
    kind = type("Kind", (Counted,), {"direct": given})
    config = Config(served.front, lifespan="off", log_config=None, timeout_keep_alive=keep_alive_s)
    wire = Wire(kind, config)
    server = await asyncio.get_running_loop().create_server(wire.connection, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.hang_up()
        server.close()
        for connection in list(wire.state.connections):
            connection.transport.abort()
        await asyncio.gather(*wire.state.tasks)


def codes(served: Served, names: Iterable[str] = ("dialect", "model", "code")) -> dict[tuple[str, ...], float]:
    """How often each dialect, model and code word was counted."""
    served.runtime.metrics.hand_over()
    (metric,) = served.runtime.metrics["keras_serve_requests_total"].collect()
    return {
        tuple(sample.labels[name] for name in names): sample.value
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
