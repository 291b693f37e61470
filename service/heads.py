"""Heads of requests: what those of inference calls say, read once and remembered, and offers, which are taken out.

A client sends the same head again and again: path and headers stay, and the length of the body is one of a few. So a
head that is known need not be parsed again. What is not a plain call of inference, such as a stream, a chunked
or compressed body, an offer of another protocol, is none of this module's: the ASGI path answers it.
"""

from __future__ import annotations

from dataclasses import dataclass

import httptools

from service.protocols.media_types import media_type
from service.routing import CALLS, Route, route
from service.settings import Settings

END = b"\r\n\r\n"
OFFER = b"\r\nupgrade:"
METHOD = b"POST /v"
MOST_HEADS = 1024
MOST_BYTES = 1024
"""Longest head that is remembered: with a thousand of them, two megabytes in all; ten if each is full of headers."""
MOST_DIGITS = 18
"""More of them, leading zeros or not, are no length of a body that is read in one piece."""
OTHERS = frozenset({b"transfer-encoding", b"content-encoding", b"upgrade", b"expect"})
"""Headers of a request that takes the ASGI path."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one call.

    Attributes:
        route: What its path asks for: a call that computes.
        length: Bytes of its body.
        headers: By name in lower case.
    """

    route: Route
    length: int
    headers: dict[bytes, bytes]


class Heads:
    """Reads heads under the limits of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._max_headers = settings.max_headers
        self._max_bytes = min(settings.max_headers_bytes, 2**16)
        self._max_body_bytes = settings.max_body_bytes
        self._known: dict[bytes, Head | None] = {}

    def read(self, head: bytes) -> Head | None:
        """The head of a call, without its last empty line; None if it belongs to the ASGI path."""
        try:
            return self._known[head]
        except KeyError:
            pass
        if not head.startswith(METHOD):
            return None
        found = self._read(head)
        if len(head) <= MOST_BYTES:
            if len(self._known) >= MOST_HEADS:  # a client whose heads are never the same
                self._known.clear()
            self._known[head] = found
        return found

    def _read(self, head: bytes) -> Head | None:
        if len(head) > self._max_bytes:
            return None
        reader = _Reader()
        parser = httptools.HttpRequestParser(reader)
        try:
            parser.feed_data(head + END)
            path = httptools.parse_url(reader.url).path.decode("ascii")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, UnicodeDecodeError):
            return None
        headers = dict(reader.pairs)
        length = headers.get(b"content-length", b"")
        plain = (
            reader.complete
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and len(reader.pairs) <= self._max_headers
            and not OTHERS & headers.keys()
            and length.isdigit()
            and len(length) <= MOST_DIGITS
            and 0 < int(length) <= self._max_body_bytes
            and "%" not in path
        )
        if not plain:
            return None
        found = route(path)
        if found is None or found.action not in CALLS or media_type(headers) is not None:
            return None
        return Head(found, int(length), headers)


def without_offers(data: bytes, end: int) -> bytes:
    """A request without what its head, which ends at ``end``, says of other protocols that its client would speak."""
    head = data[:end]
    if OFFER not in head.lower():
        return data
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"upgrade:")) + data[end:]


class _Reader:
    """What the parser tells."""

    def __init__(self) -> None:
        self.url = b""
        self.pairs: list[tuple[bytes, bytes]] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.pairs.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.complete = True

    def on_body(self, body: bytes) -> None:
        self.complete = False  # to the parser, the head ended earlier
