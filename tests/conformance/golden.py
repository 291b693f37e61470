"""Sends the golden cases, and says what came of them."""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.conformance.case import ABSENT, Case, Reply, strict_json
from tests.conformance.expectation import TEXT, Has, mismatch
from tests.conformance.outcome import Outcome
from tests.conformance.target import Target

HEADER_LENGTH = "inference-header-content-length"
FORMATS = {"FP32": "f", "FP64": "d", "UINT8": "B", "INT64": "q", "INT32": "i", "BOOL": "?"}


def run(case: Case, target: Target) -> Outcome:
    """Ask one case of a server."""
    reason = target.lacks(case.model, case.needs)
    if reason:
        return Outcome(case.name, skipped=reason)
    headers = {name: value.replace("$KEY", target.key) for name, value in case.headers.items()}
    reply = target.ask(case.verb, target.text(case.path), case.content, headers)
    return Outcome(case.name, fault=next((fault for fault in faults(case, reply, target) if fault), ""))


def faults(case: Case, reply: Reply, target: Target) -> Iterator[str]:
    """Everything that is wrong with a reply, the plainest first."""
    if reply.status != case.status:
        yield f"expected status {case.status}, received {reply.status}: {reply.body[:300]!r}"
    yield from _heads(case, reply, target)
    yield from _errors(case, reply, target)
    if case.tensors:
        yield from _binary(case, reply, target)
    elif case.answer is not ABSENT:
        yield mismatch(case.answer, _parsed(reply.body), target)
    if case.lines is not ABSENT:
        yield mismatch(case.lines, [_parsed(line) for line in reply.body.splitlines()], target)
    if case.table is not ABSENT:
        yield mismatch(case.table, _table(reply.body.decode()), target)
    if case.text and target.text(case.text) not in reply.body.decode():
        yield f"expected the text {case.text!r}, received {reply.body[:300]!r}"


def _heads(case: Case, reply: Reply, target: Target) -> Iterator[str]:
    if "x-request-id" not in reply.headers:
        yield "expected the header X-Request-Id"
    for name, expected in case.head.items():
        received = reply.headers.get(name)
        if expected is ABSENT:
            if received is not None:
                yield f"expected no header {name}, received {received!r}"
        elif fault := mismatch(expected, received, target, f"header {name}"):
            yield fault


def _errors(case: Case, reply: Reply, target: Target) -> Iterator[str]:
    """KServe's client reads an error's sentence only if the content type is this one, to the letter."""
    if reply.status < 400 or not reply.body or case.verb == "HEAD" or case.answer is not ABSENT:
        return
    if reply.headers.get("content-type") != "application/json":
        yield f"expected an error as application/json, received {reply.headers.get('content-type')!r}"
    body = _parsed(reply.body)
    yield mismatch(Has({"error": TEXT, "code": TEXT}), body, target)
    if target.text(case.error) not in body["error"]:
        yield f"expected an error with {target.text(case.error)!r}, received {body['error']!r}"
    if case.code and case.code != body["code"]:
        yield f"expected the code {case.code}, received {body['code']}"


def _parsed(body: bytes) -> Any:
    """JSON, or the bytes themselves where they are none: no expectation fits those."""
    try:
        return strict_json(body)
    except ValueError:
        return body


def _table(text: str) -> list[list[Any]]:
    """CSV with its numbers as numbers."""

    def cell(value: str) -> Any:
        try:
            return strict_json(value)
        except ValueError:
            return value

    return [[cell(value) for value in row] for row in csv.reader(io.StringIO(text))]


def _binary(case: Case, reply: Reply, target: Target) -> Iterator[str]:
    """The JSON in front, then each binary output in the order of the list, and nothing behind."""
    length = int(reply.headers.get(HEADER_LENGTH, len(reply.body)))
    head, rest = _parsed(reply.body[:length]), reply.body[length:]
    if not isinstance(head, dict):
        yield f"expected JSON in front of the tensors, received {reply.body[:length]!r}"
        return
    values = {}
    for output in head.get("outputs", []):
        if "binary_data_size" in output.get("parameters", {}):
            size = output["parameters"]["binary_data_size"]
            kind = FORMATS[output["datatype"]]
            values[output["name"]] = list(struct.unpack(f"<{size // struct.calcsize(kind)}{kind}", rest[:size]))
            rest = rest[size:]
    yield mismatch(dict(case.tensors), values, target)
    if rest:
        yield f"expected nothing behind the tensors, received {len(rest)} bytes"
    if case.answer is not ABSENT:
        yield mismatch(case.answer, head, target)


def curl(case: Case, target: Target) -> str:
    """A command line that asks the same, for a report to a person."""
    parts = ["curl", "-i", "-X", case.verb, f"'{target.url}{target.text(case.path)}'"]
    parts += [f"-H '{name}: {value}'" for name, value in case.headers.items()]
    if case.content is not None:
        body = case.content
        parts.append(f"--data-binary {json.dumps(body.decode())}" if body.isascii() else f"# {len(body)} bytes")
    return " ".join(parts)
