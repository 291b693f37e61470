"""A loaded version: its interface, its engine, the queue in front of it, and who still uses it."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from service.artifact import Examples
from service.batching import Scheduler
from service.deadlines import DeadlineWheel
from service.loading import Loaded
from service.metrics import BatchMetrics, Metrics
from service.settings import Settings
from service.shadow import Shadow
from service.statistics import Statistics

POLL_S = 0.01


class Version:
    """Made on the event loop; all methods belong to its thread.

    Attributes:
        number: The version.
        written: The same in digits.
        state: What its artifact's ``state`` was.
        engine: The engine's name.
        device: ``CPU`` or ``GPU``.
        sizes: Batch sizes whose answers agree bit for bit on this machine.
        examples: The first rows of the artifact's examples, with the stored answers.
        losses: In mixed precision, the largest difference of each output from the stored answers.
        statistics: What it has done.
        shadow: Who is asked as well, if anybody.
    """

    def __init__(self, loaded: Loaded, wheel: DeadlineWheel, settings: Settings, metrics: Metrics) -> None:
        self.interface = loaded.interface
        self.stored = loaded.stored
        self.number = loaded.stored.version
        self.written = b"%d" % self.number
        self.state = loaded.stored.state
        self.engine = loaded.engine.name
        self.device = loaded.engine.device
        self.sizes = loaded.sizes
        self.examples: Examples = loaded.examples
        self.losses = loaded.losses
        self.shadow: Shadow | None = None
        self._users = 0
        self.statistics = Statistics(metrics, loaded.stored.name, str(self.number))
        counted = BatchMetrics(metrics, loaded.stored.name, str(self.number))
        queue_rows = settings.share(settings.max_queue_rows)
        self.scheduler = Scheduler(
            loaded.executor(), wheel, queue_rows, counted, loaded.stored.tag, statistics=self.statistics
        )

    def held(self) -> Self:
        """A block in which the version is not unloaded, for requests that have found it."""
        return self

    def __enter__(self) -> Self:
        self._users += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._users -= 1

    async def drained(self) -> None:
        """Return once nobody uses the version and its engine is idle; no request may find it any more."""
        while self._users or self.scheduler.queued_rows or self.scheduler.busy_s():  # noqa: ASYNC110 - rare, and no hurry
            await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        """End the engine's thread and see it end, so that its memory is free."""
        self.scheduler.close()
        while self.scheduler.running:  # noqa: ASYNC110 - as above
            await asyncio.sleep(POLL_S)
