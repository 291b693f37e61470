"""What a service process holds: its state of life, its deadlines, and answers to records."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from service.errors import MissingField, NotFound, NotReady, OutOfRange
from service.runtime import Runtime, plain
from service.settings import Settings
from tests.service.conftest import Served, until
from tests.toy_engines import Doubling

Make = Callable[..., Any]


async def test_ready_when_all_is_loaded(served: Served) -> None:
    """A runtime whose models are loaded is alive and ready, and what lives then is not collected any more."""
    assert served.runtime.alive
    assert served.runtime.ready
    assert gc.get_freeze_count() > 0


async def test_not_ready_while_draining(served: Served) -> None:
    """A draining runtime is alive and not ready."""
    served.runtime.draining = True
    assert served.runtime.alive
    assert not served.runtime.ready


async def test_not_alive_while_an_engine_hangs(make_served: Make) -> None:
    """An engine that does not come back turns the runtime dead after the time that is set, and back when it comes."""
    served = await make_served(hang_timeout_ms=100)
    gate = served.put_gate()
    task = asyncio.create_task(served.runtime.answer_record("toy", {"size": 1.0}))
    await asyncio.sleep(0)
    assert served.runtime.alive
    await until(lambda: not served.runtime.alive)
    assert not served.runtime.ready
    gate.open()
    await task
    assert served.runtime.alive
    assert served.runtime.ready


async def test_a_client_may_shorten_its_deadline_only(make_served: Make) -> None:
    """The deadline is the setting, or less if the client says so, never more."""
    served = await make_served(request_timeout_ms=2000)
    now = asyncio.get_running_loop().time()
    for asked, seconds in ((None, 2), (1, 0.001), (1999, 1.999), (2000, 2), (2001, 2), (10**9, 2)):
        assert served.runtime.deadline(asked) - now == pytest.approx(seconds, abs=0.5)
        assert served.runtime.deadline(asked) <= asyncio.get_running_loop().time() + seconds


async def test_a_record_is_answered_in_plain_python(served: Served) -> None:
    """The answer to a record holds Python's own numbers, float32 in its shortest form."""
    answer = await served.runtime.answer_record("toy", {"size": 8.1, "colour": "blue"})
    assert answer == {"total": 10.1, "large": True}
    assert [type(value) for value in answer.values()] == [float, bool]


async def test_a_record_is_checked_like_any_request(served: Served) -> None:
    """Records that do not fit are refused with the place, before the engine is asked."""
    engine = Doubling()
    served.put_gate(engine).open()
    with pytest.raises(OutOfRange, match=r"body\.size"):
        await served.runtime.answer_record("toy", {"size": 101})
    with pytest.raises(MissingField):
        await served.runtime.answer_record("toy", {"colour": "red"})
    with pytest.raises(NotFound):
        await served.runtime.answer_record("stranger", {})
    assert engine.calls == []


async def test_a_cancelled_record_leaves_the_queue(served: Served) -> None:
    """When the caller of a typed API goes away, its row is not computed."""
    engine = Doubling()
    gate = served.put_gate(engine)
    first = asyncio.create_task(served.runtime.answer_record("toy", {"size": 1}))
    second = asyncio.create_task(served.runtime.answer_record("toy", {"size": 2}))
    await asyncio.sleep(0)
    assert served.version.scheduler.queued_rows == 1
    second.cancel()
    await asyncio.wait([second])
    assert second.cancelled()
    assert served.at_rest()
    gate.open()
    await first
    assert engine.seen == [1]


async def test_before_and_after_its_life_a_runtime_answers_nothing() -> None:
    """A runtime without models is never ready, and stops without having been started."""
    runtime = Runtime(Settings(), {})
    assert not runtime.ready
    await runtime.stop()
    await runtime.start()
    assert runtime.loading is not None
    await runtime.loading
    assert not runtime.ready
    with pytest.raises(NotFound):
        runtime.version("toy")
    await runtime.stop()


async def test_stopping_ends_loading(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime that is stopped while it loads ends its task, and its models stay not ready."""
    stored = served.runtime.repository._stored
    runtime, reached = Runtime(Settings(), stored), asyncio.Event()

    async def load(_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(runtime.repository, "load", load)
    await runtime.start()
    await reached.wait()
    await runtime.stop()
    assert runtime.loading is not None
    assert runtime.loading.cancelled()
    with pytest.raises(NotReady):
        runtime.version("toy")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.1), 0.1),
        (np.float64(0.1), 0.1),
        (np.array([0.1, 2], np.float32), [0.1, 2.0]),
        (np.array([[1], [2]], np.float32), [[1.0], [2.0]]),
        (3, 3),
        ("word", "word"),
        (True, True),
    ],
)
def test_numbers_in_their_shortest_form(value: object, expected: object) -> None:
    """NumPy's numbers become Python's, as a person would write them."""
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
