"""One HTTP request as the front sees it: its headers, its body under limits, and the answer in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from service.batching import Work
from service.calls import deadline, request_id
from service.compression import COMPRESSED_FROM_BYTES, chosen_encoding, compressed, encoding_of, inflate
from service.deadlines import DeadlineWheel
from service.errors import BodyTimeout, HeadersTooLarge, TooLarge
from service.runtime import Runtime
from service.version import Version
from service.whole_answer import Message, Send, abort, send_whole

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

JSON = b"application/json"
CLIENT_GONE = "client_gone"
"""Code word of a call that nobody waits for any more."""
DISCONNECT_PROBE_S = 0.02
"""A request that waits longer than this is watched for its client going away; most never do."""


class ClientGone(Exception):
    """The client has closed the connection; nobody reads an answer."""


class Exchange:
    """One request and its answer.

    Attributes:
        id: The client's ``X-Request-Id``, or one made here.
        headers: By name in lower case; the last wins.
        begun: Whether a head has been sent, so that no other may follow.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, runtime: Runtime) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.receive = receive
        self._send = send
        self._runtime = runtime
        self._interrupted: type[Exception] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.closing = False
        self.begun = False
        pairs: list[tuple[bytes, bytes]] = scope["headers"]
        self.headers: dict[bytes, bytes] = dict(pairs)
        self.id = request_id(self.headers)
        self._pairs = pairs

    def check_headers(self) -> None:
        """Hold the head against its limits."""
        settings = self._runtime.settings
        if len(self._pairs) > settings.max_headers:
            raise HeadersTooLarge(f"Expected at most {settings.max_headers} headers. Received {len(self._pairs)}.")
        size = sum(len(name) + len(value) for name, value in self._pairs)
        if size > settings.max_headers_bytes:
            raise HeadersTooLarge(f"Expected at most {settings.max_headers_bytes} bytes of headers. Received {size}.")

    @property
    def deadline(self) -> float:
        """Loop time at which the answer is late."""
        return deadline(self._runtime, self.headers)

    async def read_body(self) -> bytes:
        """Read the body, inflated, within the limits of size and time.

        Raises:
            TooLarge: Declared or received longer than allowed.
            UnsupportedMediaType: An encoding other than gzip and deflate.
            BodyTimeout: It did not arrive in time.
            ClientGone: The client closed the connection before its end.
        """
        limit = self._runtime.settings.max_body_bytes
        declared = self.headers.get(b"content-length", b"").lstrip(b"0")[:20] or b"0"  # no body has that many
        too_large = TooLarge(f"Expected a body of at most {limit} bytes. Received more.")
        encoding = encoding_of(self.headers)
        body = await self._collect(limit, too_large if int(declared) > limit else None)
        if body is None:
            raise too_large
        return bytes(body) if encoding is None else inflate(bytes(body), encoding, limit, too_large)

    async def _collect(self, limit: int, refused: TooLarge | None) -> bytes | bytearray | None:
        """The raw body; None if it is too long, after reading as much again so that the client can read the answer."""
        wheel, task = self._runtime.wheel, asyncio.current_task()
        assert task is not None
        until = asyncio.get_running_loop().time() + self._runtime.settings.body_timeout_ms / 1000
        slot = wheel.add(until, self, lambda: self._interrupt(task, BodyTimeout))
        try:
            message = await self.receive()
            if refused is None and not message.get("more_body") and message["type"] == "http.request":
                body = message.get("body", b"")
                return body if len(body) <= limit else None
            return await self._gather(message, limit, refused is not None)
        except asyncio.CancelledError:
            if self._interrupted is None:
                raise
            task.uncancel()
            self.closing = True
            raise BodyTimeout("Expected the whole body in time. It was too slow.") from None
        finally:
            wheel.discard(slot, self)

    async def _gather(self, message: Message, limit: int, refused: bool) -> bytearray | None:
        parts, size = bytearray(), 0
        while True:
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size <= limit and not refused:
                parts += part
            elif size > 2 * limit:
                self.closing = True
                return None
            if not message.get("more_body"):
                return parts if size <= limit and not refused else None
            message = await self.receive()

    def _interrupt(self, task: asyncio.Task[Any], reason: type[Exception]) -> None:
        self._interrupted = reason
        task.cancel()

    async def compute(self, version: Version, work: Work) -> dict[str, Any]:
        """Wait for a work's outputs; end it early if the client goes away.

        Raises:
            ClientGone: It did.
            ServiceError: Whatever ended the work.
        """
        wheel: DeadlineWheel = self._runtime.wheel
        probe = asyncio.get_running_loop().time() + DISCONNECT_PROBE_S
        slot = wheel.add(probe, self, lambda: self._watch(version, work))
        try:
            return await work.future
        except asyncio.CancelledError:
            if self._interrupted is ClientGone:
                raise ClientGone from None
            version.scheduler.drop(work)
            raise
        finally:
            wheel.discard(slot, self)
            if self._watcher is not None:
                self._watcher.cancel()

    def _watch(self, version: Version, work: Work) -> None:
        async def watch() -> None:
            while (await self.receive())["type"] != "http.disconnect":
                pass
            self._interrupted = ClientGone
            version.scheduler.drop(work)

        self._watcher = asyncio.create_task(watch())

    async def respond(
        self,
        status: int,
        body: bytes,
        content_type: bytes = JSON,
        extra: list[tuple[bytes, bytes]] | None = None,
        *,
        compress: bool = False,
    ) -> None:
        """Send head and body together.

        Args:
            status: HTTP status.
            body: The whole body.
            content_type: Its media type.
            extra: Further headers.
            compress: Whether a client that says it can inflate may get the body compressed. Some clients say so in
                every request and inflate nothing but the answers of calls, so that errors and pages go as they are.
        """
        encoding = None
        if compress and len(body) >= COMPRESSED_FROM_BYTES and b"accept-encoding" in self.headers:
            encoding = chosen_encoding(self.headers[b"accept-encoding"])
            if encoding is not None:
                body = await compressed(body, encoding)
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        if encoding is not None:
            headers += [(b"content-encoding", encoding), (b"vary", b"accept-encoding")]
        if extra:
            headers += extra
        head = self._completed({"type": "http.response.start", "status": status, "headers": headers})
        if body and self.method != "HEAD":
            await self._bounded(send_whole(self._send, head, {"type": "http.response.body", "body": body}))
        else:
            await self._send(head)
            await self._bounded(self._send({"type": "http.response.body", "body": b""}))

    async def forward(self, message: Message) -> None:
        """Send one ASGI message of another app."""
        await self._bounded(
            self._send(self._completed(message) if message["type"] == "http.response.start" else message)
        )

    async def _bounded(self, sending: Awaitable[None]) -> None:
        """Send, and cut the client off if it does not take what is sent: it would hold its place in flight for ever."""
        wheel = self._runtime.wheel
        until = asyncio.get_running_loop().time() + self._runtime.settings.send_timeout_ms / 1000
        slot = wheel.add(until, self, lambda: abort(self._send))
        try:
            await sending
        finally:
            wheel.discard(slot, self)

    def _completed(self, head: Message) -> Message:
        """Give a head the headers that every answer has."""
        self.begun = True
        head["headers"].append((b"x-request-id", self.id))
        if self.closing or self._runtime.draining:
            head["headers"].append((b"connection", b"close"))
        return head
