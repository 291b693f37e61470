"""The latest sound version of each model is served; what was refused is reported."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import repository, store
from service.deadlines import DeadlineWheel
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import NotReady
from service.loading import Loaded, load_version
from service.metrics import Metrics
from service.repository import Repository, summary
from service.settings import Settings
from tests import toy
from tests.toy_engines import PATIENCE_S, answers, request, rows, same


def corrupt(home: Path, version: int, name: str = "toy") -> None:
    """Change one byte of a version's model."""
    path = home / "models" / name / str(version) / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def make(home: Path) -> Repository:
    """A repository of all that is in a home."""
    return Repository(store.find(home / "models"), Settings(), Metrics())


async def load(subject: Repository) -> Repository:
    """Load everything."""
    await subject.load(DeadlineWheel(asyncio.get_running_loop()))
    return subject


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three versions of the toy."""
    for version in (1, 2, 10):
        toy.write(tmp_path, version=version)
    return tmp_path


async def test_the_highest_number_is_the_latest(home: Path) -> None:
    """Version 10 is later than version 2, and the only one that is loaded."""
    subject = await load(make(home))
    version = subject.find("toy")
    assert version is not None
    assert version.number == 10
    assert subject.find("toy", 10) is version
    assert subject.find("toy", 2) is None
    assert subject.loaded
    assert subject.states("toy") == {10: "AVAILABLE"}
    assert same(await version.scheduler.submit(request(rows(3))).future, answers(rows(3)))
    subject.close()


async def test_the_newest_sound_version_is_served(home: Path) -> None:
    """With the two highest corrupt, the next answers, and both are reported with their reasons."""
    corrupt(home, 10)
    corrupt(home, 2)
    subject = await load(make(home))
    version = subject.find("toy")
    assert version is not None
    assert version.number == 1
    assert sorted(subject.refused) == ["toy:10", "toy:2"]
    assert all("model.onnx has changed" in reason for reason in subject.refused.values())
    assert subject.states("toy") == {10: "END", 2: "END", 1: "AVAILABLE"}
    subject.close()


async def test_with_none_sound_nothing_is_served(home: Path) -> None:
    """A model whose versions are all refused is unknown to requests, and the repository never counts as loaded."""
    for version in (1, 2, 10):
        corrupt(home, version)
    subject = await load(make(home))
    assert subject.find("toy") is None
    assert not subject.loaded
    assert subject.names() == []
    assert subject.states("toy") == {10: "END", 2: "END", 1: "END"}


async def test_one_bad_model_keeps_no_other_from_loading(home: Path) -> None:
    """Whatever is wrong with one model, the others are served."""
    toy.write(home, "broken")
    (home / "models" / "broken" / "1" / "examples.npz").write_bytes(b"PK\x03\x04")
    toy.seal(home / "models" / "broken" / "1", "broken")
    toy.write(home, "alright")
    subject = await load(make(home))
    assert subject.names() == ["alright", "toy"]
    assert list(subject.refused) == ["broken:1"]
    assert subject.loaded
    subject.close()


async def test_an_empty_store_is_never_ready(tmp_path: Path) -> None:
    """Without models the repository does not count as loaded."""
    subject = await load(make(tmp_path))
    assert not subject.loaded
    assert subject.find("toy") is None
    assert subject.states("toy") == {}


class Held:
    """Loading that stops before the first sound version until the test goes on."""

    def __init__(self) -> None:
        self.at = threading.Event()
        self.go = threading.Event()

    def load(self, *given: object) -> Loaded:
        loaded = load_version(*given)  # type: ignore[arg-type]
        self.at.set()
        self.go.wait(PATIENCE_S)
        return loaded


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Loading that waits for the test."""
    found = Held()
    monkeypatch.setattr(repository, "load_version", found.load)
    yield found
    found.go.set()


async def test_while_it_loads_a_model_is_not_ready(home: Path, held: Held) -> None:
    """Until loading has ended, requests are told to come again, and the version that is tried is named."""
    corrupt(home, 10)
    subject = make(home)
    task = asyncio.create_task(load(subject))
    assert await asyncio.to_thread(held.at.wait, PATIENCE_S)
    for number in (None, 1, 2, 10):
        with pytest.raises(NotReady):
            subject.find("toy", number)
    assert subject.find("stranger") is None
    assert not subject.loaded
    assert subject.names() == ["toy"]
    assert subject.states("toy") == {10: "END", 2: "LOADING"}
    held.go.set()
    await task
    assert subject.loaded
    assert subject.states("toy") == {10: "END", 2: "AVAILABLE"}
    subject.close()


async def test_a_model_answers_while_the_next_one_loads(home: Path, held: Held) -> None:
    """A model that is ready answers although the repository as a whole is not loaded yet."""
    toy.write(home, "zebra")
    subject = make(home)
    held.go.set()
    original = held.load
    second = Held()
    repository.load_version = lambda *given: (  # type: ignore[assignment]  # undone by the fixture
        original(*given) if given[0].name == "toy" else second.load(*given)
    )
    task = asyncio.create_task(load(subject))
    assert await asyncio.to_thread(second.at.wait, PATIENCE_S)
    assert subject.find("toy") is not None
    assert not subject.loaded
    with pytest.raises(NotReady):
        subject.find("zebra")
    second.go.set()
    await task
    assert subject.loaded
    subject.close()


async def test_counts_are_in_the_metrics(home: Path) -> None:
    """Ready and refused versions are counted."""
    corrupt(home, 10)
    metrics = Metrics()
    subject = await load(Repository(store.find(home / "models"), Settings(), metrics))
    text = metrics.exposition().decode()
    assert "keras_serve_models_ready 1.0" in text
    assert "keras_serve_models_refused 1.0" in text
    subject.close()


async def test_a_hanging_engine_shows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an engine is at a batch its time counts, and at rest it is zero."""
    subject = await load(make(home))
    assert subject.busy_s() == 0
    hold, sound = threading.Event(), OnnxRuntimeEngine.run

    def run(engine: OnnxRuntimeEngine, inputs: object) -> object:
        hold.wait(PATIENCE_S)
        return sound(engine, inputs)  # type: ignore[arg-type]

    monkeypatch.setattr(OnnxRuntimeEngine, "run", run)
    version = subject.find("toy")
    assert version is not None
    work = version.scheduler.submit(request(rows(1)))
    await asyncio.sleep(0.01)
    assert subject.busy_s() > 0
    hold.set()
    await work.future
    await asyncio.sleep(0)
    assert subject.busy_s() == 0
    subject.close()


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ([1], "1"),
        ([1, 2, 3], "1-3"),
        ([4, 5], "4,5"),
        ([2, 4, 8], "2,4,8"),
        ([1, 2, 4, 8, 12, 20], "1,2,4-12 by 4,20"),
        ([1, 2, 4], "1,2,4"),
        ([64], "64"),
    ],
)
def test_sizes_in_words(sizes: list[int], text: str) -> None:
    """A run of sizes is written by its ends, others one by one."""
    assert summary(sizes) == text
