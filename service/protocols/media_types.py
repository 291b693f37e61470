"""What a stream of rows may be written in, and how a request's headers say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from service.errors import UnsupportedMediaType


class MediaType(Enum):
    """The value is the content type of an answer."""

    CSV = b"text/csv; charset=utf-8"
    NDJSON = b"application/x-ndjson"


NAMES = {
    b"text/csv": MediaType.CSV,
    b"application/x-ndjson": MediaType.NDJSON,
    b"application/ndjson": MediaType.NDJSON,
    b"application/jsonl": MediaType.NDJSON,
}
CHARSET = re.compile(rb""";\s*charset\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)
UTF_8 = (b"utf-8", b"utf8", b"us-ascii")
QUALITY = re.compile(rb";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*$", re.IGNORECASE)


def media_type(headers: Mapping[bytes, bytes]) -> MediaType | None:
    """What a request's body is streamed as; None for a body of another type, or of none."""
    given = headers.get(b"content-type")
    if given is None or given == b"application/json":  # nearly all requests
        return None
    return NAMES.get(given.partition(b";")[0].strip().lower())


def check_charset(content_type: bytes) -> None:
    """Refuse text that is not UTF-8.

    Raises:
        UnsupportedMediaType: The content type says that it is not.
    """
    charset = CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in UTF_8:
        raise UnsupportedMediaType("Expected text in UTF-8. Received another charset.")


def answer_type(headers: Mapping[bytes, bytes], given: MediaType) -> MediaType:
    """What the client wants to be answered in (RFC 9110, section 12.5.1); as it asked, where it does not say."""
    best, wanted = 0.0, given
    for entry in headers.get(b"accept", b"").split(b","):
        media = NAMES.get(entry.partition(b";")[0].strip().lower())
        quality = QUALITY.search(entry)
        weight = float(quality[1]) if quality is not None else 1.0
        if media is not None and weight > best:
            best, wanted = weight, media
    return wanted
