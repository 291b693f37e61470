"""A streamed body is awaited, cut into lines and ended as its client sends it."""

from __future__ import annotations

import asyncio
import gzip
from types import SimpleNamespace
from typing import Any

import pytest

from service.errors import BodyTimeout, MalformedRequest, Overloaded, UnsupportedMediaType
from service.exchange import ClientGone
from service.inflater import PIECE_BYTES
from service.settings import Settings
from service.upload import Upload
from tests.service.conftest import until


class Client:
    """What an exchange is to an upload."""

    def __init__(self, encoding: bytes = b"") -> None:
        self.headers = {b"content-encoding": encoding} if encoding else {}
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def receive(self) -> dict[str, Any]:
        return await self.messages.get()

    def send(self, body: bytes, more: bool = True) -> None:
        """A part of the body."""
        self.messages.put_nowait({"type": "http.request", "body": body, "more_body": more})


@pytest.fixture
async def made() -> Any:
    """Uploads from clients; what they await ends with the test."""
    uploads: list[Upload] = []

    def make(client: Client, **settings: Any) -> Upload:
        exchange: Any = client
        uploads.append(Upload(exchange, Settings(**settings)))
        return uploads[-1]

    yield make
    for upload in uploads:
        upload.close()


async def advanced(upload: Upload) -> list[bytes | None]:
    """The lines of all that comes at once."""
    await until(lambda: upload.at_hand)
    while upload.at_hand:
        upload.advance()
        await asyncio.sleep(0)
    return list(upload.lines.take(1000).lines)


async def test_a_body_becomes_lines(made: Any) -> None:
    """Parts become lines as they come; the end completes the last."""
    client = Client()
    upload = made(client)
    client.send(b"a\nb")
    assert await advanced(upload) == [b"a"]
    assert not upload.lines.ended
    assert upload.patience_s() is not None
    client.send(b"c\nd", more=False)
    assert await advanced(upload) == [b"bc", b"d"]
    assert (upload.lines.ended, upload.fault, upload.patience_s()) == (True, None, None)


async def test_one_message_is_awaited_ahead(made: Any) -> None:
    """No more than one message is taken from the client before the one at hand is used."""
    client = Client()
    upload = made(client)
    for _ in range(5):
        client.send(b"a\n")
    for _ in range(20):
        await asyncio.sleep(0)
    assert client.messages.qsize() == 4
    upload.advance()
    for _ in range(20):
        await asyncio.sleep(0)
    assert client.messages.qsize() == 3


async def test_a_bomb_comes_piece_by_piece(made: Any) -> None:
    """Of one small message that inflates to much, one piece is had at a time."""
    client = Client(b"gzip")
    upload = made(client)
    client.send(gzip.compress(b"a\n" * 1_000_000), more=False)
    await until(lambda: upload.at_hand)
    while upload.at_hand:
        upload.advance()
        assert len(upload.lines) <= PIECE_BYTES // 2 + 1
        upload.lines.take(len(upload.lines))
    assert upload.lines.next == 1_000_001
    assert upload.fault is None


async def test_a_breach_is_noted_behind_the_lines_before_it(made: Any) -> None:
    """Lines that were sound stay; the half of one does not; nothing more is at hand."""
    client = Client(b"gzip")
    upload = made(client)
    client.send(gzip.compress(b"a\nb"))
    client.send(b"no gzip")
    assert await advanced(upload) == [b"a"]
    assert isinstance(upload.fault, MalformedRequest)
    assert upload.lines.ended
    client.send(b"c\n")
    await asyncio.sleep(0)
    assert not upload.at_hand


async def test_a_body_that_breaks_off_in_its_encoding_is_noted(made: Any) -> None:
    """The end of the body is not the end of what it encodes."""
    client = Client(b"gzip")
    upload = made(client)
    client.send(gzip.compress(b"a\nb\n" * 9)[:-1], more=False)
    await advanced(upload)
    assert isinstance(upload.fault, MalformedRequest)


async def test_silence_ends_a_body(made: Any) -> None:
    """A client that says nothing for the idle time has ended; one that has just been answered has not."""
    client = Client()
    upload = made(client, stream_idle_timeout_ms=30)
    upload.expire()
    assert upload.fault is None
    await until(lambda: upload.patience_s() == 0)
    upload.answered()
    upload.expire()
    assert upload.fault is None
    await until(lambda: upload.patience_s() == 0)
    upload.expire()
    assert isinstance(upload.fault, BodyTimeout)


async def test_a_word_in_time_is_no_silence(made: Any) -> None:
    """What has come and was not used yet ends no body, however late it is looked at."""
    client = Client()
    upload = made(client, stream_idle_timeout_ms=1)
    client.send(b"a\n")
    await until(lambda: upload.at_hand and upload.patience_s() == 0)
    upload.expire()
    assert upload.fault is None


async def test_a_client_that_went_away_is_noticed_ahead(made: Any) -> None:
    """A closed connection shows while lines are still at hand."""
    client = Client()
    upload = made(client)
    client.send(b"a\n", more=False)
    await until(lambda: upload.at_hand)
    upload.advance()
    upload.check()
    client.messages.put_nowait({"type": "http.disconnect"})
    with pytest.raises(ClientGone):
        await until(lambda: upload.check() is not None)


async def test_the_rest_is_discarded_until_its_end(made: Any) -> None:
    """What is still sent is taken, until the body's end, silence, or the end of the connection."""
    client = Client()
    upload = made(client)
    upload.break_off(Overloaded("Enough."))
    for _ in range(10):
        client.send(b"a\n")
    await upload.discard()
    assert client.messages.empty()
    assert len(upload.lines) == 0
    client.send(b"", more=False)
    await upload.discard()
    assert upload.patience_s() is None
    client.messages.put_nowait({"type": "http.disconnect"})
    with pytest.raises(ClientGone):
        await until(lambda: upload.check() is not None)


async def test_nothing_is_discarded_for_a_client_that_went_away(made: Any) -> None:
    """The end of the connection is noticed there as well."""
    client = Client()
    upload = made(client)
    client.messages.put_nowait({"type": "http.disconnect"})
    with pytest.raises(ClientGone):
        await upload.discard()


async def test_other_encodings_await_nothing() -> None:
    """An encoding that is not read is refused before anything is awaited."""
    exchange: Any = SimpleNamespace(headers={b"content-encoding": b"br"}, receive=None)
    with pytest.raises(UnsupportedMediaType):
        Upload(exchange, Settings())
