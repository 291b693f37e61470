"""One request on its way through the scheduler, and the slices of it that ride in batches."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from service.execution import Arrays
from service.request import InferRequest
from service.statistics import NEVER, Spent


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
    """One request in the scheduler, from ``submit`` until its future is done.

    Attributes:
        queued_at: Since when it waits, by ``perf_counter``.
        queue_s: Seconds that it has waited so far.
        spent: What the batches of its slices took.
    """

    __slots__ = ("answered", "future", "outputs", "queue_s", "queued_at", "request", "slot", "spent", "taken")

    def __init__(self, request: InferRequest, future: asyncio.Future[Arrays], queued_at: float) -> None:
        self.request = request
        self.future = future
        self.queued_at = queued_at
        self.queue_s = 0.0
        self.spent = NEVER
        self.taken = 0
        self.answered = 0
        self.outputs: Arrays | None = None
        self.slot = 0

    @property
    def waiting_rows(self) -> int:
        """Rows that no batch has taken yet."""
        return self.request.rows - self.taken

    def answer(self, part: Slice, outcome: Arrays, spent: Spent) -> None:
        """Put one slice's rows in their place; the last one completes the future."""
        if part.stop - part.start == self.request.rows:
            self.spent = spent
            self.future.set_result(outcome)
            return
        self.spent = (self.spent[0] + spent[0], self.spent[1] + spent[1], self.spent[2] + spent[2])
        if self.outputs is None:
            rows = self.request.rows
            self.outputs = {name: np.empty((rows, *a.shape[1:]), a.dtype) for name, a in outcome.items()}
        for name, array in outcome.items():
            self.outputs[name][part.start : part.stop] = array
        self.answered += part.stop - part.start
        if self.answered == self.request.rows:
            self.future.set_result(self.outputs)
