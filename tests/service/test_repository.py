"""Everybody reads the repository: what a request gets, what serves, what was refused, and how long engines are busy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import keeper
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import NotReady
from service.loading import Loaded, load_version
from service.model import State
from service.plan import whole
from service.repository import Repository
from service.store import Stored
from tests import toy
from tests.service.conftest import until
from tests.service.kept import Kept
from tests.toy_engines import PATIENCE_S, request, rows


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    """Versions 1 and 3 of the toy ready, 4 corrupt, a model with other tensors waiting, and one that is all corrupt."""
    found = Kept(tmp_path, max_batch_rows=2)
    found.store(1, 3)
    found.store_corrupt(4)
    found.store_other(5)
    found.store(1, name="zebra")
    toy.write(tmp_path, "lost", sound=False)
    found.label(stable=1)
    await found.keeper.start()
    yield found
    await found.close()


async def test_what_a_request_gets(kept: Kept) -> None:
    """By name the default, by number and label the version that is named, and nothing where there is nothing."""
    repository = kept.repository
    one, three = kept.model.ready[1], kept.model.ready[3]
    assert repository.find("toy") is repository.find("toy", 3) is three
    assert repository.find("toy", 1) is repository.find("toy", label="stable") is one
    for name, number, label in (
        ("toy", 2, ""),
        ("toy", 4, ""),
        ("toy", 5, ""),
        ("toy", None, "next"),
        ("lost", None, ""),
        ("lost", 1, ""),
        ("stranger", None, ""),
        ("TOY", None, ""),
    ):
        assert repository.find(name, number, label) is None


async def test_what_serves(kept: Kept) -> None:
    """Defaults by name, every ready version by name and number, and the names of models that answer."""
    repository = kept.repository
    assert {name: version.number for name, version in repository.ready.items()} == {"toy": 3, "zebra": 1}
    assert [version.stored.tag for version in repository.every()] == ["toy:1", "toy:3", "zebra:1"]
    assert repository.names() == ["toy", "zebra"]
    assert [repository.serves(name) for name in ("toy", "lost", "stranger")] == [True, False, False]
    assert repository.labels("toy") == {"stable": 1}
    assert repository.labels("stranger") == {}


async def test_what_does_not_serve_has_its_reason(kept: Kept) -> None:
    """Refused and waiting versions are told by tag; states are told of all that are known."""
    assert list(kept.repository.refused) == ["lost:1", "toy:4", "toy:5"]
    assert "model.onnx has changed" in kept.repository.refused["toy:4"]
    assert "input other" in kept.repository.refused["toy:5"]
    states = kept.repository.states("toy")
    assert {number: state.state for number, state in states.items()} == {
        1: "AVAILABLE",
        3: "AVAILABLE",
        4: "END",
        5: "START",
    }
    assert kept.repository.states("lost") == {1: State("END", kept.repository.refused["lost:1"])}
    assert kept.repository.states("stranger") == {}


async def test_what_was_unloaded_is_not_refused(kept: Kept) -> None:
    """A version that has ended as ordered has no reason."""
    await kept.keeper.order("zebra", unload=True)
    await kept.keeper.settled()
    assert kept.repository.states("zebra") == {1: State("END")}
    assert list(kept.repository.refused) == ["lost:1", "toy:4", "toy:5"]
    assert kept.repository.names() == ["toy"]


def test_before_the_first_look_nobody_knows_what_there_is() -> None:
    """Before the store was looked at every request is told to come again; afterwards what it asks for is unknown."""
    repository = Repository()
    for ask in (
        lambda: repository.find("toy"),
        lambda: repository.find("toy", 1),
        lambda: repository.find("toy", label="stable"),
        lambda: repository.states("toy"),
    ):
        with pytest.raises(NotReady, match="being loaded"):
            ask()
    assert (repository.names(), repository.every(), repository.ready, repository.refused) == ([], [], {}, {})
    assert not repository.serves("toy")
    repository.loaded = True
    assert repository.find("toy") is None
    assert repository.states("toy") == {}


async def test_a_model_answers_while_the_next_one_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start each model answers as soon as it can; one that is on its way says so, and a stranger is none."""
    at, go = threading.Event(), threading.Event()

    def load(stored: Stored, *more: object) -> Loaded:
        if stored.name == "zebra":
            at.set()
            go.wait(PATIENCE_S)
        return load_version(stored, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(keeper, "load_version", load)
    kept = Kept(tmp_path)
    kept.store(1)
    kept.store(1, name="zebra")
    task = asyncio.create_task(kept.keeper.start())
    await until(at.is_set)
    for number, label in ((None, ""), (1, ""), (2, ""), (None, "stable")):
        with pytest.raises(NotReady, match="zebra is loading"):
            kept.repository.find("zebra", number, label)
    assert kept.repository.states("zebra") == {1: State("LOADING")}
    assert kept.repository.find("stranger") is None
    assert not kept.repository.loaded
    assert kept.repository.names() == ["toy", "zebra"]
    go.set()
    await task
    assert kept.repository.loaded
    assert [version.stored.tag for version in kept.repository.every()] == ["toy:1", "zebra:1"]
    await kept.close()


async def test_a_hanging_engine_shows(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an engine is at a batch its time counts, also of a version that retires, and at rest it is zero.

    The engine is one that was slow when it was loaded, and so runs in a thread of its own. One that was quick then and
    hangs later stops the event loop itself: nothing answers, ``/livez`` neither, which a supervisor notices as well.
    """
    repository = kept.repository
    executor = kept.model.ready[3].scheduler._executor
    executor.plan = whole(executor.max_rows)
    assert repository.busy_s() == 0
    hold, sound = threading.Event(), OnnxRuntimeEngine.run

    def run(engine: OnnxRuntimeEngine, inputs: object) -> object:
        hold.wait(PATIENCE_S)
        return sound(engine, inputs)  # type: ignore[arg-type]

    monkeypatch.setattr(OnnxRuntimeEngine, "run", run)
    work = kept.model.ready[3].scheduler.submit(request(rows(1)))
    await kept.keeper.order("toy", unload=True)
    await until(lambda: repository.busy_s() > 0)
    assert repository.find("toy") is None
    assert {version.number for version in repository.retiring} >= {3}
    hold.set()
    await work.future
    await kept.keeper.settled()
    assert repository.retiring == set()
    assert repository.busy_s() == 0


async def test_closing_ends_every_thread(kept: Kept) -> None:
    """No engine's thread is left, of those that retire neither."""
    versions = kept.repository.every()
    with kept.model.ready[3].held():
        await kept.keeper.order("toy", unload=True)
        assert {version.number for version in kept.repository.retiring} >= {3}
        await kept.close()
        await until(lambda: not any(version.scheduler.running for version in versions))
