"""Versions that no request finds any more: they answer their last ones, then end; or they are wanted again before."""

from __future__ import annotations

import asyncio
import logging

from service.memory import give_back
from service.model import Model, State
from service.repository import Repository
from service.store import Stored
from service.version import Version

log = logging.getLogger(__name__)


class Retirements:
    """All of one process.

    Args:
        repository: Knows them too, so that an engine that hangs shows.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answering: dict[str, Version] = {}

    def retire(self, model: Model, version: Version) -> None:
        """End a version that the model no longer has, once nobody uses it."""
        mark, tag = State("UNLOADING"), version.stored.tag
        model.mark(version.number, mark)
        self._repository.retiring.add(version)
        self._answering[tag] = version
        self._tasks[tag] = asyncio.create_task(self._end(model, version, mark))
        self._tasks[tag].add_done_callback(lambda _: self._tasks.pop(tag))

    def blocks(self, stored: Stored) -> bool:
        """Whether a version must wait until its former self, of another artifact, has answered its last request."""
        version = self._answering.get(stored.tag)
        return version is not None and version.state != stored.state

    async def take_back(self, stored: Stored) -> Version | None:
        """The version itself, if it has not begun to close: a request may use it for as long as a client likes."""
        task = self._tasks.get(stored.tag)
        if task is None:
            return None
        version = self._answering.pop(stored.tag, None)
        if version is not None:
            task.cancel()
            self._repository.retiring.discard(version)
        await asyncio.wait([task])
        return version

    async def _end(self, model: Model, version: Version, mark: State) -> None:
        tag = version.stored.tag
        await version.drained()
        del self._answering[tag]  # from here on it cannot be taken back
        await version.close()
        version.statistics.forget()
        self._repository.retiring.discard(version)
        model.unmark(version.number, mark)
        log.info("model unloaded", extra={"model": tag})
        del version
        give_back()

    async def settled(self) -> None:
        """Return once all have ended."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Wait for nobody."""
        for task in list(self._tasks.values()):
            task.cancel()
        await self.settled()
