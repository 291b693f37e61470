"""One streamed request, straight to the stream, with a client that sends and reads when the test says so."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from service import streaming
from service.exchange import Exchange
from tests.service.conftest import Served, until
from tests.toy_engines import PATIENCE_S

CSV = b"text/csv"
NDJSON = b"application/x-ndjson"


class StreamCall:
    """A request on its way.

    Args:
        served: What answers; its toy.
        body: Sent whole at once; None: the test feeds it.
        content_type: What the body is.
        headers: Further ones.

    Attributes:
        received: Messages that were taken from the client.
        body: What has been sent to it.
        whole: Whether the answer is complete.
    """

    def __init__(self, served: Served, body: bytes | None, content_type: bytes = CSV, **headers: bytes) -> None:
        pairs = [(b"content-type", content_type)]
        pairs += [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
        scope = {"method": "POST", "path": "/v1/models/toy:predict", "headers": pairs}
        self.received = 0
        self.body = b""
        self.head: dict[bytes, bytes] = {}
        self.whole = False
        self._reading = asyncio.Event()
        self._reading.set()
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.exchange = Exchange(scope, self._receive, self._send, served.runtime)
        if body is not None:
            self.feed(body, more=False)
        self.task = asyncio.create_task(streaming.predict(served.runtime, served.version, self.exchange))

    async def _receive(self) -> dict[str, Any]:
        message = await self._incoming.get()
        self.received += 1
        return message

    async def _send(self, message: Any) -> None:
        await self._reading.wait()
        assert not self.whole, "something was sent behind the end"
        if message["type"] == "http.response.start":
            assert not self.head, "the head was sent twice"
            self.head = dict(message["headers"])
            return
        self.body += message["body"]
        self.whole = not message["more_body"]

    def feed(self, body: bytes, more: bool = True) -> None:
        """Send a part of the body."""
        self._incoming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def disconnect(self) -> None:
        """Close the connection."""
        self._incoming.put_nowait({"type": "http.disconnect"})

    def stop_reading(self) -> None:
        """Take no more of the answer."""
        self._reading.clear()

    def read_on(self) -> None:
        """Take the answer again."""
        self._reading.set()

    @property
    def lines(self) -> list[Any]:
        """The answer so far: JSON values, or lines of CSV."""
        texts = self.body.decode().splitlines()
        return [json.loads(text) for text in texts] if self.body.startswith(b"{") else texts

    async def answered(self, lines: int) -> list[Any]:
        """Wait until so many lines have come."""
        await until(lambda: self.body.count(b"\n") >= lines)
        return self.lines

    async def end(self) -> list[Any]:
        """Wait for the end; the whole answer.

        Raises:
            Exception: Whatever ended the stream early.
        """
        await asyncio.wait_for(self.task, PATIENCE_S)
        assert self.whole
        return self.lines


async def streamed(served: Served, body: bytes, content_type: bytes = CSV, **headers: bytes) -> list[Any]:
    """One whole request and its answer."""
    return await StreamCall(served, body, content_type, **headers).end()
