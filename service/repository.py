"""The models that are served: what is loaded, what was refused and why. A version owns its queue and its engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from service.batching import Scheduler
from service.deadlines import DeadlineWheel
from service.engines.engine import Name, choose
from service.errors import ArtifactError, NotReady
from service.loading import Loaded, load_version
from service.metrics import BatchMetrics, Metrics
from service.settings import Settings
from service.store import Stored

log = logging.getLogger(__name__)

RUN = 2
"""Steps from which a row of sizes is written by its ends."""


class Version:
    """A loaded version: its interface, and the queue in front of its engine. Made on the event loop."""

    def __init__(self, loaded: Loaded, wheel: DeadlineWheel, settings: Settings, metrics: Metrics) -> None:
        self.interface = loaded.interface
        self.number = loaded.stored.version
        self.engine = loaded.engine.name
        self.device = loaded.engine.device
        self.sizes = loaded.sizes
        counted = BatchMetrics(metrics, loaded.stored.name, str(self.number))
        queue_rows = settings.share(settings.max_queue_rows)
        self.scheduler = Scheduler(loaded.executor(), wheel, queue_rows, counted, loaded.stored.tag)


class Repository:
    """Loads the latest sound version of each model and finds it for requests.

    Args:
        stored: Versions by name, the highest first.
        settings: Engine, limits.
        metrics: Where the schedulers count.
    """

    def __init__(self, stored: Mapping[str, Sequence[Stored]], settings: Settings, metrics: Metrics) -> None:
        self._stored = stored
        self._settings = settings
        self._metrics = metrics
        self._ready: dict[str, Version] = {}
        self._loading = set(stored)
        self.refused: dict[str, str] = {}

    @property
    def loaded(self) -> bool:
        """Whether loading has ended, and at least one model is ready."""
        return not self._loading and bool(self._ready)

    @property
    def ready(self) -> Mapping[str, Version]:
        """The version that answers, by model name."""
        return self._ready

    async def load(self, wheel: DeadlineWheel) -> None:
        """Load every model's latest sound version, one after the other."""
        try:
            engine = choose(self._settings.engine)
            for name, versions in self._stored.items():
                await self._load_model(name, versions, engine, wheel)
                self._loading.discard(name)
        finally:  # whatever ended it: nothing is on its way any more
            self._loading.clear()
            self._metrics["keras_serve_models_ready"].set(len(self._ready))
            self._metrics["keras_serve_models_refused"].set(len(self.refused))

    async def _load_model(self, name: str, versions: Sequence[Stored], engine: Name, wheel: DeadlineWheel) -> None:
        """Load the highest sound version of a model."""
        for stored in versions:
            try:
                loaded = await asyncio.to_thread(load_version, stored, self._settings, engine)
            except ArtifactError as error:
                self.refused[stored.tag] = str(error)
                log.error("model %s refused: %s", stored.tag, error)
                continue
            version = self._ready[name] = Version(loaded, wheel, self._settings, self._metrics)
            facts = {"model": stored.tag, "engine": version.engine, "device": version.device}
            log.info("model ready", extra={**facts, "batch_sizes": summary(version.sizes)})
            return

    def find(self, name: str, number: int | None = None) -> Version | None:
        """The version that answers for a name, or that very version; None if there is none.

        Raises:
            NotReady: The model is still loading.
        """
        version = self._ready.get(name)
        if version is not None and number in (None, version.number):
            return version
        if name in self._loading:
            raise NotReady(f"Model {name} is loading; try again.")
        return None

    def states(self, name: str) -> dict[int, str]:
        """TensorFlow Serving's state of every stored version that was or is to be served; empty if unknown."""
        states = {s.version: "END" for s in self._stored.get(name, ()) if s.tag in self.refused}
        if name in self._ready:
            states[self._ready[name].number] = "AVAILABLE"
        elif name in self._loading:
            left = (s.version for s in self._stored[name] if s.tag not in self.refused)
            states |= dict.fromkeys(list(left)[:1], "LOADING")
        return states

    def names(self) -> list[str]:
        """The names of the models that are ready or loading."""
        return sorted(self._ready.keys() | self._loading)

    def busy_s(self) -> float:
        """Longest time that any engine has been at its running batch."""
        return max((version.scheduler.busy_s() for version in self._ready.values()), default=0.0)

    def close(self) -> None:
        """End every engine's thread."""
        for version in self._ready.values():
            version.scheduler.close()


def summary(sizes: Sequence[int]) -> str:
    """Batch sizes for people: ``1-64``, ``1,2,4-64 by 4``."""
    parts, at = [], 0
    while at < len(sizes):
        step = sizes[at + 1] - sizes[at] if at + 1 < len(sizes) else 0
        end = at
        while end + 1 < len(sizes) and sizes[end + 1] - sizes[end] == step:
            end += 1
        if end - at >= RUN:
            parts.append(f"{sizes[at]}-{sizes[end]}" + (f" by {step}" if step > 1 else ""))
        else:
            parts.append(str(sizes[at]))
            end = at
        at = end + 1
    return ",".join(parts)
