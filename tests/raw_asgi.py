"""A client that speaks ASGI to an app directly: sends what no HTTP library would, when the test wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 30.0
Pairs = Iterable[tuple[bytes, bytes]]


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    pairs: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    heads: int = 0

    def header(self, name: str) -> bytes | None:
        """The only value of a header; None without it."""
        values = [value for key, value in self.pairs if key == name.encode()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code word of an error body, which must have exactly its two keys and content type."""
        error = self.json
        assert sorted(error) == ["code", "error"], error
        assert self.header("content-type") == b"application/json"
        return str(error["code"])


class Call:
    """One request on its way.

    Args:
        app: The ASGI app.
        body: Sent whole at once; None: the test feeds it.
        fail_send: Which call of `send` raises, from 1; 0: none.
    """

    def __init__(
        self,
        app: Any,
        method: str,
        path: str,
        body: bytes | None = b"",
        headers: Pairs = (),
        fail_send: int = 0,
    ) -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": list(headers),
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 3000),
        }
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answer = Answer()
        self._sends = 0
        self._fail_send = fail_send
        self.received = 0
        if body is not None:
            self.feed(body, more=False)
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        message = await self._incoming.get()
        self.received += 1
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        self._sends += 1
        if self._sends == self._fail_send:
            raise OSError("the connection broke at /srv/secret")
        if message["type"] == "http.response.start":
            self._answer.heads += 1
            self._answer.status = message["status"]
            self._answer.pairs = list(message["headers"])
        else:
            self._answer.body += message.get("body", b"")

    def feed(self, body: bytes, more: bool = True) -> None:
        """Send a part of the body."""
        self._incoming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def disconnect(self) -> None:
        """Close the connection."""
        self._incoming.put_nowait({"type": "http.disconnect"})

    @property
    def heads(self) -> int:
        """How many heads have been sent."""
        return self._answer.heads

    async def answer(self) -> Answer:
        """Wait for the end of the app's call."""
        await asyncio.wait_for(self.task, PATIENCE_S)
        assert self._answer.heads <= 1, "the head was sent more than once"
        return self._answer


async def ask(app: Any, method: str, path: str, body: bytes = b"", headers: Pairs = ()) -> Answer:
    """One whole request and its answer."""
    return await Call(app, method, path, body, headers).answer()
