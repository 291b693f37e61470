"""Typed calls are checked before BentoML sees them, and their faults are carried past it."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from service.errors import DeadlineExceeded, InferenceFailed, Overloaded
from service.front import Front
from service.typed import FAULT, TypedApis
from tests.raw_asgi import Call, ask
from tests.service.conftest import Served

JSON = (b"content-type", b"application/json")
SOUND = b'{"size": 2.5, "colour": "green"}'


@pytest.mark.parametrize(
    "kind",
    [
        "application/vnd.bentoml+pickle",
        "application/x-pickle",
        "application/python-pickle",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/vnd.bentoml.stream+arrow",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/json+pickle",
        "",
        "; charset=utf-8",
    ],
)
async def test_only_json_is_taken(served: Served, kind: str) -> None:
    """Any other media type is 415, pickle in every spelling among them, and BentoML never sees the body."""
    body = b"cposix\nsystem\n(S'touch /tmp/pwned'\ntR."
    for sent in (body, SOUND):
        answer = await ask(served.front, "POST", "/ask_toy", sent, [(b"content-type", kind.encode())])
        assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert served.behind.paths == []


@pytest.mark.parametrize("kind", [None, b"application/json", b"Application/JSON; charset=utf-8", b" application/json "])
async def test_json_is_taken(served: Served, kind: bytes | None) -> None:
    """JSON passes in every spelling of its media type, and without one."""
    answer = await ask(served.front, "POST", "/ask_toy", SOUND, [] if kind is None else [(b"content-type", kind)])
    assert (answer.status, answer.body) == (200, b"from behind")
    assert served.behind.bodies == [SOUND]


REFUSED: list[tuple[bytes, str, str]] = [
    (b"", "malformed_json", ""),
    (b"{", "malformed_json", ""),
    (b"[]", "malformed_request", "Received a list"),
    (b'{"si\\u0000ze": 1}', "unknown_field", "size"),
    (b"null", "malformed_request", "Received null"),
    (b'"size"', "malformed_request", "Received the string"),
    (b"{}", "missing_field", "at body.size"),
    (b'{"size": 1, "size": 2}', "malformed_request", "a field twice"),
    (b'{"size": 1, "weight": 2}', "unknown_field", "at body.weight"),
    (b'{"size": "1"}', "wrong_type", "at body.size"),
    (b'{"size": true}', "wrong_type", "at body.size"),
    (b'{"size": null}', "missing_field", "at body.size"),
    (b'{"size": 1e3}', "out_of_range", "at body.size"),
    (b'{"size": 1, "colour": "pink"}', "unknown_category", "at body.colour"),
    (b'{"size": NaN}', "malformed_json", ""),
    (b"\xef\xbb\xbf" + SOUND, "malformed_json", ""),
    (b'{"size": ' + b"[" * 5000 + b"]" * 5000 + b"}", "malformed_json", ""),
]


@pytest.mark.parametrize(
    ("body", "code", "place"), REFUSED, ids=[f"{code}-{i}" for i, (_, code, _) in enumerate(REFUSED)]
)
async def test_a_body_that_does_not_fit_is_refused_in_our_words(
    served: Served, body: bytes, code: str, place: str
) -> None:
    """What is wrong is named with its place, as in every dialect, before BentoML sees it."""
    answer = await ask(served.front, "POST", "/ask_toy", body, [JSON])
    assert (answer.status, answer.code) == (400, code)
    assert place in answer.json["error"]
    assert served.behind.paths == []


async def test_null_stands_for_a_field_that_is_left_out(served: Served) -> None:
    """A field with a default may be null, as generated clients send it."""
    answer = await ask(served.front, "POST", "/ask_toy", b'{"size": 1, "colour": null}', [JSON])
    assert answer.status == 200


async def test_a_model_that_is_not_served_is_404(served: Served) -> None:
    """A typed route whose model is not in the store is not found, and says how the model is made."""
    answer = await ask(served.front, "POST", "/ask_nobody", SOUND, [JSON])
    assert (answer.status, answer.code) == (404, "not_found")
    assert "make train NAME=nobody" in answer.json["error"]
    assert served.behind.paths == []


async def test_what_is_passed_on_is_plain(served: Served) -> None:
    """Behind the front a compressed body is plain, with its own length, and the connection's end is heard."""
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(headers=scope["headers"], body=await receive(), end=await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    front = Front(served.runtime, TypedApis(app, served.runtime, {"/ask_toy": "toy"}))
    packed = gzip.compress(SOUND)
    headers = [JSON, (b"content-encoding", b"gzip"), (b"content-length", b"%d" % len(packed)), (b"x-mine", b"1")]
    call = Call(front, "POST", "/ask_toy", packed, headers)
    call.disconnect()
    await call.answer()
    assert seen["body"] == {"type": "http.request", "body": SOUND, "more_body": False}
    assert seen["end"] == {"type": "http.disconnect"}
    assert seen["headers"] == [JSON, (b"x-mine", b"1"), (b"content-length", b"%d" % len(SOUND))]


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503])
async def test_a_refusal_of_bentoml_is_hidden(served: Served, status: int) -> None:
    """What BentoML refuses on a typed route, which was checked already, is a defect: 500 in our form."""
    served.behind.status = status
    answer = await ask(served.front, "POST", "/ask_toy", SOUND, [JSON])
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"from behind" not in answer.body


async def test_a_missing_asset_is_our_404(served: Served) -> None:
    """What BentoML does not find is answered in the one form of error."""
    served.behind.status = 404
    answer = await ask(served.front, "GET", "/static_content/none.js")
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "fault", [DeadlineExceeded("Late."), Overloaded("Full."), InferenceFailed("Failed.")], ids=repr
)
async def test_a_fault_of_the_api_is_carried_past_bentoml(served: Served, fault: Exception) -> None:
    """The fault that a typed API leaves is answered with its own status, word and headers."""
    served.behind.status = 500
    served.behind.fault = lambda: FAULT.get().append(fault)  # type: ignore[arg-type]
    answer = await ask(served.front, "POST", "/ask_toy", SOUND, [JSON])
    assert (answer.status, answer.code) == (fault.status, fault.code)  # type: ignore[attr-defined]
    assert (answer.header("retry-after") is not None) == (answer.status == 503)


async def test_faults_of_concurrent_calls_are_kept_apart(served: Served) -> None:
    """Each of many concurrent calls gets its own fault, or its own answer."""
    together = asyncio.Barrier(40)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        size = json.loads((await receive())["body"])["size"]
        await together.wait()
        if size % 2:
            FAULT.get().append(Overloaded(f"fault {size}"))
        await together.wait()
        await send({"type": "http.response.start", "status": 500 if size % 2 else 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % size})

    front = Front(served.runtime, TypedApis(app, served.runtime, {"/ask_toy": "toy"}))
    answers = await asyncio.gather(*(ask(front, "POST", "/ask_toy", b'{"size": %d}' % i, [JSON]) for i in range(40)))
    for i, answer in enumerate(answers):
        if i % 2:
            assert (answer.status, answer.json["error"]) == (503, f"fault {i}")
        else:
            assert (answer.status, answer.body) == (200, b"%d" % i)


async def test_a_client_that_leaves_a_typed_call(served: Served) -> None:
    """A client that leaves before its body is whole never reaches BentoML."""
    call = Call(served.front, "POST", "/ask_toy", None, [JSON])
    call.feed(SOUND[:4])
    call.disconnect()
    assert (await call.answer()).heads == 0
    assert served.behind.paths == []
    assert served.at_rest()


def test_the_allow_list() -> None:
    """Only the docs page, its schemas and assets, and the typed routes have methods."""
    subject = TypedApis(None, None, {"/ask_toy": "toy"})  # type: ignore[arg-type]
    for path in ("/", "/docs.json", "/schema.json", "/static_content/a/b.css"):
        assert subject.methods(path) == ("GET", "HEAD")
    assert subject.methods("/ask_toy") == ("POST",)
    assert subject.model("/ask_toy") == "toy"
    for path in ("/ask_toy/", "/ask", "/static_content", "/static_content/../x", "/metrics", "/__is_ready", ""):
        assert subject.methods(path) == ()
        assert subject.model(path) == ""


@pytest.mark.parametrize("value", [b"0", b"-1", b"soon"])
async def test_a_bad_timeout_is_refused(served: Served, value: bytes) -> None:
    """The header that shortens the deadline holds for typed calls as well, and so does its check."""
    answer = await ask(served.front, "POST", "/ask_toy", SOUND, [JSON, (b"x-request-timeout-ms", value)])
    assert (answer.status, answer.code) == (400, "malformed_request")
    assert served.behind.paths == []
