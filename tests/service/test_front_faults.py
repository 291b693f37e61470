"""The n-th call of every step is made to fail: one request pays for it, and the service goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from service import calls, exchange, execution, front
from service.batching import Scheduler, Work
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.metrics import BatchMetrics
from tests.raw_asgi import Call, ask
from tests.service.conftest import Served

PREDICT = "/v1/models/toy:predict"
BODY = b'{"instances": [[1, 2]]}'
ANSWER = {"predictions": [{"double": [2.0, 4.0], "total": [3.0]}]}
REQUESTS = 6


class NthFails:
    """Stands in front of a function and fails in its n-th call, in a way of its own."""

    def __init__(self, function: Callable[..., Any], n: int, fault: Exception) -> None:
        self._function, self._left, self._fault = function, n, fault

    def __get__(self, instance: Any, owner: Any) -> Callable[..., Any]:
        return self if instance is None else lambda *given, **named: self(instance, *given, **named)

    def __call__(self, *given: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise self._fault
        return self._function(*given, **named)


STEPS: dict[str, tuple[Any, str]] = {
    "decode": (calls.tfserving, "decode"),
    "read": (exchange.Exchange, "read_body"),
    "find": (front, "find"),
    "submit": (Scheduler, "submit"),
    "join": (execution, "join"),
    "run": (OnnxRuntimeEngine, "run"),
    "check": (execution.Executor, "_checked"),
    "split": (Work, "answer"),
    "compute": (exchange.Exchange, "compute"),
    "encode": (calls.tfserving, "encode"),
}


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("fault", [RuntimeError("at /srv/secret"), MemoryError(), KeyError("secret")], ids=repr)
@pytest.mark.parametrize("step", STEPS)
async def test_one_failure_costs_one_answer(
    served: Served, monkeypatch: pytest.MonkeyPatch, step: str, n: int, fault: Exception
) -> None:
    """Of six requests in a row exactly one fails, as a 500 that says nothing; all counters return to zero."""
    owner, name = STEPS[step]
    monkeypatch.setattr(owner, name, NthFails(getattr(owner, name), n, fault))
    answers = [await ask(served.front, "POST", PREDICT, BODY) for _ in range(REQUESTS)]
    failed = [answer for answer in answers if answer.status != 200]
    assert [answer.status for answer in failed] == [500]
    assert failed[0].code in ("internal_error", "inference_failed")
    assert b"secret" not in failed[0].body
    assert all(answer.json == ANSWER for answer in answers if answer.status == 200)
    assert served.at_rest()


@pytest.mark.parametrize("step", ["join", "run", "check", "split"])
@pytest.mark.parametrize("n", [1, 2, 3])
async def test_one_failure_in_a_crowd_costs_at_most_one(
    served: Served, monkeypatch: pytest.MonkeyPatch, step: str, n: int
) -> None:
    """Of 40 concurrent requests no more than one fails when the engine's side fails once."""
    owner, name = STEPS[step]
    monkeypatch.setattr(owner, name, NthFails(getattr(owner, name), n, RuntimeError("once")))
    answers = await asyncio.gather(*(ask(served.front, "POST", PREDICT, BODY) for _ in range(40)))
    assert sum(answer.status != 200 for answer in answers) <= 1
    assert served.at_rest()


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", PREDICT, BODY), ("POST", PREDICT, b"{"), ("GET", "/livez", b"")]
)
async def test_an_answer_that_cannot_be_sent(served: Served, n: int, method: str, path: str, body: bytes) -> None:
    """When the n-th send fails the next request is answered and nothing is left in flight."""
    call = Call(served.front, method, path, body, fail_send=n)
    await asyncio.wait([call.task])
    call.task.exception()
    assert served.at_rest()
    answer = await ask(served.front, "POST", PREDICT, BODY)
    assert answer.json == ANSWER


async def test_a_broken_connection_sends_no_second_head(served: Served) -> None:
    """When the body cannot be sent, no second head follows the first."""
    call = Call(served.front, "POST", PREDICT, BODY, fail_send=2)
    await asyncio.wait([call.task])
    call.task.exception()
    assert call.heads == 1


async def test_a_receive_that_fails(served: Served) -> None:
    """A connection that fails while the body is read costs that request only."""

    async def receive() -> Any:
        raise OSError("reset by peer")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PREDICT, "headers": []}
    await served.front(scope, receive, send)
    assert sent[0]["status"] == 500
    assert served.at_rest()
    assert (await ask(served.front, "POST", PREDICT, BODY)).json == ANSWER


@pytest.mark.parametrize("n", [1, 2, 3])
async def test_metrics_that_fail_lose_no_future(served: Served, monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """When counting a batch fails, the batch is answered all the same."""
    monkeypatch.setattr(BatchMetrics, "batch", NthFails(BatchMetrics.batch, n, RuntimeError("disk full")))
    for _ in range(4):
        assert (await ask(served.front, "POST", PREDICT, BODY)).json == ANSWER
    assert served.at_rest()


async def test_a_defect_behind_is_ours_to_answer(served: Served) -> None:
    """When the app behind fails before it answers, the client gets a 500 of ours."""

    def fault() -> None:
        raise RuntimeError("at /srv/secret")

    served.behind.fault = fault
    answer = await ask(served.front, "GET", "/docs.json")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert served.at_rest()


async def test_a_defect_shows_nothing_of_the_server(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is a 500 without its text; the log has it, with the request's id."""

    def decode(*_: object) -> None:
        raise RuntimeError("cannot open /etc/secret")

    monkeypatch.setattr(calls.tfserving, "decode", decode)
    answer = await ask(served.front, "POST", PREDICT, BODY, [(b"x-request-id", b"mine")])
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"secret" not in answer.body
    (event,) = [record for record in caplog.records if record.exc_info]
    assert (event.request_id, str(event.exc_info[1])) == ("mine", "cannot open /etc/secret")  # type: ignore[attr-defined, index]
