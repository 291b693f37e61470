"""Rows of any number are answered line by line, in order, while they come."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.errors import MalformedRequest, Unsupported, UnsupportedMediaType
from service.protocols.media_types import MediaType
from service.streaming import media_type
from tests import toy
from tests.raw_asgi import ask
from tests.service.conftest import Served
from tests.service.stream_call import CSV, NDJSON, StreamCall, streamed

Make = Callable[..., Any]
PREDICT = "/v1/models/toy:predict"
HEAD = "total,large,error"


def table(*sizes: float, colour: str = "blue") -> bytes:
    """A body of CSV, one row a size."""
    return b"size,colour\n" + b"".join(f"{size},{colour}\n".encode() for size in sizes)


def json_lines(*sizes: float) -> bytes:
    """The same rows as lines of JSON."""
    return b"".join(json.dumps({"size": size, "colour": "blue"}).encode() + b"\n" for size in sizes)


@pytest.mark.parametrize("rows", [1, 3, 700])
async def test_rows_are_answered_as_records_are(served: Served, rows: int) -> None:
    """In each form, a row gets what the same record gets; the version is named; the front hands streams on."""
    sizes = [size / 8 for size in range(rows)]
    records = [{"size": size, "colour": "blue"} for size in sizes]
    expected: list[Any] = []
    for at in range(0, rows, 1000):
        body = json.dumps({"records": records[at : at + 1000]}).encode()
        expected += (await ask(served.front, "POST", PREDICT, body)).json["predictions"]
    assert await streamed(served, json_lines(*sizes), NDJSON) == expected
    lines = [f"{row['total']},{json.dumps(row['large'])}," for row in expected]
    assert await streamed(served, table(*sizes)) == [HEAD, *lines]
    assert await streamed(served, table(*sizes), accept=NDJSON) == expected
    assert await streamed(served, json_lines(*sizes), NDJSON, accept=CSV) == [HEAD, *lines]
    answer = await ask(served.front, "POST", PREDICT, table(*sizes), [(b"content-type", b"text/csv; charset=utf-8")])
    assert (answer.status, answer.body.decode().splitlines()) == (200, [HEAD, *lines])
    assert answer.header("content-type") == b"text/csv; charset=utf-8"
    assert answer.header("x-model-version") == b"1"
    assert served.at_rest()


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
@pytest.mark.parametrize("encoding", [b"identity", b"gzip"])
async def test_answers_do_not_depend_on_how_a_body_arrives(make_served: Make, size: int, encoding: bytes) -> None:
    """Parts and chunks of any size, inflated or not, give the same answer, bad lines included."""
    served: Served = await make_served(stream_chunk_rows=3, max_line_bytes=256)
    body = table(1, 2) + b"bad,blue\r\n\n" + b'"3","blue"\n' + b"x" * 400 + b"\n4,pink\n5,"
    expected = await streamed(served, body)
    assert [line.split(",")[0] for line in expected] == ["total", "3.0", "4.0", "", "5.0", "", "", "5.0"]
    wire = gzip.compress(body) if encoding == b"gzip" else body
    call = StreamCall(served, None, content_encoding=encoding)
    for at in range(0, len(wire), size):
        call.feed(wire[at : at + size])
    call.feed(b"", more=False)
    assert await call.end() == expected


async def test_answers_come_while_the_body_goes_on(served: Served) -> None:
    """Every line is answered before the next is sent."""
    call = StreamCall(served, None)
    call.feed(b"size\n")
    for number in range(1, 5):
        call.feed(f"{number}\n".encode())
        assert (await call.answered(number + 1))[-1] == f"{float(number)},false,"
    call.feed(b"", more=False)
    assert len(await call.end()) == 5


async def test_a_bad_line_is_a_line_and_the_rest_goes_on(served: Served) -> None:
    """Lines at fault say why, with code and number; the others are answered, and all are counted."""
    body = b'{"size":1}\n\n{"size":"x"}\n[]\n{"size":1,"size":2}\nno json\n{"size":2}'
    answers = await streamed(served, body, NDJSON)
    assert [answer.get("total") for answer in answers] == [1, None, None, None, None, 2]
    assert [(answer["line"], answer["code"]) for answer in answers[1:-1]] == [
        (3, "wrong_type"),
        (4, "wrong_type"),
        (5, "malformed_request"),
        (6, "malformed_json"),
    ]
    assert answers[1]["error"].endswith('Received the string "x" at line 3: size.')
    rows = list(csv.DictReader(await streamed(served, b"colour,size\nblue,1\npink,2\nblue\nblue,3\n")))
    assert [row["total"] for row in rows] == ["3.0", "", "", "5.0"]
    assert rows[1]["error"].endswith('Received "pink" at line 3: colour.')
    assert rows[2]["error"] == "Expected 2 cells. Received 1 at line 4."
    counter = served.runtime.metrics["keras_serve_stream_lines_total"]
    counted = [counter.labels("toy", outcome)._value.get() for outcome in ("ok", "failed")]
    assert counted == [4, 6]


async def test_a_head_alone_has_no_answers(served: Served) -> None:
    """No rows are no fault: the answer is as empty as the body."""
    assert await streamed(served, b"size\n") == [HEAD]
    assert await streamed(served, b"", NDJSON) == []


@pytest.mark.parametrize("body", [b"", b"colour\nblue\n", b"size,shoe\n1,2\n", b"size,size\n", b"\xff\xfe\n"])
async def test_a_bad_head_is_an_ordinary_error(served: Served, body: bytes) -> None:
    """What is wrong with the head is answered with its status, before anything of a stream is."""
    answer = await ask(served.front, "POST", PREDICT, body, [(b"content-type", CSV)])
    assert answer.status == 400
    assert answer.code in ("malformed_request", "missing_field", "unknown_field")
    assert served.at_rest()


@pytest.mark.parametrize(
    ("content_type", "headers", "error"),
    [
        (b"text/csv; charset=latin-1", {}, UnsupportedMediaType),
        (CSV, {"content_encoding": b"br"}, UnsupportedMediaType),
        (CSV, {"x_request_timeout_ms": b"soon"}, MalformedRequest),
    ],
)
async def test_bad_headers_are_ordinary_errors(
    served: Served, content_type: bytes, headers: dict[str, bytes], error: type[Exception]
) -> None:
    """What cannot be read, or cannot be meant, is refused before the stream."""
    call = StreamCall(served, table(1), content_type, **headers)
    with pytest.raises(error):
        await call.end()
    assert (call.head, call.body) == ({}, b"")


async def test_a_model_without_fields_streams_raw_tensors(make_served: Make, tmp_path: Path) -> None:
    """Inputs by name in, outputs by name out, in both forms."""
    toy.write(tmp_path, fields=False)
    served: Served = await make_served(home=tmp_path)
    assert await streamed(served, b"x[1],x[0]\n2,1\n") == ["double[0],double[1],total,error", "2.0,4.0,3.0,"]
    assert await streamed(served, b'{"x":[1,2]}\n{"x":[1]}', NDJSON) == [
        {"double": [2.0, 4.0], "total": [3.0]},
        {"error": "Expected shape [2]. Received [1] at line 2: x.", "code": "wrong_shape", "line": 2},
    ]


async def test_half_precision_is_no_text(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in JSON, FP16 tensors have no form in lines."""
    model = served.version.interface
    half = {"x": model.inputs["x"].model_copy(update={"dtype": "FP16"})}
    monkeypatch.setattr(model, "inputs", half)
    monkeypatch.setattr(model, "records", None)
    with pytest.raises(Unsupported, match="Half precision"):
        await streamed(served, b"x[0],x[1]\n1,2\n")


async def test_streams_do_not_mix(served: Served) -> None:
    """Many streams at once, in both forms, each get their own answers in their own order."""
    bodies = [[float(first + size) for size in range(-30, 30)] for first in range(20)]
    calls = [StreamCall(served, json_lines(*sizes), NDJSON, accept=NDJSON) for sizes in bodies]
    answers = await asyncio.gather(*(call.end() for call in calls))
    assert [[row["total"] for row in rows] for rows in answers] == [[size + 2 for size in sizes] for sizes in bodies]
    assert served.at_rest()


def test_media_types_are_told() -> None:
    """The front asks here which bodies are streams."""
    assert media_type({b"content-type": CSV}) is MediaType.CSV
    assert media_type({b"content-type": b"application/json"}) is None
