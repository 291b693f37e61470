"""A streamed body as it comes: awaited, inflated, cut into lines, and never far ahead of what is done with it."""

from __future__ import annotations

import asyncio

from service.compression import encoding_of
from service.errors import BodyTimeout, MalformedRequest, ServiceError
from service.exchange import ClientGone, Exchange
from service.inflater import Inflater
from service.protocols.lines import Lines
from service.settings import Settings
from service.whole_answer import Message

LINGER_S = 1.0
"""Longest time that the rest of a body is read after its answer was broken off: to a socket that is closed while the
client still sends, the last bytes of the answer would be lost."""
PAUSE_S = 0.1
"""A client that sends nothing for so long is not sending."""


class Upload:
    """One body.

    One message is awaited ahead, so that a client that goes away is noticed while its lines are worked on.

    Args:
        exchange: Whose body.
        settings: Idle time and longest line.

    Attributes:
        lines: What has come and has not been taken.
        fault: What ended the body early; the lines before it are sound.

    Raises:
        UnsupportedMediaType: A content encoding that is not served.
    """

    def __init__(self, exchange: Exchange, settings: Settings) -> None:
        self.lines = Lines(settings.max_line_bytes)
        self.fault: ServiceError | None = None
        self._exchange = exchange
        self._idle_s = settings.stream_idle_timeout_ms / 1000
        self._inflater = Inflater(encoding_of(exchange.headers))
        self._more = True
        self._loop = asyncio.get_running_loop()
        self._silent_since = 0.0
        self._ask()

    def _ask(self) -> None:
        self.arriving: asyncio.Task[Message] = asyncio.create_task(self._exchange.receive())  # type: ignore[arg-type]
        self._silent_since = self._loop.time()

    def patience_s(self) -> float | None:
        """How long the client may stay silent from now; None once its body is complete."""
        return max(0.0, self._silent_since + self._idle_s - self._loop.time()) if self._more else None

    def answered(self) -> None:
        """The client has been sent something, and may have waited for it."""
        self._silent_since = self._loop.time()

    def expire(self) -> None:
        """End the body if the client has been silent for too long."""
        if not self.arriving.done() and self.patience_s() == 0:
            self.break_off(BodyTimeout(f"Expected a byte within {self._idle_s * 1000:g} ms. Received none."))

    @property
    def at_hand(self) -> bool:
        """Whether ``advance`` has something to do."""
        return not self.lines.ended and not self.lines.full and (self._inflater.pending or self.arriving.done())

    def advance(self) -> None:
        """Put the next bytes at hand into lines."""
        if not self._inflater.pending:
            message = self._take()
            self._inflater.feed(message.get("body", b""))
            self._more = bool(message.get("more_body"))
        try:
            if self._inflater.pending:
                self.lines.feed(self._inflater.piece())
            if not self._inflater.pending and not self._more:
                self._inflater.end()
                self.lines.end()
        except MalformedRequest as error:
            self.break_off(error)

    def break_off(self, fault: ServiceError) -> None:
        """Take nothing more; the beginning of a line is no line."""
        self.fault = fault
        self.lines.end(complete=False)

    def check(self) -> None:
        """See whether the client is still there.

        Raises:
            ClientGone: It has closed the connection.
        """
        if self.arriving.done() and self.arriving.result()["type"] == "http.disconnect":
            raise ClientGone

    async def discard(self) -> None:
        """Read for a while what the client still sends, and drop it."""
        until = self._loop.time() + LINGER_S
        while self._more and self._loop.time() < until:
            await asyncio.wait({self.arriving}, timeout=PAUSE_S)
            if not self.arriving.done():
                return
            self.check()
            self._more = bool(self._take().get("more_body"))

    def _take(self) -> Message:
        message = self.arriving.result()
        self._ask()
        return message

    def close(self) -> None:
        """Await nothing more."""
        self.arriving.cancel()
