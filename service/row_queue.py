"""How a stream's rows get to the engine: patiently, and one by one where they fail together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.errors import InferenceFailed, Overloaded
from service.exchange import Exchange
from service.protocols.chunk import Arrays, Chunk
from service.request import InferRequest
from service.runtime import Runtime
from service.version import Version
from service.work import Work

RETRY_S = 0.01
"""Time until rows that a full queue has refused are offered again."""


@dataclass(slots=True)
class Queued:
    """A chunk on its way; without work if all of its rows are at fault."""

    chunk: Chunk
    rows: list[int]
    inputs: Arrays
    work: Work | None

    @property
    def done(self) -> bool:
        """Whether its outcome is there."""
        return self.work is None or self.work.future.done()


class RowQueue:
    """The queue of one version, for one stream.

    Args:
        check: Raises if there is no need to go on waiting.

    Attributes:
        failed: Rows that the engine has failed on since it last answered one.
    """

    def __init__(self, runtime: Runtime, version: Version, exchange: Exchange, check: Callable[[], None]) -> None:
        self.failed = 0
        self._runtime = runtime
        self._version = version
        self._exchange = exchange
        self._check = check
        self._works: dict[Work, None] = {}

    async def put(self, chunk: Chunk) -> Queued:
        """Queue a chunk's sound rows.

        Raises:
            Overloaded: The queue was full for as long as a request may take.
        """
        rows, inputs = chunk.sound()
        return Queued(chunk, rows, inputs, await self._submit(inputs, len(rows)) if rows else None)

    async def _submit(self, inputs: Arrays, rows: int) -> Work:
        until = self._exchange.deadline
        names = self._version.interface.output_names
        while True:
            request = InferRequest(inputs, rows, names, form="records", deadline=self._exchange.deadline)
            try:
                work = self._runtime.submit(self._version, request)
            except Overloaded:
                if asyncio.get_running_loop().time() > until:
                    raise
            else:
                self._works[work] = None
                return work
            await asyncio.sleep(RETRY_S)
            self._check()

    async def outputs(self, queued: Queued) -> Arrays:
        """Every output by name, for the rows that are not at fault; those that the engine fails on join the faults.

        Raises:
            ServiceError: Whatever ended the work of all.
        """
        if queued.work is None:
            return {}
        try:
            outputs = await self._taken(queued.work)
        except InferenceFailed:
            return await self._one_by_one(queued)
        self.failed = 0
        return outputs

    async def _taken(self, work: Work) -> Arrays:
        try:
            return await work.future
        finally:
            if work.future.done() and not work.future.cancelled():  # a cancelled one must still leave the queue
                self._works.pop(work, None)

    async def _one_by_one(self, queued: Queued) -> Arrays:
        singles = [
            {name: array[row : row + 1] for name, array in queued.inputs.items()} for row in range(len(queued.rows))
        ]
        works = [await self._submit(single, 1) for single in singles]
        answered = []
        for row, work in zip(queued.rows, works, strict=True):
            try:
                answered.append(await self._taken(work))
                self.failed = 0
            except InferenceFailed:
                self.failed += 1
                place = f"line {queued.chunk.lines[row]}"
                queued.chunk.faults[row] = InferenceFailed(f"The model failed on this row at {place}.", place=place)
        return {name: np.concatenate([one[name] for one in answered]) for name in (answered[0] if answered else ())}

    def close(self) -> None:
        """Drop what is queued."""
        for work in self._works:
            self._version.scheduler.drop(work)
            if not work.future.cancelled():
                work.future.exception()  # nobody will ask for it
