"""BentoML's own client, for the typed APIs.

python -m tests.conformance.clients.bento --url http://HOST:PORT
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

import bentoml
from bentoml.exceptions import BentoMLException

from tests.conformance.cases.rows import BAR, FLIGHT_RECORDS, XOR_RECORDS
from tests.conformance.clients import checks
from tests.conformance.clients.checks import about
from tests.conformance.expectation import Known, mismatch
from tests.conformance.target import Target


def customers(client: Any, target: Target) -> None:
    """A customer is answered as by a record."""
    for row, record in enumerate(XOR_RECORDS):
        answer = client.loyal_customer(**record)
        assert not (fault := mismatch(Known("xor", (row,), "record"), answer, target)), fault


@about("flights")
def flights(client: Any, target: Target) -> None:
    """A flight is answered as by a record."""
    for row, record in enumerate(FLIGHT_RECORDS):
        answer = client.predict_flight(**record)
        assert not (fault := mismatch(Known("flights", (row,), "record"), answer, target)), fault


@about("mnist")
def digits(client: Any, target: Target) -> None:
    """A picture is answered as by a record."""
    answer = client.classify_digit(image=BAR)
    assert not (fault := mismatch(Known("mnist", (0,), "record"), answer, target)), fault


async def errors(client: Any, target: Target) -> None:
    """What is wrong raises, with the server's sentence and code word."""
    error = await checks.raised(BentoMLException, client.loyal_customer, young=0, high_income=7)
    assert json.loads(str(error))["code"] == "out_of_range", error


async def asynchronous(client: Any, target: Target) -> None:
    """The asynchronous client gets the same."""
    async with bentoml.AsyncHTTPClient(target.url) as other:
        answer = await other.loyal_customer(**XOR_RECORDS[1])
        assert not (fault := mismatch(Known("xor", (1,), "record"), answer, target)), fault


CHECKS: list[Callable[..., Any]] = [customers, flights, digits, errors, asynchronous]


async def main(given: argparse.Namespace, target: Target) -> None:
    """Ask with the synchronous client, and once with the other."""
    version = checks.version_of("bentoml")
    if target.ask("POST", "/loyal_customer", b"{}", {"Content-Type": "application/json"}).status == 404:
        checks.announce("bentoml.SyncHTTPClient", version, "the server has no typed APIs")
        return
    checks.announce("bentoml.SyncHTTPClient", version)
    with bentoml.SyncHTTPClient(target.url) as client:
        await checks.run(CHECKS, target, client, target)


if __name__ == "__main__":
    checks.start(main)
