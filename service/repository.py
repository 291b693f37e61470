"""The models that are served: what is loaded, what was refused and why. A version owns its queue and its engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from service.batching import Scheduler
from service.deadlines import DeadlineWheel
from service.engines.engine import choose
from service.errors import ArtifactError, NotReady
from service.loading import Loaded, load_version
from service.metrics import BatchMetrics, Metrics
from service.settings import Settings
from service.store import Stored

log = logging.getLogger(__name__)


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
        self.scheduler = Scheduler(loaded.executor, wheel, queue_rows, counted, loaded.stored.tag)


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
        engine = choose(self._settings.engine)
        for name, versions in self._stored.items():
            for stored in versions:
                try:
                    loaded = await asyncio.to_thread(load_version, stored, self._settings, engine)
                except ArtifactError as error:
                    self.refused[stored.tag] = str(error)
                    log.error("model %s refused: %s", stored.tag, error)
                    continue
                version = self._ready[name] = Version(loaded, wheel, self._settings, self._metrics)
                log.info(
                    "model ready",
                    extra={
                        "model": stored.tag,
                        "engine": version.engine,
                        "device": version.device,
                        "batch_sizes": summary(version.sizes),
                    },
                )
                break
            self._loading.discard(name)
        self._metrics["keras_serve_models_ready"].set(len(self._ready))
        self._metrics["keras_serve_models_refused"].set(len(self.refused))

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
    """Batch sizes for people: a run of all sizes as ``1-64``."""
    if len(sizes) > 1 and list(sizes) == list(range(sizes[0], sizes[-1] + 1)):
        return f"{sizes[0]}-{sizes[-1]}"
    return ",".join(str(size) for size in sizes)
