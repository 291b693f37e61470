"""What all paths of a call share: its id, its deadline, and its bytes in both directions."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import calls
from service.errors import MalformedRequest
from service.request import Answer
from service.routing import CALLS, Route
from tests.service.conftest import Served
from tests.toy_engines import answers, rows

TENSOR = b'{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 1]}'
PREDICT = Route("tfserving", "predict", "toy")


@given(st.binary(max_size=140))
def test_an_id_is_safe_in_a_header_and_a_log(given_id: bytes) -> None:
    """Whatever a client gives, an id is a word of at most 128 plain characters: its own if that is one."""
    found = calls.request_id({b"x-request-id": given_id})
    assert found == given_id or calls.REQUEST_ID.fullmatch(given_id) is None
    assert calls.REQUEST_ID.fullmatch(found)


def test_ids_that_are_made_differ() -> None:
    """Calls that bring no id get one each."""
    assert len({calls.request_id({}) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(("given_ms", "expected_s"), [(b"200", 0.2), (b"000200", 0.2), (b"4000", 1), (b"9" * 99, 1)])
async def test_a_client_shortens_its_deadline_only(make_served: object, given_ms: bytes, expected_s: float) -> None:
    """The header counts from now, up to the limit of the settings."""
    served: Served = await make_served(request_timeout_ms=1000)  # type: ignore[operator]
    now = asyncio.get_running_loop().time()
    found = calls.deadline(served.runtime, {b"x-request-timeout-ms": given_ms})
    assert now + expected_s <= found <= asyncio.get_running_loop().time() + expected_s


@pytest.mark.parametrize("given_ms", [b"", b"0", b"00", b"-1", b"1.5", b"1 0", b"soon", "²".encode()])
async def test_a_deadline_that_is_none(served: Served, given_ms: bytes) -> None:
    """What is no whole number of milliseconds from 1 is refused."""
    with pytest.raises(MalformedRequest, match="whole number of milliseconds"):
        calls.deadline(served.runtime, {b"x-request-timeout-ms": given_ms})


@pytest.mark.parametrize(
    ("parameters", "late_s"),
    [(b"", 3), (b', "parameters": {"timeout": 2000000}', 2), (b', "parameters": {"timeout": 4000000}', 3)],
)
async def test_the_body_shortens_the_deadline_only(served: Served, parameters: bytes, late_s: float) -> None:
    """Of the deadlines of head and body, the earlier holds."""
    now = asyncio.get_running_loop().time()
    body = b'{"inputs": [%b]%b}' % (TENSOR, parameters)
    request = calls.decode(served.runtime, Route("openinference", "infer", "toy"), served.version, body, {}, now + 3)
    assert now + late_s <= request.deadline <= min(now + 3, asyncio.get_running_loop().time() + late_s)


async def test_every_call_has_its_words(served: Served) -> None:
    """Each action that computes is read and written by a protocol; the answer says which version gave it."""
    assert calls.PROTOCOLS.keys() == CALLS
    request = calls.decode(served.runtime, PREDICT, served.version, b'{"instances": [[1, 1]]}', {}, 9.0)
    assert (request.deadline, request.inputs["x"].tolist()) == (9.0, [[1, 1]])
    answer = calls.encode(PREDICT, served.version, request, answers(rows(1)))
    expected = b'{"predictions":[{"double":[2.0,2.0],"total":[2.0]}]}'
    assert answer == Answer(expected, headers=((b"x-model-version", b"1"),))


async def test_headers_of_a_dialect_stand_before_the_version(served: Served) -> None:
    """What a protocol says in headers is kept."""
    body = b'{"inputs": [%b], "parameters": {"binary_data_output": true}}' % TENSOR
    found = Route("openinference", "infer", "toy")
    request = calls.decode(served.runtime, found, served.version, body, {}, 9.0)
    names = [name for name, _ in calls.encode(found, served.version, request, answers(rows(1))).headers]
    assert names == [b"inference-header-content-length", b"x-model-version"]
