"""Whole answers, asked before and after a server is measured, and held against the stored ones number by number."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from urllib.parse import urlsplit

from loadtests.benchmark.bodies import HEADER_LENGTH, Requests, check
from loadtests.errors import BenchmarkError, RequestRefused
from loadtests.examples import Examples

ANSWER_S = 60


def ask(url: str, paths: Sequence[str], requests: Requests, examples: Examples | None) -> list[bytes]:
    """Send every body once, to each path in turn.

    Args:
        url: ``http://HOST:PORT``.
        paths: One a model, all of the same content.
        requests: What is sent.
        examples: With the stored answers; None for a floor, which answers without a model.

    Returns:
        The bodies of the answers.

    Raises:
        RequestRefused: A status other than 200.
        WrongAnswer: Other numbers than the stored ones.
        BenchmarkError: No answer came.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_S)
    answers = []
    try:
        for number in range(max(len(requests.bodies), len(paths))):
            body, path = number % len(requests.bodies), paths[number % len(paths)]
            connection.request("POST", path, requests.bodies[body], dict(requests.headers))
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200:
                raise RequestRefused.at(f"status 200 from {path}", f"{response.status}: {answer[:150]!r}")
            if examples is not None:
                length = response.headers.get(HEADER_LENGTH)
                check(requests, body, answer, int(length or len(answer)), examples)
            answers.append(answer)
    except (OSError, http.client.HTTPException) as error:
        raise BenchmarkError(f"Expected an answer from {url}. Received {type(error).__name__}: {error}") from None
    finally:
        connection.close()
    return answers
