"""What the tests of the service share: a store with the toy in it, schedulers, the front around a running runtime."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from service import store
from service.batching import Scheduler
from service.deadlines import DeadlineWheel
from service.execution import Executor
from service.front import Front
from service.metrics import BatchMetrics, Metrics
from service.runtime import Runtime
from service.settings import Settings
from service.typed import TypedApis
from service.version import Version
from tests import toy
from tests.toy_engines import PATIENCE_S, SIGNATURE, Doubling, Gate

BATCH_ROWS = 64

# a slow machine is no reason to fail: no test here asserts how long anything takes
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def toy_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BentoML home with the toy as the only model; not to be changed."""
    home = tmp_path_factory.mktemp("toy_home")
    toy.write(home)
    return home


@pytest.fixture(autouse=True)
def no_gate_stays_shut() -> Iterator[None]:
    """No engine's thread waits at a gate when its test has ended."""
    yield
    for gate in Gate.made:
        gate.open()
    Gate.made.clear()


@pytest.fixture
async def make_scheduler() -> AsyncIterator[Callable[..., Scheduler]]:
    """Schedulers in front of toy engines or of a `Gate`; their threads end with the test."""
    made: list[tuple[Scheduler, Any]] = []

    def make(
        engine: Any = None,
        *,
        gate: Gate | None = None,
        sizes: Sequence[int] = range(1, BATCH_ROWS + 1),
        max_queue_rows: int = 4096,
    ) -> Scheduler:
        executor: Any = gate or Executor(engine or Doubling(), SIGNATURE, sizes)
        wheel = DeadlineWheel(asyncio.get_running_loop())
        scheduler = Scheduler(executor, wheel, max_queue_rows, BatchMetrics(Metrics(), "toy", "1"))
        made.append((scheduler, gate))
        return scheduler

    yield make
    for scheduler, gate in made:
        scheduler.close()
        if gate is not None:
            gate.open()


def make_gate(engine: Any = None, sizes: Sequence[int] = range(1, BATCH_ROWS + 1)) -> Gate:
    """A gate before an engine."""
    return Gate(Executor(engine or Doubling(), SIGNATURE, sizes))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for belongs to the service, which sets no event
            await asyncio.sleep(0.001)


class AppDouble:
    """Stands where BentoML's app stands: notes what reaches it and answers as it is told."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.status = 200
        self.fault: Callable[[], None] = lambda: None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.paths.append(scope["path"])
        self.bodies.append((await receive())["body"])
        self.fault()
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"from behind"})


@dataclass
class Served:
    """A front, and what is around it.

    Attributes:
        behind: The double of BentoML's app; `/ask_toy` is its typed route.
    """

    front: Front
    runtime: Runtime
    behind: AppDouble

    @property
    def version(self) -> Version:
        """The toy."""
        version = self.runtime.repository.models["toy"].default
        assert version is not None
        return version

    def put_gate(self, engine: Any = None) -> Gate:
        """Replace the toy's engine by one behind a gate."""
        gate = make_gate(engine)
        settings, metrics = self.runtime.settings, BatchMetrics(self.runtime.metrics, "toy", "1")
        self.version.scheduler.close()
        self.version.scheduler = Scheduler(
            gate,  # type: ignore[arg-type]
            self.runtime.wheel,
            settings.max_queue_rows,
            metrics,
            statistics=self.version.statistics,
        )
        return gate

    def at_rest(self) -> bool:
        """Whether every counter is where it was before the first request."""
        waiting = [version.scheduler.queued_rows for version in self.runtime.repository.every()]
        return self.runtime.inflight == 0 and not any(waiting)


@pytest.fixture
async def make_served(toy_home: Path) -> AsyncIterator[Callable[..., Any]]:
    """Fronts on the toy, by settings and perhaps a home of one's own; ready when they are returned."""
    made: list[Runtime] = []

    async def make(home: Path = toy_home, **settings: Any) -> Served:
        runtime = Runtime(Settings(**settings), store.Home(home))
        behind = AppDouble()
        front = Front(runtime, TypedApis(behind, runtime, {"/ask_toy": "toy", "/ask_nobody": "nobody"}))
        await runtime.start()
        assert runtime.loading is not None
        await runtime.loading
        made.append(runtime)
        return Served(front, runtime, behind)

    yield make
    for runtime in made:
        await runtime.stop()


@pytest.fixture
async def served(make_served: Callable[..., Any]) -> Served:
    """A front on the toy with the default settings."""
    found: Served = await make_served()
    return found


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Whatever the test does to the loggers of the service, BentoML and uvicorn is undone."""
    loggers = [logging.getLogger(name) for name in ("service", *logging.root.manager.loggerDict) if _ours(name)]
    before = [(one, one.handlers[:], one.filters[:], one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, filters, level, propagate in before:
        one.handlers[:], one.filters[:] = handlers, filters
        one.setLevel(level)
        one.propagate = propagate


def _ours(name: str) -> bool:
    return name.split(".")[0] in ("service", "bentoml", "uvicorn")
