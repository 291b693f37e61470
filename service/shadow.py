"""A version that is asked what another is asked; its answers are compared, counted and never returned."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from service.batching import Scheduler, Work
from service.configuration import Shadow as ShadowWish
from service.interface import Interface
from service.request import InferRequest
from service.signature import LabelResult, OutputTensor, ThresholdResult

Arrays = dict[str, np.ndarray]
FULLEST = 8
"""A shadow takes part while it has fewer requests of the same size waiting: it must not cost the queue's memory."""


class Shadow:
    """Asks one version beside another.

    Args:
        scheduler: The queue of the version that is asked as well.
        interface: Its interface, whose tensors are those of the serving version.
        wish: How much, and how near is near.
        count: Called with an outcome (``agree``, ``disagree``, ``failed``, ``skipped``) and a number of rows.

    Attributes:
        rows: Rows by outcome.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        interface: Interface,
        wish: ShadowWish,
        count: Callable[[str, int], None],
    ) -> None:
        self.wish = wish
        self.rows = dict.fromkeys(("agree", "disagree", "failed", "skipped"), 0)
        self._share = wish.percent / 100
        self.scheduler = scheduler
        self._compare = Comparison(interface, wish.rtol, wish.atol)
        self._count_metric = count

    def same(self, other: Shadow) -> bool:
        """Whether the other would do the same, so that this one goes on with its counts."""
        return self.wish == other.wish and self.scheduler is other.scheduler

    def follow(self, request: InferRequest, work: Work) -> None:
        """Ask the shadow too, and compare when both have answered."""
        if random.random() >= self._share:
            return
        if self.scheduler.queued_rows > FULLEST * request.rows:
            self._count("skipped", request.rows)
            return
        try:
            twin = self.scheduler.submit(replace(request))
        except Exception:  # whatever it is, the request that is followed goes its way
            self._count("skipped", request.rows)
            return
        work.watch(lambda _: twin.watch(lambda _: self._judge(work, twin, request.rows)))

    def _judge(self, work: Work, twin: Work, rows: int) -> None:
        if not isinstance(work.outcome, dict):
            self._count("skipped", rows)
        elif not isinstance(twin.outcome, dict):
            self._count("failed", rows)
        else:
            agreeing = int(self._compare.agreeing(work.outcome, twin.outcome).sum())
            self._count("agree", agreeing)
            self._count("disagree", rows - agreeing)

    def _count(self, outcome: str, rows: int) -> None:
        if rows:
            self.rows[outcome] += rows
            self._count_metric(outcome, rows)


class Comparison:
    """When two versions' answers to a row agree: the same class, or numbers within a tolerance."""

    def __init__(self, interface: Interface, rtol: float, atol: float) -> None:
        self._tensors = interface.outputs
        self._rtol, self._atol = rtol, atol
        results = interface.signature.result if interface.signature.task == "classification" else []
        self._thresholds = [entry for entry in results if isinstance(entry, ThresholdResult)]
        self._labelled = {entry.output for entry in results if isinstance(entry, LabelResult)}
        if interface.signature.task == "classification" and not results:
            self._labelled = {name for name, tensor in interface.outputs.items() if tensor.size > 1}

    def agreeing(self, one: Arrays, other: Arrays) -> np.ndarray:
        """Which rows agree, BOOL [rows]."""
        rows = len(next(iter(one.values())))
        agree = np.ones(rows, dtype=bool)
        for name in self._labelled:
            agree &= one[name].reshape(rows, -1).argmax(axis=1) == other[name].reshape(rows, -1).argmax(axis=1)
        for entry in self._thresholds:
            first, second = (answers[entry.output].reshape(rows, -1)[:, entry.index] for answers in (one, other))
            agree &= (first >= entry.threshold) == (second >= entry.threshold)
        if not self._labelled and not self._thresholds:
            for name, tensor in self._tensors.items():
                agree &= self._close(one[name], other[name], tensor).reshape(rows, -1).all(axis=1)
        return agree

    def _close(self, one: np.ndarray, other: np.ndarray, tensor: OutputTensor) -> np.ndarray:
        given = bool(self._rtol or self._atol)
        rtol, atol = (self._rtol, self._atol) if given else (tensor.rtol, tensor.atol)
        close: np.ndarray = np.isclose(other, one, rtol=rtol, atol=atol)
        return close
