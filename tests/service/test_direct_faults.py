"""The n-th call of every step of the direct path is made to fail: one call pays for it, and the service goes on."""

from __future__ import annotations

import asyncio

import pytest

from service import calls, direct, execution
from service.batching import Scheduler, Work
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.metrics import Metrics
from service.protocols import tfserving
from service.runtime import Runtime
from tests.service.conftest import Served, until
from tests.service.test_front_faults import NthFails
from tests.service.wire import ANSWER, BODY, PREDICT, post, read_all, wired

REQUESTS = 6
FAULTS = [RuntimeError("at /srv/secret"), MemoryError(), KeyError("secret")]
STEPS = {
    "admit": (Runtime, "admit"),
    "find": (direct, "find"),
    "deadline": (calls, "deadline"),
    "decode": (tfserving, "decode"),
    "submit": (Scheduler, "submit"),
    "join": (execution, "join"),
    "run": (OnnxRuntimeEngine, "run"),
    "check": (execution.Executor, "_checked"),
    "split": (Work, "answer"),
    "encode": (tfserving, "encode"),
    "accept": (direct, "chosen_encoding"),
    "compress": (direct, "compressed"),
}
MANY = b'{"instances": [%b]}' % b",".join([b"[1, 2]"] * 60)
REQUEST = post(PREDICT, MANY, b"Accept-Encoding: gzip")


@pytest.mark.parametrize("step", STEPS)
async def test_one_failure_costs_one_answer(served: Served, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Of six calls on a connection exactly one fails, as a 500 that says nothing; all counters return to zero."""
    owner, name = STEPS[step]
    function = getattr(owner, name)
    async with wired(served) as wire:
        for n, fault in enumerate(FAULTS, 1):
            monkeypatch.setattr(owner, name, NthFails(function, 2 * n - 1, fault))
            transport = wire.in_memory()
            for _ in range(REQUESTS):
                await transport.send(REQUEST)
            answers = await read_all(b"".join(transport.writes))
            failed = [answer for answer in answers if answer.status != 200]
            assert len(answers) == REQUESTS
            assert [answer.status for answer in failed] == [500]
            assert b"secret" not in failed[0].body
            assert (served.at_rest(), served.version._users) == (True, 0)
        assert wire.kind.begun == REQUESTS * len(FAULTS)
    statistics = served.version.statistics
    found = 0 if step in ("admit", "find") else len(FAULTS)  # a call without a version is in no version's statistics
    assert (statistics.success_count, statistics.fail_count) == ((REQUESTS - 1) * len(FAULTS), found)


@pytest.mark.parametrize("step", ["join", "run", "check", "split", "encode", "decode", "submit"])
async def test_one_failure_in_a_crowd_costs_at_most_one(
    served: Served, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Of 40 calls that ride together no more than one fails, and that one is answered."""
    owner, name = STEPS[step]
    monkeypatch.setattr(owner, name, NthFails(getattr(owner, name), 3, RuntimeError("once")))
    async with wired(served) as wire:
        crowd = [wire.in_memory() for _ in range(40)]
        for transport in crowd:
            transport.protocol.data_received(post())
        answers = [(await read_all(await transport.send()))[0] for transport in crowd]
        assert sum(answer.status != 200 for answer in answers) <= 1
    assert (served.at_rest(), served.version._users) == (True, 0)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("body", [BODY, b"{"])
async def test_an_answer_that_cannot_be_sent(served: Served, n: int, body: bytes) -> None:
    """When the n-th write fails that connection is cut, its neighbours in the batch are answered, nothing is left."""
    async with wired(served) as wire:
        broken = wire.in_memory(OSError("the connection broke"), n)
        for _ in range(n - 1):
            await broken.send(post())
        neighbour = wire.in_memory()
        broken.protocol.data_received(post(PREDICT, body))
        neighbour.protocol.data_received(post())
        assert (await neighbour.send()).endswith(ANSWER)
        assert (broken.closed, len(broken.writes)) == (True, n - 1)
        await until(lambda: len(wire.state.connections) == 1)
    assert (served.at_rest(), served.version._users) == (True, 0)


async def test_counting_that_fails_costs_no_answer(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a computed call cannot be counted, it has been answered all the same, and so are its neighbours."""
    monkeypatch.setattr(Metrics, "request", NthFails(Metrics.request, 1, RuntimeError("disk full")))
    async with wired(served) as wire:
        crowd = [wire.in_memory() for _ in range(3)]
        for transport in crowd:
            transport.protocol.data_received(post())
        assert all([(await transport.send()).endswith(ANSWER) for transport in crowd])
    assert (served.at_rest(), served.version._users) == (True, 0)


async def test_a_call_that_fails_behind_its_queueing_ends_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a step behind the queue fails, such as the shadow's, the call is answered and counted once."""

    class Shadow:
        def follow(self, *_: object) -> None:
            raise RuntimeError("at /srv/secret")

    monkeypatch.setattr(served.version, "shadow", Shadow())
    async with wired(served) as wire:
        (answer,) = await read_all(await wire.in_memory().send(post()))
        await until(lambda: not served.version.scheduler.queued_rows and not served.version.scheduler.busy_s())
        await asyncio.sleep(0)
        assert (answer.status, wire.state.total_requests) == (500, 1)
    assert (served.runtime.inflight, served.version._users, served.version.statistics.fail_count) == (0, 0, 1)


async def test_a_defect_shows_nothing_of_the_server(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is a 500 without its text; the log has it, with the request's id."""
    fault = RuntimeError("cannot open /etc/secret")
    monkeypatch.setattr(tfserving, "encode", NthFails(tfserving.encode, 1, fault))
    async with wired(served) as wire:
        (answer,) = await read_all(await wire.in_memory().send(post(PREDICT, BODY, b"X-Request-Id: mine")))
    assert (answer.status, b"internal_error" in answer.body, b"secret" in answer.body) == (500, True, False)
    (event,) = [record for record in caplog.records if record.exc_info]
    assert (event.request_id, event.exc_info[1]) == ("mine", fault)  # type: ignore[attr-defined, index]
