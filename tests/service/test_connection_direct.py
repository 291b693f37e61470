"""The direct path gives the answers of the ASGI path, byte for byte, and leaves to it what is not a plain call."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from service import compression, store
from service.front import Front
from service.runtime import Runtime
from service.settings import Settings
from service.typed import TypedApis
from tests.service.conftest import AppDouble, Served, until
from tests.service.wire import ANSWER, BODY, END, PREDICT, Answer, get, post, wired
from tests.toy_engines import Poisoned

Make = Callable[..., Awaitable[Served]]
INFER = b"/v2/models/toy/infer"
ROWS = b"[[1, 2], [3, 0]]"
FEATURES = b'{"examples": [{"x": [1, 2]}], "signature_name": "total"}'
TENSOR = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}], "id": "a"}'
RAW_HEAD = (
    b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": 8}}],'
    b' "parameters": {"binary_data_output": true}}'
)
FLOATS = struct.pack("<2f", 1, 2)
LENGTH = b"Inference-Header-Content-Length: %d"
MANY = b'{"instances": [%b]}' % b",".join(b"[%d.125, 2]" % i for i in range(60))

CALLS: list[tuple[int, bytes]] = [
    (200, post()),
    (200, post(PREDICT, b'{"inputs": %b}' % ROWS)),
    (200, post(PREDICT, b'{"records": [{"size": 2, "colour": "blue"}]}')),
    (200, post(PREDICT + b"?a=b", BODY)),
    (200, post(b"/v1/models/toy/versions/1:predict")),
    (200, post(b"/v1/models/toy/labels/stable:PREDICT")),
    (200, post(b"/v1/models/toy:regress", FEATURES)),
    (400, post(b"/v1/models/toy:classify", FEATURES)),
    (200, post(INFER, TENSOR)),
    (200, post(b"/v2/models/toy/versions/1/infer", TENSOR)),
    (200, post(b"/v2/models/toy/versions/stable/infer", TENSOR)),
    (200, post(INFER, RAW_HEAD + FLOATS, LENGTH % len(RAW_HEAD))),
    (200, post(INFER, FLOATS, LENGTH % 0)),
    (400, post(INFER, FLOATS, LENGTH % 99)),
    (400, post(PREDICT, b'{"instances": [[1, 2]')),
    (400, post(INFER, b"{")),
    (400, post(PREDICT, b'{"instances": [[1, 2], [3]]}')),
    (400, post(PREDICT, b'{"instances": [["a", 2]]}')),
    (400, post(PREDICT, b'{"instances": [[NaN, 2]]}')),
    (404, post(b"/v1/models/nobody:predict")),
    (404, post(b"/v2/models/nobody/infer", TENSOR)),
    (404, post(b"/v1/models/toy/versions/9:predict")),
    (400, post(b"/v1/models/toy/versions/99999999999999999999:predict")),
    (400, post(b"/v1/models/toy/labels/nobody:predict")),
    (404, post(b"/v2/models/toy/versions/nobody/infer", TENSOR)),
    (400, post(PREDICT, BODY, b"X-Request-Timeout-Ms: soon")),
    (400, post(PREDICT, BODY, b"X-Request-Timeout-Ms: 0")),
    (200, post(PREDICT, BODY, b"X-Request-Timeout-Ms: 4000", b"X-Request-Id: mine")),
    (200, post(PREDICT, BODY, b"x-request-id: not mine, with a blank")),
    (200, post(PREDICT, BODY, b"X-Request-Id: a", b"X-Request-Id: b", b"X-Empty:")),
    (200, post(PREDICT, BODY, b"Accept-Encoding: gzip", b"Content-Type: application/json; charset=utf-8")),
    (200, post(PREDICT, MANY, b"Accept-Encoding: gzip, br")),
    (200, post(PREDICT, MANY, b"Accept-Encoding: deflate")),
    (200, post(PREDICT, MANY, b"Accept-Encoding: identity")),
]


def same(one: Answer, other: Answer, request: bytes) -> bool:
    """Whether two answers agree, but for ids that were made for them."""
    named = b"x-request-id: mine" in request.lower() or b"x-request-id: a" in request.lower()
    return one == other if named else one.without_id() == other.without_id()


async def both(served: Served, request: bytes, before: Callable[[], Any] = lambda: None) -> Answer:
    """The answer of both paths, which must be the same one; ``before`` is called once a path."""
    answers = []
    for direct in (True, False):
        async with wired(served, direct=direct) as wire:
            before()
            answers.append(await wire.ask(request))
            assert wire.kind.begun == direct, request
    assert same(answers[0], answers[1], request), (request, answers)
    return answers[0]


async def test_answers_are_the_same(served: Served) -> None:
    """Of every dialect, answers and faults have the same status, headers in the same order, and body."""
    served.runtime.repository.models["toy"].labels["stable"] = 1
    async with wired(served) as straight, wired(served, direct=False) as by_asgi:
        for number, (status, request) in enumerate(CALLS, 1):
            answer, other = await straight.ask(request), await by_asgi.ask(request)
            assert answer.status == status, (request, answer)
            assert same(answer, other, request), (request, answer, other)
            assert (straight.kind.begun, by_asgi.kind.begun) == (number, 0), request
    assert served.at_rest()


async def test_a_large_answer_is_compressed_elsewhere(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that another thread compresses is the same as well."""
    monkeypatch.setattr(compression, "INLINE_BYTES", 0)
    answer = await both(served, post(PREDICT, MANY, b"Accept-Encoding: gzip"))
    assert answer.headers[b"content-encoding"] == b"gzip"


async def test_bounds_are_the_same(make_served: Make) -> None:
    """A full queue, and too many requests in flight, refuse on both paths, and say when to come again."""
    served = await make_served(max_queue_rows=1, max_inflight_requests=3)
    gate = served.put_gate()
    async with wired(served) as wire:
        for number in (1, 2):
            _, writer = await wire.connect()
            writer.write(post())
            await until(lambda n=number: served.runtime.inflight == n)  # type: ignore[misc]
        full = await both(served, post())
        assert (full.status, full.headers[b"retry-after"]) == (503, b"1")
        served.runtime.inflight += 1
        crowded = await both(served, post(b"/v2/models/nobody/infer"))
        assert (crowded.status, b"in flight" in crowded.body) == (503, True)
        served.runtime.inflight -= 1
        gate.open()
        await until(served.at_rest)


async def test_late_answers_are_the_same(served: Served) -> None:
    """A call whose time is over while the engine is busy is a 504 on both paths."""
    gate = served.put_gate()
    late = await both(served, post(PREDICT, BODY, b"X-Request-Timeout-Ms: 1"))
    assert (late.status, b"deadline_exceeded" in late.body) == (504, True)
    gate.open()
    assert served.at_rest()


async def test_failures_of_the_engine_are_the_same(served: Served) -> None:
    """An engine that fails on a request gives a 500 on both paths, without its words."""
    served.put_gate(Poisoned()).open()
    failed = await both(served, post(PREDICT, b'{"instances": [[-99, 1]]}'))
    assert (failed.status, b"secret" in failed.body) == (500, False)


async def test_before_models_are_there(toy_home: Path) -> None:
    """While nobody knows yet what is stored, both paths ask the client to come again."""
    runtime = Runtime(Settings(), store.Home(toy_home))
    behind = AppDouble()
    served = Served(Front(runtime, TypedApis(behind, runtime, {})), runtime, behind)
    loading = await both(served, post())
    assert (loading.status, b"not_ready" in loading.body) == (503, True)


async def test_draining_ends_the_connection(served: Served) -> None:
    """A service that is going away says so in every answer, of both paths, and closes."""
    served.runtime.draining = True
    assert (await both(served, post())).headers[b"connection"] == b"close"
    async with wired(served) as wire:
        reader, writer = await wire.connect()
        writer.write(post())
        assert (await reader.read()).endswith(ANSWER)
    assert served.at_rest()


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
OTHERS: list[tuple[int, bytes]] = [
    (200, post().split(b"Content-Length")[0] + b"Transfer-Encoding: chunked" + END + CHUNKED),
    (200, post(PREDICT, BODY, b"Content-Encoding: identity")),
    (200, post(PREDICT, BODY, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c")),
    (200, post(PREDICT, BODY, b"Connection: close")),
    (200, post().replace(b"HTTP/1.1", b"HTTP/1.0")),
    (200, post(b"/v1/models/t%6fy:predict")),
    (200, post(PREDICT, BODY, *(b"X-%d: a" % i for i in range(62)))),
    (431, post(PREDICT, BODY, *(b"X-%d: a" % i for i in range(63)))),
    (431, post(PREDICT, BODY, b"X: " + b"a" * 5000)),
    (413, post(PREDICT, BODY + b" " * 2048)),
    (400, post(PREDICT, b"")),
    (400, post(b"/ask_toy", b"{}")),
    (400, get(PREDICT)),
    (400, post().replace(b"POST", b"PUT")),
    (405, get(INFER)),
    (200, get(b"/livez")),
    (403, post(b"/v2/repository/models/toy/load", b"{}")),
    (400, post(b"/v1/models/toy:nonsense")),
    (200, post(PREDICT, BODY, b"Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0")),
    (200, b"\r\n" + post()),
]


async def test_what_is_not_plain_goes_the_other_way(make_served: Make) -> None:
    """Heads that are not plain calls, or over a limit, are answered by the front, and as without the direct path."""
    served = await make_served(max_headers_bytes=4096, max_body_bytes=2048)
    plain = {6, len(OTHERS) - 1}  # as many headers as may be; empty lines before a request
    async with wired(served) as straight, wired(served, direct=False) as by_asgi:
        for number, (status, request) in enumerate(OTHERS):
            before = straight.kind.begun
            answer, other = await straight.ask(request), await by_asgi.ask(request)
            assert answer.status == status, (request, answer)
            assert answer.without_id()[0::2] == other.without_id()[0::2], (request, answer, other)
            assert straight.kind.begun - before == (number in plain), request
    assert served.at_rest()


@pytest.mark.parametrize("media", [b"text/csv", b"application/x-ndjson"])
async def test_streams_go_the_other_way(served: Served, media: bytes) -> None:
    """A body of lines is answered as a stream."""
    body = b"size,colour\n1,red\n" if media == b"text/csv" else b'{"size": 1, "colour": "red"}\n'
    async with wired(served) as wire:
        reader, writer = await wire.connect()
        writer.write(post(PREDICT, body, b"Content-Type: " + media))
        head = await reader.readuntil(END)
        assert (head.split()[1], b"content-type: " + media in head, wire.kind.begun) == (b"200", True, 0)


async def test_a_client_that_waits_to_be_asked_is_asked(served: Served) -> None:
    """A body that is announced with Expect is asked for."""
    async with wired(served) as wire:
        reader, writer = await wire.connect()
        writer.write(post(PREDICT, BODY, b"Expect: 100-continue").removesuffix(BODY))
        assert (await reader.readuntil(END)).startswith(b"HTTP/1.1 100 ")
        writer.write(BODY)
        assert (await reader.readuntil(END)).startswith(b"HTTP/1.1 200 ")
        assert wire.kind.begun == 0
