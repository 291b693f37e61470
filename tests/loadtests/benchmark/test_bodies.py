"""Requests in each dialect."""

from __future__ import annotations

import json

import pytest

from loadtests.benchmark.bodies import HEADER_LENGTH, check, write
from loadtests.errors import WrongAnswer
from loadtests.examples import Examples
from tests.loadtests.benchmark.standin import answer

DIALECTS = ("predict-json", "v2-json", "v2-binary")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("rows", [1, 64])
def test_right_answers_pass_and_wrong_ones_do_not(sums: Examples, dialect: str, rows: int) -> None:
    """Each body has the rows that it says, so that the model's own answer fits, and any other does not."""
    requests = write(dialect, sums, rows)
    head_bytes = int(requests.headers[HEADER_LENGTH]) if HEADER_LENGTH in requests.headers else None
    for number, body in enumerate(requests.bodies):
        right, headers = answer("", head_bytes, body, 0.0)
        check(requests, number, right, int(headers.get(HEADER_LENGTH, len(right))), sums)
        wrong, headers = answer("", head_bytes, body, 0.01)
        with pytest.raises(WrongAnswer, match=r"Expected total\[0\]"):
            check(requests, number, wrong, int(headers.get(HEADER_LENGTH, len(wrong))), sums)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_bodies_differ(sums: Examples, dialect: str) -> None:
    """A server that remembers its last answer gets no easier work: at least as many bodies as there are examples."""
    assert len(set(write(dialect, sums, 1).bodies)) == sums.count
    assert len(set(write(dialect, sums, 64).bodies)) > 1


def test_every_writing_is_the_same(sums: Examples) -> None:
    """All servers of a dialect get the very same bytes."""
    assert write("v2-binary", sums, 8).bodies == write("v2-binary", sums, 8).bodies


def test_a_list_of_predictions_needs_no_name(sums: Examples) -> None:
    """Some servers answer with the bare list; its numbers are checked like any others."""
    requests = write("predict-json", sums, 8)
    right, _ = answer("", None, requests.bodies[0], 0.0)
    bare = json.dumps(json.loads(right)["predictions"]).encode()
    check(requests, 0, bare, len(bare), sums)
    with pytest.raises(WrongAnswer):
        check(requests, 1, bare, len(bare), sums)


@pytest.mark.parametrize("text", [b"", b"[1]", b'{"outputs": [{"name": "total", "shape": [1, 1], "data": [1, 2]}]}'])
def test_what_is_no_answer_is_wrong(sums: Examples, text: bytes) -> None:
    """Anything but an object of outputs is a wrong answer, not a crash."""
    with pytest.raises(WrongAnswer):
        check(write("v2-json", sums, 1), 0, text, len(text), sums)


def test_json_requests_are_the_protocol_s(sums: Examples) -> None:
    """Names, shape and datatype are as the protocol wants them."""
    (tensor,) = json.loads(write("v2-json", sums, 8).bodies[0])["inputs"]
    assert (tensor["name"], tensor["shape"], tensor["datatype"], len(tensor["data"])) == ("x", [8, 2], "FP32", 16)
