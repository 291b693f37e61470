"""One request on its way through the scheduler, and the slices of it that ride in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.errors import ServiceError
from service.execution import Arrays
from service.request import InferRequest
from service.statistics import NEVER, Spent

log = logging.getLogger(__name__)

Then = Callable[["Work"], None]


class Dropped(Exception):
    """The outcome of a work that nobody waits for any more."""


Outcome = Arrays | ServiceError | Dropped
DROPPED = Dropped()


@dataclass(slots=True)
class Slice:
    """Rows ``start`` to ``stop`` of one request."""

    work: Work
    start: int
    stop: int

    @property
    def inputs(self) -> Arrays:
        """The request's inputs."""
        return self.work.request.inputs


class Work:
    """One request in the scheduler, from ``submit`` until it has an outcome.

    Who awaits it takes its ``future``, which is made when it is first asked for; who gave a callback is called in the
    same turn of the loop, and costs neither a future nor a turn.

    Attributes:
        outcome: The outputs, or what ended it; None until then.
        queued_at: Since when it waits, by ``perf_counter``.
        queue_s: Seconds that it has waited so far.
        spent: What the batches of its slices took.
    """

    __slots__ = (
        "_future",
        "_loop",
        "_then",
        "_watchers",
        "answered",
        "outcome",
        "outputs",
        "queue_s",
        "queued_at",
        "request",
        "slot",
        "spent",
        "taken",
    )

    def __init__(
        self, request: InferRequest, loop: asyncio.AbstractEventLoop, queued_at: float, then: Then | None = None
    ) -> None:
        self.request = request
        self._loop = loop
        self._then = then
        self._future: asyncio.Future[Arrays] | None = None
        self._watchers: list[Then] = []
        self.outcome: Outcome | None = None
        self.queued_at = queued_at
        self.queue_s = 0.0
        self.spent = NEVER
        self.taken = 0
        self.answered = 0
        self.outputs: Arrays | None = None
        self.slot = 0

    @property
    def future(self) -> asyncio.Future[Arrays]:
        """The outcome to await; a caller that is cancelled cancels it."""
        if self._future is None:
            self._future = self._loop.create_future()
            if self.outcome is not None:
                self._tell(self._future, self.outcome)
        return self._future

    @property
    def done(self) -> bool:
        """Whether it has an outcome, or whoever awaited it has gone."""
        return self.outcome is not None or (self._future is not None and self._future.done())

    @property
    def waiting_rows(self) -> int:
        """Rows that no batch has taken yet."""
        return self.request.rows - self.taken

    def watch(self, watcher: Then) -> None:
        """Call in a later turn of the loop, once there is an outcome."""
        if self.outcome is None:
            self._watchers.append(watcher)
        else:
            self._loop.call_soon(watcher, self)

    def settle(self, outcome: Outcome) -> None:
        """Give the work its outcome, once."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        if self._future is not None and not self._future.done():
            self._tell(self._future, outcome)
        for watcher in self._watchers:
            self._loop.call_soon(watcher, self)
        self._watchers.clear()
        then, self._then = self._then, None  # who is called holds this work
        if then is not None:
            try:
                then(self)
            except Exception:  # a defect must not cost the other requests of the batch their answers
                log.exception("the callback of a request failed")

    def answer(self, part: Slice, outcome: Arrays, spent: Spent) -> Arrays | None:
        """Put one slice's rows in their place.

        Returns:
            The outputs of the whole request, once the last slice has come.
        """
        if part.stop - part.start == self.request.rows:
            self.spent = spent
            return outcome
        self.spent = (self.spent[0] + spent[0], self.spent[1] + spent[1], self.spent[2] + spent[2])
        if self.outputs is None:
            rows = self.request.rows
            self.outputs = {name: np.empty((rows, *a.shape[1:]), a.dtype) for name, a in outcome.items()}
        for name, array in outcome.items():
            self.outputs[name][part.start : part.stop] = array
        self.answered += part.stop - part.start
        return self.outputs if self.answered == self.request.rows else None

    @staticmethod
    def _tell(future: asyncio.Future[Arrays], outcome: Outcome) -> None:
        if isinstance(outcome, dict):
            future.set_result(outcome)
        elif isinstance(outcome, Dropped):
            future.cancel()
        else:
            future.set_exception(outcome)
