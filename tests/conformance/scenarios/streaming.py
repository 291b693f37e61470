"""Streams: answers come while the body is still being sent."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from tests.conformance.cases.rows import XOR, XOR_RECORDS
from tests.conformance.expectation import Known, mismatch
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import TIMEOUT_S, Target

PATH = "/v1/models/xor:predict"
LINES = [(json.dumps(record) + "\n").encode() for record in XOR_RECORDS]


def chunks_in_any_place(target: Target) -> None:
    """Lines may be cut anywhere by the chunks of the body."""
    body = b"".join(LINES) * 25
    reply = target.ask(
        "POST",
        PATH,
        (body[at : at + 7] for at in range(0, len(body), 7)),
        {"Content-Type": "application/x-ndjson"},
    )
    received = [json.loads(line) for line in reply.body.splitlines()]
    assert not (fault := mismatch(Known("xor", [*range(4)] * 25, "records"), received, target)), fault


def json_in_chunks(target: Target) -> None:
    """A plain JSON body may come in chunks too, without a length."""
    body = json.dumps({"instances": XOR}).encode()
    reply = target.ask("POST", PATH, (body[at : at + 5] for at in range(0, len(body), 5)))
    assert not (fault := mismatch({"predictions": Known("xor", range(4))}, reply.json(), target)), fault


def answers_before_the_end(target: Target) -> None:
    """The first answers are there while the client keeps the body open."""
    parts = urlsplit(target.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_S)
    connection.putrequest("POST", parts.path.rstrip("/") + PATH)
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    try:
        for record in range(2):
            line = LINES[record]
            connection.send(b"%x\r\n%b\r\n" % (len(line), line))
            if record == 0:
                response = connection.getresponse()
            received = json.loads(response.readline())
            assert not (fault := mismatch(Known("xor", (record,), "record"), received, target)), fault
        connection.send(b"0\r\n\r\n")
        assert response.read() == b"", "expected nothing behind the last answer"
    finally:
        connection.close()


SCENARIOS = [
    Scenario("JSON lines cut anywhere by chunks", chunks_in_any_place),
    Scenario("a JSON body in chunks", json_in_chunks),
    Scenario("answers of a stream before its body ends", answers_before_the_end),
]
