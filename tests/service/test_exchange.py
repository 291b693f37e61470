"""A request's head and body are held against their limits; every answer carries what it must."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.calls import REQUEST_ID
from service.exchange import Exchange
from service.runtime import Runtime
from service.settings import Settings
from tests.raw_asgi import Call, ask
from tests.service.conftest import Served
from tests.toy_engines import Doubling

Make = Callable[..., Any]
PREDICT = "/v1/models/toy:predict"
BODY = b'{"instances": [[1, 2]]}'
LIMIT = 4096


def padded(size: int) -> bytes:
    """A sound body of exactly this many bytes."""
    return BODY + b" " * (size - len(BODY))


def declared(size: int | bytes) -> tuple[bytes, bytes]:
    """A Content-Length header."""
    return (b"content-length", size if isinstance(size, bytes) else b"%d" % size)


@pytest.mark.parametrize(("size", "status"), [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (5 * LIMIT, 413)])
async def test_body_limit(make_served: Make, size: int, status: int) -> None:
    """A body of the limit is taken and one byte more is not, whole or in parts, declared or not."""
    served: Served = await make_served(max_body_bytes=LIMIT)
    for headers in ([declared(size)], [], [declared(10)]):
        answer = await ask(served.front, "POST", PREDICT, padded(size), headers)
        assert answer.status == status
        call = Call(served.front, "POST", PREDICT, None, headers)
        for at in range(0, size, 100):
            call.feed(padded(size)[at : at + 100])
        call.feed(b"", more=False)
        in_parts = await call.answer()
        assert in_parts.status == status
        assert status == 200 or (answer.code, in_parts.code) == ("too_large", "too_large")
    assert served.at_rest()


async def test_a_declared_length_over_the_limit_is_refused(make_served: Make) -> None:
    """A length over the limit is refused whatever comes; the little that comes is read, so that the answer arrives."""
    served: Served = await make_served(max_body_bytes=LIMIT)
    answer = await ask(served.front, "POST", PREDICT, BODY, [declared(LIMIT + 1)])
    assert (answer.status, answer.code) == (413, "too_large")


async def test_an_endless_body_is_given_up(make_served: Make) -> None:
    """Of a body without end no more than twice the limit is read, and then the connection is closed."""
    served: Served = await make_served(max_body_bytes=LIMIT)
    call = Call(served.front, "POST", PREDICT, None)
    for _ in range(1000):
        call.feed(b" " * 1024)
    answer = await call.answer()
    assert (answer.status, answer.code) == (413, "too_large")
    assert answer.header("connection") == b"close"
    assert call.received <= 2 * LIMIT // 1024 + 1


async def test_many_tiny_parts_are_one_body(served: Served) -> None:
    """65,537 parts of one byte are read like one part."""
    body = padded(65_537)
    call = Call(served.front, "POST", PREDICT, None)
    for byte in body:
        call.feed(bytes([byte]))
    call.feed(b"", more=False)
    assert (await call.answer()).json == {"predictions": [{"double": [2.0, 4.0], "total": [3.0]}]}


@pytest.mark.parametrize("sent", [b"", BODY[:5]])
async def test_a_slow_body_is_408(make_served: Make, sent: bytes) -> None:
    """A body that does not arrive in time is given up with 408 and the connection is closed."""
    served: Served = await make_served(body_timeout_ms=20)
    call = Call(served.front, "POST", PREDICT, None)
    call.feed(sent)
    answer = await call.answer()
    assert (answer.status, answer.code) == (408, "body_timeout")
    assert answer.header("connection") == b"close"
    assert (await ask(served.front, "POST", PREDICT, BODY)).status == 200
    assert served.at_rest()


@pytest.mark.parametrize("sent", [[], [BODY[:5]], [BODY[:5], b"", BODY[5:]]])
async def test_a_client_that_leaves_while_sending_gets_no_answer(served: Served, sent: list[bytes]) -> None:
    """A connection that closes in the middle of a body ends the request without an answer or a call of the engine."""
    engine = Doubling()
    served.put_gate(engine).open()
    call = Call(served.front, "POST", PREDICT, None)
    for part in sent:
        call.feed(part)
    call.disconnect()
    answer = await call.answer()
    assert answer.heads == 0
    assert served.at_rest()
    assert engine.calls == []
    assert b'code="client_gone"' in served.runtime.metrics.exposition()


GZIP = gzip.compress(BODY)
ENCODED = {
    "gzip": (b"gzip", GZIP, 200, ""),
    "upper case": (b" GZIP ", GZIP, 200, ""),
    "deflate": (b"deflate", zlib.compress(BODY), 200, ""),
    "identity": (b"identity", BODY, 200, ""),
    "none": (b" ", BODY, 200, ""),
    "cut off": (b"gzip", GZIP[:-5], 400, "malformed_request"),
    "no trailer": (b"gzip", GZIP[:-8], 400, "malformed_request"),
    "empty": (b"gzip", b"", 400, "malformed_request"),
    "something behind": (b"gzip", GZIP + b"x", 400, "malformed_request"),
    "two members": (b"gzip", GZIP + GZIP, 400, "malformed_request"),
    "a flipped bit": (b"gzip", GZIP[:-6] + bytes([GZIP[-6] ^ 1]) + GZIP[-5:], 400, "malformed_request"),
    "not gzip": (b"gzip", BODY, 400, "malformed_request"),
    "deflate as gzip": (b"gzip", zlib.compress(BODY), 400, "malformed_request"),
    "bomb": (b"gzip", gzip.compress(b" " * 50_000_000), 413, "too_large"),
    "limit": (b"gzip", gzip.compress(padded(LIMIT)), 200, ""),
    "limit and one": (b"gzip", gzip.compress(padded(LIMIT + 1)), 413, "too_large"),
    "brotli": (b"br", BODY, 415, "unsupported_media_type"),
    "two encodings": (b"gzip, gzip", gzip.compress(GZIP), 415, "unsupported_media_type"),
}


@pytest.mark.parametrize(("encoding", "body", "status", "code"), ENCODED.values(), ids=ENCODED.keys())
async def test_encodings(make_served: Make, encoding: bytes, body: bytes, status: int, code: str) -> None:
    """A compressed body is taken if it is one whole stream within the limit; whatever else is refused by its word."""
    served: Served = await make_served(max_body_bytes=LIMIT)
    headers = [(b"content-encoding", encoding), declared(len(body))]
    answer = await ask(served.front, "POST", PREDICT, body, headers)
    assert answer.status == status
    assert status == 200 or answer.code == code


async def test_an_unknown_encoding_has_the_dialects_status(served: Served) -> None:
    """The Open Inference Protocol answers an unknown content encoding with 501."""
    answer = await ask(served.front, "POST", "/v2/models/toy/infer", b"{}", [(b"content-encoding", b"br")])
    assert (answer.status, answer.code) == (501, "unsupported_media_type")


@pytest.mark.parametrize(("count", "status"), [(15, 200), (16, 200), (17, 431)])
async def test_header_count_limit(make_served: Make, count: int, status: int) -> None:
    """As many headers as the limit are taken, one more is not; this holds for every path."""
    served: Served = await make_served(max_headers=16)
    headers = [(b"x-%d" % i, b"1") for i in range(count)]
    for method, path, body in (("POST", PREDICT, BODY), ("GET", "/livez", b""), ("GET", "/docs.json", b"")):
        answer = await ask(served.front, method, path, body, headers)
        assert answer.status == status
        assert status == 200 or answer.code == "headers_too_large"


@pytest.mark.parametrize(("size", "status"), [(1023, 200), (1024, 200), (1025, 431)])
async def test_header_size_limit(make_served: Make, size: int, status: int) -> None:
    """Headers of the limit's size, names and values together, are taken; one byte more is not."""
    served: Served = await make_served(max_headers_bytes=1024)
    answer = await ask(served.front, "POST", PREDICT, BODY, [(b"x-long", b"v" * (size - 6))])
    assert answer.status == status


@given(value=st.binary(max_size=200) | st.from_regex(REQUEST_ID, fullmatch=True))
def test_only_harmless_ids_are_taken_over(value: bytes) -> None:
    """A client's id is returned if it is of harmless characters and at most 128 of them, else one is made."""
    scope = {"method": "GET", "path": "/livez", "headers": [(b"x-request-id", value)]}
    made = Exchange(scope, None, None, Runtime(Settings(), {})).id  # type: ignore[arg-type]
    harmless = 1 <= len(value) <= 128 and all(
        (chr(byte).isalnum() and byte < 128) or byte in b"._:/+=-" for byte in value
    )
    assert (made == value) == harmless
    assert REQUEST_ID.fullmatch(made)


@pytest.mark.parametrize(
    "given_id", [b"a\r\nx-evil: 1", b"\x1b[2J", b"x" * 129, b"", "é".encode(), b'"', b"a b", b"a\n"]
)
async def test_hostile_ids_are_replaced(served: Served, given_id: bytes) -> None:
    """An id that could forge a header or a log line is replaced by one of 16 hexadecimal digits."""
    answer = await ask(served.front, "GET", "/livez", headers=[(b"x-request-id", given_id)])
    made = answer.header("x-request-id")
    assert made is not None
    assert len(made) == 16
    assert int(made, 16) >= 0


async def test_every_answer_has_an_id(served: Served) -> None:
    """Answers of all kinds return the client's id, and without one two requests get different ids."""
    for method, path in (
        ("GET", "/livez"),
        ("GET", "/none"),
        ("PUT", PREDICT),
        ("POST", PREDICT),
        ("GET", "/docs.json"),
    ):
        answer = await ask(served.front, method, path, headers=[(b"x-request-id", b"mine-1")])
        assert answer.header("x-request-id") == b"mine-1"
    ids = {(await ask(served.front, "GET", "/livez")).header("x-request-id") for _ in range(100)}
    assert len(ids) == 100


@pytest.mark.parametrize(
    "value", [b"0", b"-5", b"1.5", b"1e3", b"", b"soon", b" 5", b"5 ms", b"\xd9\xa5", b"0x10", b"+5"]
)
async def test_a_deadline_that_is_no_number_is_refused(served: Served, value: bytes) -> None:
    """X-Request-Timeout-Ms must be a whole number of milliseconds from 1."""
    answer = await ask(served.front, "POST", PREDICT, BODY, [(b"x-request-timeout-ms", value)])
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("value", [b"30000", b"00005000", b"9" * 5000])
async def test_a_long_deadline_is_taken_as_the_longest(served: Served, value: bytes) -> None:
    """A number beyond the setting, of any length, is accepted."""
    assert (await ask(served.front, "POST", PREDICT, BODY, [(b"x-request-timeout-ms", value)])).status == 200
