"""What a service process holds: its state of life, its deadlines, and answers to records."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from service import store
from service.errors import MissingField, NotFound, NotReady, OutOfRange, SettingsError
from service.runtime import Runtime, plain
from service.settings import Settings
from tests import toy
from tests.service.conftest import Served, until
from tests.toy_engines import Doubling, request, rows

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
    assert served.version.statistics.success_count == 1
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
    counted = served.version.statistics
    assert (counted.success_count, counted.fail_count, counted.inference_count) == (0, 2, 0)
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
    """A runtime without models is never ready, gives up, and stops without having been started."""
    given_up: list[bool] = []
    runtime = Runtime(Settings(), store.Pinned({}), lambda: given_up.append(True))
    assert not runtime.ready
    with pytest.raises(NotReady):
        runtime.version("toy")
    await runtime.stop()
    await runtime.start()
    assert runtime.loading is not None
    await runtime.loading
    assert given_up == [True]
    assert not runtime.ready
    with pytest.raises(NotFound):
        runtime.version("toy")
    await runtime.stop()


async def test_stopping_ends_loading(toy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime that is stopped while it loads ends its task, and its models are never ready."""
    runtime, reached = Runtime(Settings(), store.Home(toy_home)), asyncio.Event()

    async def look() -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(runtime.keeper, "look", look)
    await runtime.start()
    await reached.wait()
    await runtime.stop()
    assert runtime.loading is not None
    assert runtime.loading.cancelled()
    assert not runtime.ready
    with pytest.raises(NotFound):
        runtime.version("toy")


@pytest.mark.parametrize("fault", [SettingsError("No such engine."), RuntimeError("at /srv/secret")], ids=repr)
async def test_a_load_that_fails_gives_up(toy_home: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """Whatever keeps the first look from its end, a process that serves nothing ends once."""
    given_up: list[bool] = []
    runtime = Runtime(Settings(), store.Home(toy_home), lambda: given_up.append(True))

    async def look() -> None:
        raise fault

    monkeypatch.setattr(runtime.keeper, "look", look)
    await runtime.start()
    assert runtime.loading is not None
    await runtime.loading
    assert given_up == [True]
    assert runtime.repository.loaded
    await runtime.stop()


async def test_the_store_is_looked_at_again_and_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A version that comes later serves without a call, and one look that fails is not the last."""
    toy.write(tmp_path)
    runtime = Runtime(Settings(poll_interval_ms=1, max_batch_rows=2), store.Home(tmp_path))
    await runtime.start()
    await until(lambda: runtime.ready)
    sound = runtime.keeper.look

    async def fail() -> None:
        raise RuntimeError("once")

    runtime.keeper.look = fail  # type: ignore[assignment, method-assign]
    await until(lambda: "looking at the store failed" in caplog.text)
    runtime.keeper.look = sound  # type: ignore[method-assign]
    toy.write(tmp_path, version=2)
    await until(lambda: runtime.version("toy").number == 2)
    await runtime.stop()


async def test_without_an_interval_nobody_looks_again(make_served: Make) -> None:
    """With 0 the store is read at the start and when a call asks for it."""
    assert (await make_served(poll_interval_ms=0)).runtime._tasks == []
    assert len((await make_served(poll_interval_ms=1000)).runtime._tasks) == 1


async def test_a_request_has_its_shadow(served: Served) -> None:
    """A request of a version that has a shadow is given to both, one of another to its own queue only."""
    followed: list[object] = []
    asked = request(rows(1))
    await served.runtime.submit(served.version, asked).future
    served.version.shadow = SimpleNamespace(follow=lambda *given: followed.append(given))  # type: ignore[assignment]
    work = served.runtime.submit(served.version, asked)
    assert followed == [(asked, work)]
    await work.future
    await served.runtime.answer_record("toy", {"size": 1})
    assert len(followed) == 2


async def test_a_record_holds_its_version(served: Served) -> None:
    """While a record is answered its version is not unloaded, and afterwards it may be."""
    gate = served.put_gate()
    task = asyncio.create_task(served.runtime.answer_record("toy", {"size": 1}))
    await asyncio.sleep(0)
    assert served.version._users == 1
    gate.open()
    await task
    assert served.version._users == 0


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
