"""ModelInfer on a real server: the version, the deadline, the answer, and who counts them."""

from __future__ import annotations

import asyncio

import grpc
import numpy as np
import pytest

from service.request import InferRequest
from service.routing import Route, v2_route
from service.version import Version
from service.work import Then, Work
from tests.service.conftest import until
from tests.service.rpc.conftest import Called, asking, refusal, sending
from tests.toy_engines import MARK, NotFinite, Poisoned, answers, rows


@pytest.mark.parametrize(
    ("version", "number", "label"),
    [("", "", ""), ("3", "3", ""), ("-1", "-1", ""), ("stable", "", "stable"), ("٣", "", "٣"), ("1.0", "", "1.0")],
)
def test_a_version_is_a_number_or_a_label(version: str, number: str, label: str) -> None:
    """As in the paths of HTTP, what is no number is a label."""
    assert v2_route("infer", "toy", version) == Route("openinference", "infer", "toy", number, label)


async def test_triton_s_client_gets_the_toy_s_answer(called: Called) -> None:
    """The answer is the engine's, bit for bit, with the id that was sent and the version that answered."""
    answer = await called.client.infer("toy", sending(1, -2.5, 9), request_id="r-17")
    expected = answers(rows(1, -2.5, 9))
    for name, array in expected.items():
        assert answer.as_numpy(name).tobytes() == array.tobytes()
        assert answer.as_numpy(name).shape == array.shape
    response = answer.get_response()
    assert (response.id, response.model_name, response.model_version) == ("r-17", "toy", "1")


@pytest.mark.parametrize(
    ("model", "version", "sentence"),
    [
        ("nope", "", "Request for unknown model: 'nope' is not found"),
        ("", "", "Request for unknown model: '' is not found"),
        ("toy", "9", "Request for unknown model: 'toy' version 9 is not found"),
        ("toy", "stable", "Request for unknown model: 'toy' version stable is not found"),
        ("toy", "9" * 30, f"Request for unknown model: 'toy' version {'9' * 30} is not found"),
    ],
)
async def test_what_is_unknown_is_not_found(called: Called, model: str, version: str, sentence: str) -> None:
    """A model, a version and a label that do not exist are NOT_FOUND in Triton's words."""
    sent = asking(model_name=model, model_version=version)
    code, details, trailing = await refusal(called.stub.ModelInfer(sent))
    assert (code, details, trailing["code"]) == (grpc.StatusCode.NOT_FOUND, sentence, "not_found")


async def test_a_version_may_be_named(called: Called) -> None:
    """By its number, or by a label that points to it."""
    called.runtime.repository.models["toy"].labels["stable"] = 1
    for version in ("1", "stable"):
        assert (await called.stub.ModelInfer(asking(model_version=version))).model_version == "1"


async def test_checks_are_those_of_http(called: Called) -> None:
    """A number outside the field's range is refused before the engine is asked, with its place."""
    engine = Poisoned()
    called.served.put_gate(engine).open()
    code, details, trailing = await refusal(called.stub.ModelInfer(asking(101.0)))
    assert (code, trailing["code"]) == (grpc.StatusCode.INVALID_ARGUMENT, "out_of_range")
    assert details == "Expected a number from -100 to 100 for size. Received 101.0 at inputs.x[0][0]."
    assert engine.calls == []


async def test_requests_share_a_batch(called: Called) -> None:
    """What waits while the engine is busy is computed together, and each gets its own answer."""
    gate = called.served.put_gate()
    first = asyncio.ensure_future(called.stub.ModelInfer(asking(0)))
    await until(lambda: bool(gate.batches))
    others = [asyncio.ensure_future(called.stub.ModelInfer(asking(n))) for n in range(1, 5)]
    await until(lambda: called.served.version.scheduler.queued_rows == 4)
    gate.open()
    replies = await asyncio.gather(first, *others)
    totals = [np.frombuffer(reply.raw_output_contents[1], np.float32)[0] for reply in replies]
    assert totals == [1, 2, 3, 4, 5]
    assert len(gate.batches) == 2


@pytest.mark.parametrize("engine", [Poisoned(), NotFinite(np.nan)])
async def test_a_failing_engine_is_internal(called: Called, engine: Poisoned) -> None:
    """The fault reaches its own client only, without a word of the engine's."""
    called.served.put_gate(engine).open()
    bad, good = asking(float(MARK)), asking(1)
    code, details, trailing = await refusal(called.stub.ModelInfer(bad))
    assert (code, trailing["code"]) == (grpc.StatusCode.INTERNAL, "inference_failed")
    assert "secret" not in details
    await called.stub.ModelInfer(good)


async def test_the_shortest_time_is_the_deadline(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the setting, the call's own time and the parameter, whichever ends first; none makes it longer."""
    deadlines: list[float] = []
    submit = called.runtime.submit

    def noting(version: Version, request: InferRequest, then: Then | None = None) -> Work:
        deadlines.append(request.deadline - asyncio.get_running_loop().time())
        return submit(version, request, then)

    monkeypatch.setattr(called.runtime, "submit", noting)
    limit_s = called.runtime.settings.request_timeout_ms / 1000
    for call_s, parameter_s, expected_s in (
        (None, 0, limit_s),
        (limit_s / 2, 0, limit_s / 2),
        (None, limit_s / 4, limit_s / 4),
        (limit_s / 2, limit_s / 4, limit_s / 4),
        (limit_s / 4, limit_s / 2, limit_s / 4),
        (limit_s * 2, limit_s * 2, limit_s),
    ):
        sent = asking(parameters={"timeout": {"int64_param": int(parameter_s * 1e6)}})
        await called.stub.ModelInfer(sent, timeout=call_s)
        assert deadlines.pop() == pytest.approx(expected_s, abs=limit_s / 10)


async def test_the_call_s_own_deadline_drops_the_work(called: Called) -> None:
    """When the client's time is over, its rows leave the queue."""
    gate = called.served.put_gate()
    first = asyncio.ensure_future(called.stub.ModelInfer(asking(1)))
    await until(lambda: bool(gate.batches))
    late = called.stub.ModelInfer(asking(2), timeout=0.2)
    assert (await refusal(late))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    await until(lambda: called.served.version.scheduler.queued_rows == 0)
    gate.open()
    await first
    assert gate.batches == [[[1.0]]]


async def test_the_time_of_a_parameter_is_a_deadline(called: Called) -> None:
    """A request whose `timeout` in microseconds is over is DEADLINE_EXCEEDED with the code word."""
    gate = called.served.put_gate()
    sent = asking(1, parameters={"timeout": {"int64_param": 20_000}})
    code, _, trailing = await refusal(called.stub.ModelInfer(sent))
    assert (code, trailing["code"]) == (grpc.StatusCode.DEADLINE_EXCEEDED, "deadline_exceeded")
    gate.open()


async def test_a_client_that_cancels_drops_its_work(called: Called) -> None:
    """Rows that wait are not computed for a client that has gone; it is counted as such."""
    gate = called.served.put_gate()
    first = asyncio.ensure_future(called.stub.ModelInfer(asking(1)))
    await until(lambda: bool(gate.batches))
    gone = called.stub.ModelInfer(asking(2))
    waiting = asyncio.ensure_future(gone)
    await until(lambda: called.served.version.scheduler.queued_rows == 1)
    gone.cancel()
    await asyncio.wait([waiting])
    await until(lambda: called.served.version.scheduler.queued_rows == 0)
    gate.open()
    await first
    await until(called.served.at_rest)
    assert gate.batches == [[[1.0]]]
    assert called.counted("cancelled") == 1


async def test_each_call_is_counted_in_the_version_s_statistics(called: Called) -> None:
    """Answered and refused calls are told apart; a call for nobody is nobody's."""
    await called.client.infer("toy", sending(1, 2))
    await refusal(called.stub.ModelInfer(asking(101)))
    await refusal(called.stub.ModelInfer(asking(model_version="9")))
    counts = called.served.version.statistics.totals()
    assert (counts.success_count, counts.fail_count, counts.inference_count) == (1, 1, 2)
    assert counts.success_ns > 0


async def test_a_version_in_use_is_held(called: Called) -> None:
    """While a call waits for its answer, its version does not count as drained."""
    gate = called.served.put_gate()
    waiting = asyncio.ensure_future(called.stub.ModelInfer(asking(1)))
    await until(lambda: bool(gate.batches))
    assert called.served.version._users == 1
    gate.open()
    await waiting
    await until(lambda: called.served.version._users == 0)
