"""A version is not unloaded while it is used, and ends its thread when it is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import version as module
from service.deadlines import DeadlineWheel
from service.errors import Overloaded
from service.loading import load_version
from service.metrics import Metrics
from service.plan import Plan, whole
from service.settings import Settings
from service.store import Stored
from service.version import Version
from tests.service.test_metrics import series
from tests.toy_engines import PATIENCE_S, answers, request, rows, same


@pytest.fixture
async def version(toy_home: Path) -> AsyncIterator[Version]:
    """The toy, loaded."""
    settings = Settings(max_queue_rows=7, max_batch_rows=4)
    loaded = load_version(Stored("toy", 1, toy_home / "models" / "toy" / "1"), settings, "onnxruntime")
    found = Version(loaded, DeadlineWheel(asyncio.get_running_loop()), settings, Metrics())
    yield found
    found.scheduler.close()


async def looks(task: asyncio.Task[None]) -> bool:
    """Whether a task has ended after it has looked a few times."""
    for _ in range(10):
        await asyncio.sleep(0)
    return task.done()


async def test_a_version_tells_what_it_is(version: Version) -> None:
    """Number, engine, device, sizes and examples are those of what was loaded."""
    assert (version.number, version.engine, version.device) == (1, "onnxruntime", "CPU")
    assert version.sizes[-1] == 4
    assert version.interface.name == version.stored.name == "toy"
    assert list(version.examples.inputs) == ["x"]
    assert version.shadow is None


async def test_its_queue_is_bounded(version: Version) -> None:
    """The queue has as many rows as the settings say, also where a quick engine runs at the end of the loop's turn."""
    version.scheduler._executor.plan = Plan(tuple(range(5)), inline_rows=4, inline_small_rows=4)
    works = [version.scheduler.submit(request(rows(*range(count)))) for count in (1, 6)]
    assert version.scheduler.queued_rows == 7
    with pytest.raises(Overloaded, match="at most 7 waiting rows"):
        version.scheduler.submit(request(rows(1)))
    for work in works:
        await asyncio.wait_for(work.future, PATIENCE_S)
    await version.scheduler.submit(request(rows(1))).future


async def test_a_busy_engine_s_queue_is_bounded(version: Version) -> None:
    """While a batch runs in the engine's thread, its rows wait no more, and the queue takes as many as ever."""
    executor = version.scheduler._executor
    executor.plan = whole(executor.max_rows)
    version.scheduler.submit(request(rows(1)))
    version.scheduler.submit(request(rows(*range(7))))
    with pytest.raises(Overloaded, match="at most 7 waiting rows"):
        version.scheduler.submit(request(rows(1)))


@pytest.mark.parametrize("workers", [1, 2, 3])
async def test_workers_share_the_queue(toy_home: Path, workers: int) -> None:
    """Of several workers each takes its part of the rows that may wait."""
    settings = Settings(max_queue_rows=6, workers=workers, max_batch_rows=1)
    loaded = load_version(Stored("toy", 1, toy_home / "models" / "toy" / "1"), settings, "onnxruntime")
    version = Version(loaded, DeadlineWheel(asyncio.get_running_loop()), settings, Metrics())
    assert version.scheduler._max_queue_rows == 6 // workers
    await version.close()


async def test_whoever_uses_it_keeps_it(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version drains when the last of several users has gone, whatever ended its use."""
    monkeypatch.setattr(module, "POLL_S", 0)
    with version.held() as first:
        assert first is version
        drained = asyncio.create_task(version.drained())
        with pytest.raises(RuntimeError, match="ended"), version.held():
            raise RuntimeError("ended by a fault")
        assert not await looks(drained)
    await asyncio.wait_for(drained, PATIENCE_S)


async def test_what_is_queued_is_answered_first(version: Version) -> None:
    """A version with requests drains when they are answered, and all of them are."""
    works = [version.scheduler.submit(request(rows(first))) for first in (1, 2, 3)]
    await asyncio.wait_for(version.drained(), PATIENCE_S)
    assert all(work.future.done() for work in works)
    for work, first in zip(works, (1, 2, 3), strict=True):
        assert same(work.future.result(), answers(rows(first)))


async def test_a_version_that_is_at_rest_drains_at_once(version: Version) -> None:
    """Nobody waits for a version that nobody uses."""
    await asyncio.wait_for(version.drained(), PATIENCE_S)
    assert version.scheduler.running


async def test_closing_ends_its_thread(version: Version) -> None:
    """When a version is closed its thread has ended, and no other has."""
    before = threading.active_count()
    assert "engine-toy:1-0" in {thread.name for thread in threading.enumerate()}
    await version.close()
    assert threading.active_count() == before - 1
    assert not version.scheduler.running
    await version.close()


async def test_what_it_computes_is_counted(version: Version) -> None:
    """Rows count in the version's own statistics and, once published, in its series."""
    await version.scheduler.submit(request(rows(1, 2, 3))).future
    await asyncio.wait_for(version.drained(), PATIENCE_S)
    assert version.statistics.inference_count == 3
    assert version.statistics._metrics is not None
    found = series(version.statistics._metrics)
    assert [value for name, value in found.items() if name.startswith("keras_serve_batch_rows_sum")] == [3.0]
