"""What one service process holds: settings, models, metrics, the clock of deadlines, and its state of life.

Made before BentoML's service instance exists, started by the front; the typed APIs reach the same one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from service.deadlines import DeadlineWheel
from service.errors import NotFound, SettingsError
from service.metrics import Metrics
from service.repository import Repository, Version
from service.request import InferRequest
from service.settings import Settings
from service.store import Stored

log = logging.getLogger(__name__)


class Runtime:
    """The service without HTTP.

    Args:
        settings: The effective configuration.
        stored: The versions to serve, by name, the highest first.
        give_up: Called when nothing can be served and waiting would not help.
    """

    def __init__(
        self,
        settings: Settings,
        stored: Mapping[str, Sequence[Stored]],
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._give_up = give_up
        self.settings = settings
        self.metrics = Metrics(settings.workers)
        self.repository = Repository(stored, settings, self.metrics)
        self.draining = False
        self.inflight = 0
        self.loading: asyncio.Task[None] | None = None
        self._publishing: asyncio.Task[None] | None = None

    @cached_property
    def wheel(self) -> DeadlineWheel:
        """The clock of all deadlines, on the loop that first asks for it."""
        return DeadlineWheel(asyncio.get_running_loop())

    async def start(self) -> None:
        """Begin to load the models; requests for them are answered 503 until they are ready."""
        self.loading = asyncio.create_task(self._load())
        if self.settings.workers > 1:
            # a worker takes connections from the shared socket as soon as it has started: not before it can answer
            await asyncio.shield(self.loading)
            self._publishing = asyncio.create_task(self._publish())

    async def _publish(self) -> None:
        """Keep this worker's gauges fresh for whichever worker is asked for the metrics."""
        while True:
            self.set_gauges()
            await asyncio.sleep(1)

    def set_gauges(self) -> None:
        """Write down what waits and what is in flight."""
        self.metrics["keras_serve_inflight_requests"].set(self.inflight)
        for name, version in self.repository.ready.items():
            queued = version.scheduler.queued_rows
            self.metrics["keras_serve_queue_rows"].labels(name, str(version.number)).set(queued)

    async def _load(self) -> None:
        try:
            await self.repository.load(self.wheel)
        except SettingsError as error:
            log.critical("%s", error)
        except Exception:
            log.exception("loading failed")
        if not self.repository.ready:
            log.critical("no model to serve; make them with `make train`, or `python -m training all`")
            self._give_up()
            return
        # what lives now lives until the end: the collector need not walk through it again
        gc.collect()
        gc.freeze()
        loop = type(asyncio.get_running_loop()).__module__
        ready, refused = len(self.repository.ready), len(self.repository.refused)
        log.info("service ready", extra={"models": ready, "refused": refused, "loop": loop})

    async def stop(self) -> None:
        """End loading and the engines' threads."""
        tasks = [task for task in (self.loading, self._publishing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.repository.close()

    @property
    def alive(self) -> bool:
        """False when an engine hangs: only a new process helps."""
        return self.repository.busy_s() * 1000 < self.settings.hang_timeout_ms

    @property
    def ready(self) -> bool:
        """Whether new requests should be sent here."""
        return self.repository.loaded and self.serving

    @property
    def serving(self) -> bool:
        """Whether models that are ready may be asked."""
        return not self.draining and self.alive

    def deadline(self, timeout_ms: int | None = None) -> float:
        """The loop time at which a request that starts now is late; a client may shorten it only."""
        limit_ms = self.settings.request_timeout_ms
        return asyncio.get_running_loop().time() + min(timeout_ms or limit_ms, limit_ms) / 1000

    def version(self, name: str) -> Version:
        """The version that answers for a name.

        Raises:
            NotFound: No such model is served.
            NotReady: It is loading.
        """
        version = self.repository.find(name)
        if version is None:
            raise NotFound(f"Model {name} is not served here. Train it with `make train NAME={name}`.")
        return version

    async def answer_record(
        self, name: str, record: Mapping[str, Any], deadline: float | None = None
    ) -> dict[str, Any]:
        """Answer one record, for the typed APIs: same checks, same queue as every other request.

        Args:
            name: The model.
            record: Its fields.
            deadline: Loop time at which the answer is late; counted from now if not given.

        Raises:
            ServiceError: As for any request.
        """
        version = self.version(name)
        codec = version.interface.records
        if codec is None:
            raise NotFound(f"Model {name} takes no records.")
        request = InferRequest(
            codec.decode([record], place="body"),
            1,
            version.interface.output_names,
            deadline=deadline or self.deadline(),
        )
        work = version.scheduler.submit(request)
        try:
            outputs = await work.future
        except asyncio.CancelledError:
            version.scheduler.drop(work)
            raise
        return {key: plain(value) for key, value in codec.encode(outputs, 1)[0].items()}


def plain(value: Any) -> Any:
    """NumPy scalars and arrays as Python's, float32 by its shortest decimal form."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    return float(str(value)) if isinstance(value, np.floating) else value
