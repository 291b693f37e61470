"""Runs one batch in the engine's thread: join, pad, run, check, split; and halve it when it fails.

Rows out must equal rows in and be finite. What fails a whole batch is halved until only the guilty slices fail;
an answer that is not finite fails the slice whose row it is.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Protocol

import numpy as np

from service.engines.engine import Engine
from service.errors import InferenceFailed
from service.plan import Plan, whole
from service.signature import Signature, Tensor

log = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]
Outcome = Arrays | InferenceFailed
Run = tuple[int, int, int, int]
"""One engine call: rows that rode, without padding; nanoseconds of joining and padding, in the engine, and of checking
and splitting its answer."""


class Slice(Protocol):
    """Rows of one request that ride in a batch together."""

    @property
    def inputs(self) -> Arrays:
        """The request's inputs, all of its rows."""

    @property
    def start(self) -> int:
        """First row of the slice."""

    @property
    def stop(self) -> int:
        """Row behind its last."""


class Outcomes(list[Outcome]):
    """The outcome of each slice, in order.

    Attributes:
        runs: The engine calls that it took: one, and more if a batch failed and was halved.
    """

    __slots__ = ("runs",)
    runs: list[Run]


class Executor:
    """Runs batches of slices on one engine.

    Args:
        engine: What computes.
        signature: What the answers must look like.
        sizes: Ascending batch sizes that the engine is prepared for; a batch is padded to the next.
        plan: How many rows to run at a time, and where; without one, all that wait, in the engine's thread.

    Attributes:
        max_rows: Most rows in a batch.
        in_flight: Batches that may run at a time, each in a thread of its own.
    """

    def __init__(self, engine: Engine, signature: Signature, sizes: Sequence[int], plan: Plan | None = None) -> None:
        self._engine = engine
        self._outputs = signature.outputs
        self.max_rows = sizes[-1]
        self.in_flight = engine.in_flight
        self.plan = plan or whole(self.max_rows)
        self._padded = [min(size for size in sizes if size >= rows) for rows in range(self.max_rows + 1)]

    def execute(self, slices: Sequence[Slice]) -> Outcomes:
        """The outcome of each slice, in order; never raises."""
        outcomes = Outcomes()
        outcomes.runs = []
        self._execute(slices, outcomes)
        return outcomes

    def _execute(self, slices: Sequence[Slice], outcomes: Outcomes) -> None:
        try:
            outcomes += self._attempt(slices, outcomes.runs)
        except Exception as error:  # whatever an engine raises is the fault of some row until halving shows which
            if len(slices) > 1:
                middle = len(slices) // 2
                self._execute(slices[:middle], outcomes)
                self._execute(slices[middle:], outcomes)
                return
            log.warning("engine failed on a request: %s", type(error).__name__, extra={"detail": str(error)[:500]})
            outcomes.append(InferenceFailed("The model failed on this request."))

    def _attempt(self, slices: Sequence[Slice], runs: list[Run]) -> list[Outcome]:
        """Run one batch and note what it took, also if it fails."""
        rows = sum(part.stop - part.start for part in slices)
        started = perf_counter_ns()
        batch = join(slices, rows, self._padded[rows])
        joined, answered = perf_counter_ns(), 0
        try:
            answers = self._engine.run(batch)
            answered = perf_counter_ns()
            return self._split(answers, slices, rows)
        finally:
            ended = perf_counter_ns()
            answered = answered or ended
            runs.append((rows, joined - started, answered - joined, ended - answered))

    def _split(self, answers: Arrays, slices: Sequence[Slice], rows: int) -> list[Outcome]:
        """Each slice's part of a checked answer."""
        answers = {tensor.name: self._checked(answers[tensor.name], tensor, rows) for tensor in self._outputs}
        finite = all(array.dtype.kind != "f" or np.isfinite(array).all() for array in answers.values())
        outcomes: list[Outcome] = []
        start = 0
        for part in slices:
            stop = start + part.stop - part.start
            outcome = {name: array[start:stop] for name, array in answers.items()}
            outcomes.append(outcome if finite else _finite_or_failed(outcome))
            start = stop
        return outcomes

    def _checked(self, array: np.ndarray, tensor: Tensor, rows: int) -> np.ndarray:
        """One output without its padding, held against the signature."""
        expected = (self._padded[rows], *tensor.shape)
        if array.shape != expected or array.dtype != tensor.numpy:
            raise ValueError(
                f"expected {tensor.dtype} {expected} as {tensor.name}, received {array.dtype} {array.shape}"
            )
        return array[:rows]


def join(slices: Sequence[Slice], rows: int, padded: int) -> Arrays:
    """One batch of ``padded`` rows: those of the slices, then copies of the first row."""
    first = slices[0]
    if len(slices) == 1 and rows == padded:
        return {name: array[first.start : first.stop] for name, array in first.inputs.items()}
    batch: Arrays = {}
    for name, array in first.inputs.items():
        parts = [part.inputs[name][part.start : part.stop] for part in slices]
        if padded > rows:
            parts.append(np.broadcast_to(array[first.start], (padded - rows, *array.shape[1:])))
        batch[name] = np.concatenate(parts)
    return batch


def _finite_or_failed(outcome: Arrays) -> Outcome:
    for array in outcome.values():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            return InferenceFailed("The model's answer to this request is not finite.")
    return outcome
