"""A client's connection: uvicorn's, with bounded heads, and deaf to offers to speak another protocol.

The parser stops at a head that offers an upgrade, such as ``Upgrade: h2c``, which Java's client does by itself: the
body would be lost, and its bytes be read as a request of their own. A server may ignore the offer (RFC 9110, section
7.8), so the header is taken out before the parser sees it. And uvicorn waits for the end of a head for ever, in memory
without end; here it has as long as a body has, and as many bytes as settings allow.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.direct import Direct, DirectCall
from service.gathering import MOST_BODY_BYTES, PATIENCE_S, Gathering
from service.heads import END, without_offers
from service.settings import Settings

REQUEST_LINE_BYTES = 8 * 1024
"""Longest request line beside the headers that settings allow."""
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b'content-length: 80\r\n\r\n{"error":"Expected a shorter head. It was too long.","code":"headers_too_large"}'
)


class Connection(HttpToolsProtocol):
    """One connection.

    Attributes:
        max_head_bytes: Longest head.
        head_timeout_s: Time for the first head to be whole.
        direct: Answers plain calls without ASGI; None to leave all to the app.
    """

    max_head_bytes = 24 * 1024
    head_timeout_s = 5.0
    direct: Direct | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._head = b""
        self._inside = False  # between the end of a head and that of its body
        self._begun = False  # a head whose begin the parser has already
        self._begun_bytes = 0
        self._late: asyncio.TimerHandle | None = None
        self._call: DirectCall | None = None
        self._gathering: Gathering | None = None
        self._kept = b""  # what came behind a call that is being answered
        self._leaving = False
        self._used_at = 0.0
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was waited for."""
        self._hand_over()  # a call whose body is not whole is counted there as one whose client has gone
        self._on_time()
        self._unset_keepalive_if_required()
        self._head = self._kept = b""
        super().connection_lost(exc)
        if self._call is not None:
            call, self._call = self._call, None
            call.gone()

    def shutdown(self) -> None:
        """See uvicorn; a call that is being answered, and what has come behind it, is answered first."""
        self._hand_over()
        if self._call is not None or self._kept:
            self._leaving = True
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one that has been used since the timer was set gets the rest of its time."""
        self.timeout_keep_alive_task = None
        rest_s = self._used_at + self.timeout_keep_alive - self.loop.time()
        if self._call is not None or self._gathering is not None or self._head or self._kept:
            return  # the answer to what has come, or is coming, sets the timer anew
        if rest_s > 0:
            self._expire_in(rest_s)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """See uvicorn."""
        self._begun, self._begun_bytes = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See uvicorn; what stands behind a body is no header of its request (RFC 9110, section 6.5.1)."""
        if not self._inside:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See uvicorn."""
        self._begun, self._inside = False, True
        self._on_time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """See uvicorn."""
        self._inside = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Keep a head back until it is whole; the rest goes on as it comes."""
        if self._call is not None or self._kept:  # pipelined: it has its turn when the answer has left
            self._kept += data
            self.flow.pause_reading()
        elif self._gathering is not None:
            self._add(self._gathering, data)
        elif self._inside:
            super().data_received(data)
        elif self._begun:  # of requests sent in one go, a later one's
            self._begun_bytes += len(data)
            if self._begun_bytes > self.max_head_bytes:
                self._refuse()
            else:
                super().data_received(data)
        else:
            self._take_head(data)
        if self._begun and self._late is None:
            self._hurry()

    def _take_head(self, data: bytes) -> None:
        data = (self._head + data).lstrip(b"\r\n")  # empty lines before a request mean nothing (RFC 9112, 2.2)
        self._head = b""
        end = data.find(END)
        if end > self.max_head_bytes or (end < 0 and len(data) > self.max_head_bytes):
            self._refuse()
        elif end < 0:
            self._head = data
            if data and self._late is None:
                self._hurry()
        elif not self._begin(data[:end], data, end + len(END)):
            super().data_received(without_offers(data, end))

    def _begin(self, head: bytes, data: bytes, start: int) -> bool:
        """Begin a call that needs no ASGI; false if this is none, is long and not whole, or has not come alone."""
        if self.direct is None or self._answering or self.flow.write_paused:
            return False
        known = self.direct.heads.read(head)
        if known is None:
            return False
        missing = known.length - (len(data) - start)
        if missing < 0 or (missing and known.length > MOST_BODY_BYTES):
            return False
        call = DirectCall(self.direct, known, self._reply)
        if missing and not call.reserve():
            return False
        self._on_time()
        if missing:
            patience_s = min(PATIENCE_S, self.head_timeout_s)
            self._gathering = Gathering(call, known.length, data[:start], data[start:], patience_s, self._hand_over)
        else:
            self._start(call, data[start:])
        return True

    def _start(self, call: DirectCall, body: bytes) -> None:
        self._call = call
        call.begin(body)

    def _add(self, gathering: Gathering, data: bytes) -> None:
        gathering.add(data)
        if gathering.missing < 0:  # another request behind it
            self._hand_over()
        elif not gathering.missing:
            self._gathering = None
            self._start(gathering.call, gathering.body())

    def _hand_over(self) -> None:
        """Leave to ASGI what is not whole. Its clocks begin anew there, a moment later."""
        if self._gathering is not None:
            gathering, self._gathering = self._gathering, None
            gathering.call.release()
            super().data_received(gathering.everything())

    def _reply(self, status: int, lines: bytes, body: bytes) -> None:
        """Send the answer of the call, then go on with what has come meanwhile."""
        assert self.direct is not None
        self._call = None
        self.server_state.total_requests += 1
        self._used_at = self.loop.time()
        closing = self.direct.runtime.draining or (self._leaving and not self._kept)
        general = b"".join([b"%b: %b\r\n" % pair for pair in self.server_state.default_headers])  # such as the date
        last = b"connection: close\r\n" if closing else b""
        try:
            self.transport.write(b"%b%b%b%b\r\n%b" % (STATUS_LINE[status], general, lines, last, body))
        except Exception:
            self.transport.abort()
            raise
        if closing:
            self.transport.close()
            return
        if self.timeout_keep_alive_task is None:
            self._expire_in(self.timeout_keep_alive)
        if self._kept:
            self.loop.call_soon(self._go_on)  # not now: the scheduler is in the middle of its answers

    def _go_on(self) -> None:
        data, self._kept = self._kept, b""
        if not data or self.transport.is_closing():
            return
        self.flow.resume_reading()
        self.data_received(data)
        if self._leaving:
            self.shutdown()

    def _expire_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unsupported_upgrade_warning(self) -> None:
        """An offer that came behind another request in one go: what follows cannot be told apart, so it ends here."""
        self.transport.close()

    def _refuse(self) -> None:
        if not self._answering:  # or it would be taken for the answer to the request before
            self.transport.write(TOO_LARGE)
        self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _hurry(self) -> None:
        """From now on a head must be whole in time."""
        self._late = self.loop.call_later(self.head_timeout_s, self._too_late)

    def _too_late(self) -> None:
        if self._answering:
            self._hurry()
        else:
            self.transport.close()

    def _on_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def install(settings: Settings, direct: Direct | None = None) -> None:
    """Let uvicorn, which BentoML starts without a choice of ours, make connections of this kind."""
    Connection.direct = direct
    Connection.max_head_bytes = settings.max_headers_bytes + REQUEST_LINE_BYTES
    Connection.head_timeout_s = settings.body_timeout_ms / 1000
    HTTP_PROTOCOLS["auto"] = f"{__name__}:{Connection.__name__}"
