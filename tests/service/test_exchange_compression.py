"""Answers are compressed where it helps, and only for clients that can read them."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from service.compression import COMPRESSED_FROM_BYTES
from service.deadlines import DeadlineWheel
from service.exchange import Exchange
from service.settings import Settings

Headers = list[tuple[bytes, bytes]]
LONG = b"0.25," * (COMPRESSED_FROM_BYTES // 5 + 1)
GZIP: Headers = [(b"accept-encoding", b"gzip")]


async def sent(headers: Headers, body: bytes, method: str = "POST", **keys: Any) -> tuple[dict[bytes, bytes], bytes]:
    """Head and body of an answer as they leave."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    wheel = DeadlineWheel(asyncio.get_running_loop())
    runtime: Any = SimpleNamespace(settings=Settings(), wheel=wheel, draining=False)
    scope = {"method": method, "path": "/", "headers": headers}
    unused: Any = None
    await Exchange(scope, unused, send, runtime).respond(200, body, **keys)
    pairs = messages[0]["headers"]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs), b"".join(message["body"] for message in messages[1:])


@pytest.mark.parametrize(
    ("accepted", "encoding", "opened"),
    [(b"gzip", b"gzip", gzip.decompress), (b"deflate;q=0.5", b"deflate", zlib.decompress)],
)
async def test_an_answer_is_compressed_as_the_client_asks(
    accepted: bytes, encoding: bytes, opened: Callable[[bytes], bytes]
) -> None:
    """The body is shorter, its coding is named, caches are told on what it depends, all other headers are kept."""
    extra = [(b"inference-header-content-length", b"100")]
    keys = {"content_type": b"application/octet-stream", "extra": extra, "compress": True}
    head, body = await sent([(b"accept-encoding", accepted)], LONG, **keys)
    assert opened(body) == LONG
    assert len(body) < len(LONG)
    assert head[b"content-length"] == b"%d" % len(body)
    assert (head[b"content-encoding"], head[b"vary"]) == (encoding, b"accept-encoding")
    assert head[b"content-type"] == b"application/octet-stream"
    assert head[b"inference-header-content-length"] == b"100"


@pytest.mark.parametrize(
    ("headers", "body", "compress"),
    [
        ([], LONG, True),
        ([(b"accept-encoding", b"br")], LONG, True),
        ([(b"accept-encoding", b"gzip;q=0")], LONG, True),
        (GZIP, LONG[: COMPRESSED_FROM_BYTES - 1], True),
        (GZIP, b"", True),
        (GZIP, LONG, False),
    ],
    ids=["nobody asks", "another coding", "refused", "short", "empty", "not a call"],
)
async def test_other_answers_go_as_they_are(headers: Headers, body: bytes, compress: bool) -> None:
    """Without a wish that can be met, below the least size, and where it is not meant to be, nothing is compressed."""
    head, found = await sent(headers, body, compress=compress)
    assert found == body
    assert head[b"content-length"] == b"%d" % len(body)
    assert not head.keys() & {b"content-encoding", b"vary"}


async def test_the_least_size_is_compressed() -> None:
    """An answer of exactly the least size is."""
    head, _ = await sent(GZIP, LONG[:COMPRESSED_FROM_BYTES], compress=True)
    assert head[b"content-encoding"] == b"gzip"


async def test_a_head_alone_tells_the_length_of_the_whole() -> None:
    """HEAD is answered with the head that GET has, without a body."""
    whole, body = await sent(GZIP, LONG, "GET", compress=True)
    head, nothing = await sent(GZIP, LONG, "HEAD", compress=True)
    assert nothing == b""
    assert head[b"content-length"] == whole[b"content-length"] == b"%d" % len(body)
    assert head[b"content-encoding"] == b"gzip"
