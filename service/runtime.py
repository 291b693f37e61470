"""What one service process holds: settings, models, metrics, the clock of deadlines, and its state of life.

Made before BentoML's service instance exists, started by the front; the typed APIs reach the same one.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from service.batching import Work
from service.deadlines import DeadlineWheel
from service.errors import NotFound, Overloaded, SettingsError
from service.intentions import Intentions
from service.keeper import Keeper
from service.metrics import Metrics
from service.orders import Orders
from service.repository import Repository
from service.request import InferRequest
from service.settings import Settings
from service.store import Source
from service.version import Version
from service.work import Then

log = logging.getLogger(__name__)

SWITCH_S = 0.0001
"""Longest wait of an engine's thread for the interpreter, once its batch is done, while the loop reads requests."""


class Runtime:
    """The service without HTTP.

    Args:
        settings: The effective configuration.
        source: Where the models are.
        give_up: Called when nothing can be served and waiting would not help.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.give_up = give_up
        self.settings = settings
        self.metrics = Metrics(settings.workers)
        self.repository = Repository()
        self.intentions = Intentions(settings.config, Orders(settings.workers))
        self._source = source
        self.typed_routes: Mapping[str, str] = {}
        self.draining = False
        self.inflight = 0
        self._max_inflight = settings.share(settings.max_inflight_requests)
        self.loading: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @cached_property
    def wheel(self) -> DeadlineWheel:
        """The clock of all deadlines, on the loop that first asks for it."""
        return DeadlineWheel(asyncio.get_running_loop())

    @cached_property
    def keeper(self) -> Keeper:
        """Who changes what is served."""
        return Keeper(self.repository, self._source, self.intentions, self.settings, self.metrics, self.wheel)

    async def start(self) -> None:
        """Begin to load the models; requests for them are answered 503 until they are ready."""
        sys.setswitchinterval(SWITCH_S)
        self.loading = asyncio.create_task(self._load())
        if self.settings.workers > 1:
            # a worker takes connections from the shared socket as soon as it has started: not before it can answer
            await asyncio.shield(self.loading)
            self._tasks.append(asyncio.create_task(self._publish()))

    async def _publish(self) -> None:
        """Keep this worker's gauges fresh for whichever worker is asked for the metrics."""
        while True:
            self.set_gauges()
            await asyncio.sleep(1)

    def set_gauges(self) -> None:
        """Write down what waits, what is in flight, and what was counted since."""
        self.metrics.hand_over()
        self.metrics["keras_serve_inflight_requests"].set(self.inflight)
        for version in self.repository.every():
            queued = version.scheduler.queued_rows
            self.metrics["keras_serve_queue_rows"].labels(version.interface.name, str(version.number)).set(queued)
            version.statistics.publish()

    async def _load(self) -> None:
        try:
            await self.keeper.start()
        except SettingsError as error:
            log.critical("%s", error)
            self.give_up()
            return
        except Exception:
            log.exception("loading failed")
        if not self.repository.ready:
            log.critical("no model to serve; make them with `make train`, or `python -m training all`")
            self.give_up()
            return
        if self.settings.poll_interval_ms:
            self._tasks.append(asyncio.create_task(self.keeper.run()))
        loop = type(asyncio.get_running_loop()).__module__
        ready, refused = len(self.repository.every()), len(self.repository.refused)
        log.info("service ready", extra={"models": ready, "refused": refused, "loop": loop})

    async def stop(self) -> None:
        """End loading, looking and the engines' threads."""
        tasks = [task for task in (self.loading, *self._tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.keeper.close()
        self.repository.close()

    @property
    def alive(self) -> bool:
        """False when an engine hangs: only a new process helps."""
        return self.repository.busy_s() * 1000 < self.settings.hang_timeout_ms

    @property
    def ready(self) -> bool:
        """Whether new requests should be sent here."""
        return self.repository.loaded and bool(self.repository.ready) and self.serving

    @property
    def serving(self) -> bool:
        """Whether models that are ready may be asked."""
        return not self.draining and self.alive

    def deadline(self, timeout_ms: float | None = None) -> float:
        """The loop time at which a request that starts now is late; a client may shorten it only."""
        limit_ms = self.settings.request_timeout_ms
        return asyncio.get_running_loop().time() + min(timeout_ms or limit_ms, limit_ms) / 1000

    def admit(self) -> None:
        """Hold the requests in flight, over HTTP and gRPC together, against their limit.

        Raises:
            Overloaded: There are too many.
        """
        if self.inflight > self._max_inflight:
            raise Overloaded(f"Expected at most {self._max_inflight} requests in flight; try again.")

    def version(self, name: str) -> Version:
        """The version that answers for a name.

        Raises:
            NotFound: No such model is served.
            NotReady: It is loading.
        """
        version = self.repository.find(name)
        if version is None:
            if self.repository.states(name):
                raise NotFound(f"Model {name} has no version that serves now; /models says why.")
            raise NotFound(f"Model {name} is not served here. Train it with `make train NAME={name}`.")
        return version

    def submit(self, version: Version, request: InferRequest, then: Then | None = None) -> Work:
        """Queue a request at a version, and at its shadow; await the returned work's ``future``, or give a callback.

        Raises:
            Overloaded: The queue is full, or the wait would exceed the request's deadline.
        """
        work = version.scheduler.submit(request, then)
        if version.shadow is not None:
            version.shadow.follow(request, work)
        return work

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
        with self.version(name).held() as version, version.statistics.call():
            return await self._answer_record(version, record, deadline or self.deadline())

    async def _answer_record(self, version: Version, record: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        codec = version.interface.records
        if codec is None:
            raise NotFound(f"Model {version.interface.name} takes no records.")
        inputs = codec.decode([record], place="body")
        work = self.submit(version, InferRequest(inputs, 1, version.interface.output_names, deadline=deadline))
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
