"""What tutorials on TensorFlow Serving do with `requests`: a string of JSON, posted.

python -m tests.conformance.clients.requests --url http://HOST:PORT
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import requests

from tests.conformance.cases.rows import DEEP, IMAGES, WIDE, XOR, XOR_RECORDS
from tests.conformance.clients import checks
from tests.conformance.clients.checks import about
from tests.conformance.expectation import Known, mismatch
from tests.conformance.target import Target


def fits(expected: Any, received: Any, target: Target) -> None:
    """Hold an answer to what was expected."""
    assert not (fault := mismatch(expected, received, target)), fault


@about("mnist")
def rows(session: Any, target: Target) -> None:
    """A string of JSON, without any content type."""
    data = json.dumps({"signature_name": "serving_default", "instances": IMAGES})
    answer = session.post(f"{target.url}/v1/models/mnist:predict", data=data)
    answer.raise_for_status()
    fits(Known("mnist", (0, 1)), json.loads(answer.text)["predictions"], target)


def with_headers(session: Any, target: Target) -> None:
    """The content type that the tutorials send."""
    data, headers = json.dumps({"instances": XOR}), {"content-type": "application/json"}
    answer = session.post(
        f"{target.url}/v1/models/xor/versions/{target.text('$XOR')}:predict", data=data, headers=headers
    )
    fits({"predictions": Known("xor", range(4))}, answer.json(), target)


@about("flights")
def by_json(session: Any, target: Target) -> None:
    """Columns, by `json=`."""
    answer = session.post(f"{target.url}/v1/models/flights:predict", json={"inputs": {"wide": WIDE, "deep": DEEP}})
    fits({"outputs": Known("flights", (0, 1), "columns")}, answer.json(), target)


def zipped(session: Any, target: Target) -> None:
    """A body in gzip."""
    data = gzip.compress(json.dumps({"instances": XOR}).encode())
    answer = session.post(f"{target.url}/v1/models/xor:predict", data=data, headers={"Content-Encoding": "gzip"})
    fits({"predictions": Known("xor", range(4))}, answer.json(), target)


def status(session: Any, target: Target) -> None:
    """Status and metadata."""
    page = session.get(f"{target.url}/v1/models/xor").json()
    assert any(one["state"] == "AVAILABLE" for one in page["model_version_status"])
    page = session.get(f"{target.url}/v1/models/xor/metadata").json()
    assert page["metadata"]["signature_def"]["signature_def"]["serving_default"]["inputs"]["features"]


def errors(session: Any, target: Target) -> None:
    """What is wrong is a status and a sentence."""
    answer = session.post(f"{target.url}/v1/models/xor:predict", json={"rows": XOR})
    assert answer.status_code == 400
    checks.contains(answer.json()["error"], "Missing 'inputs' or 'instances' key")


def streamed(session: Any, target: Target) -> None:
    """A stream from a generator, its answers read line by line."""

    def lines() -> Iterator[bytes]:
        for record in XOR_RECORDS * 100:
            yield json.dumps(record).encode() + b"\n"

    headers = {"Content-Type": "application/x-ndjson"}
    with session.post(f"{target.url}/v1/models/xor:predict", data=lines(), headers=headers, stream=True) as answer:
        received = [json.loads(line) for line in answer.iter_lines()]
    fits(Known("xor", [*range(4)] * 100, "records"), received, target)


CHECKS: list[Callable[..., Any]] = [rows, with_headers, by_json, zipped, status, errors, streamed]


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask in one session."""
    checks.announce("requests", checks.version_of("requests"))
    with requests.Session() as session:
        await checks.run(CHECKS, target, session, target)


if __name__ == "__main__":
    checks.start(main)
