"""Bodies in gzip and deflate: inflating requests under their limit, compressing answers for who asks.

References:
    *HTTP Semantics*, RFC 9110, section 8.4 (content codings) and 12.5.3 (Accept-Encoding), 2022.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from functools import lru_cache

from service.errors import MalformedRequest, TooLarge, UnsupportedMediaType

WINDOW = {b"gzip": zlib.MAX_WBITS | 16, b"deflate": zlib.MAX_WBITS}
"""Content coding to zlib's name for it; of equal ones, the first is preferred."""

COMPRESSED_FROM_BYTES = 1024
"""Shortest answer that is compressed: a shorter one fills no more packets as it is, and is there sooner."""

INLINE_BYTES = 64 * 1024
"""Longest answer that is compressed on the event loop, in half a millisecond; longer ones go to a thread."""

LEVEL = 1
"""The cheapest: on numbers as text, level 6 takes five times as long and saves three parts in a hundred more."""


def encoding_of(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The coding of a request's body, a key of ``WINDOW``; None if it has none.

    Raises:
        UnsupportedMediaType: It is another.
    """
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding in (b"", b"identity"):
        return None
    if encoding not in WINDOW:
        raise UnsupportedMediaType("Expected Content-Encoding gzip, deflate or none. Received another.")
    return encoding


def inflate(body: bytes, encoding: bytes, limit: int, too_large: TooLarge) -> bytes:
    """Inflate a body, and no further than the limit.

    Args:
        body: As it came.
        encoding: A key of ``WINDOW``.
        limit: Most bytes that it may have inflated.
        too_large: What is raised if it has more.

    Raises:
        TooLarge: It has.
        MalformedRequest: It is not one whole stream of this coding.
    """
    inflater = zlib.decompressobj(WINDOW[encoding])
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error:
        raise MalformedRequest(f"Expected a body in {encoding.decode()}. Received other bytes.") from None
    if len(plain) > limit:
        raise too_large
    if not inflater.eof or inflater.unused_data:
        raise MalformedRequest(f"Expected one whole body in {encoding.decode()}. Received a part, or more.")
    return plain


async def compressed(body: bytes, encoding: bytes) -> bytes:
    """Compress a body; ``encoding`` is a key of ``WINDOW``."""
    if len(body) <= INLINE_BYTES:
        return _compress(body, encoding)
    return await asyncio.get_running_loop().run_in_executor(None, _compress, body, encoding)


def _compress(body: bytes, encoding: bytes) -> bytes:
    compressor = zlib.compressobj(LEVEL, wbits=WINDOW[encoding])
    return compressor.compress(body) + compressor.flush()


@lru_cache(maxsize=64)
def chosen_encoding(accepted: bytes) -> bytes | None:
    """The coding for an answer, by the client's ``Accept-Encoding``; None if it is to go as it is."""
    weights: dict[bytes, float] = {}
    for part in accepted.lower().split(b","):
        name, _, parameter = part.partition(b";")
        weights[name.strip()] = _weight(parameter)
    anything = weights.get(b"*", 0.0)
    best = max(WINDOW, key=lambda coding: weights.get(coding, anything))
    weight = weights.get(best, anything)
    return best if weight > 0 and weight >= weights.get(b"identity", 0.0) else None


def _weight(parameter: bytes) -> float:
    """The number of ``q=0.5``: 1 where there is none, 0 where it is no such number."""
    key, _, value = parameter.partition(b"=")
    if not key.strip():
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if key.strip() == b"q" and 0 <= weight <= 1 else 0.0
