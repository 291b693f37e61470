"""The scheduler against a short model of a queue, under any order of events and a clock that the test moves."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from unittest import mock

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service import batching, engine_threads
from service.batching import SMOOTHING, Scheduler, Work
from service.deadlines import SLOT_S, DeadlineWheel
from service.errors import DeadlineExceeded, InferenceFailed, Overloaded
from service.execution import Executor
from service.metrics import BatchMetrics, Metrics
from service.plan import Plan, whole
from tests.clock import VirtualLoop
from tests.service.queue_model import BATCH_ROWS, QUEUE_ROWS, Entry, Model
from tests.toy_engines import MARK, PATIENCE_S, SIGNATURE, Gate, Poisoned, answers, request, same

MOST_ROWS = 30
"""A request above the queue's bound is taken when nothing waits."""


class SchedulerMachine(RuleBasedStateMachine):
    """Submits, cancels, lets time pass, lets batches finish or fail, and compares with the model after each step.

    Attributes:
        plan: How many of the rows that wait ride in a batch.
    """

    plan = whole(BATCH_ROWS)

    def __init__(self) -> None:
        super().__init__()
        self.loop, self.model = VirtualLoop(), Model(self.plan.take)
        self.patches = [mock.patch.object(m, "perf_counter", self.loop.time) for m in (batching, engine_threads)]
        for patch in self.patches:
            patch.start()
        self.gate = Gate(Executor(Poisoned(), SIGNATURE, range(1, BATCH_ROWS + 1), self.plan))
        asyncio._set_running_loop(self.loop)
        try:
            metrics = BatchMetrics(Metrics(), "toy", "1")
            wheel = DeadlineWheel(self.loop)
            self.scheduler = Scheduler(self.gate, wheel, QUEUE_ROWS, metrics)  # type: ignore[arg-type]
        finally:
            asyncio._set_running_loop(None)
        self.works: dict[int, tuple[Work, np.ndarray]] = {}

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            self.gate.open()
            self.scheduler.close()
            for thread in self.scheduler._threads._threads:
                thread.join(PATIENCE_S)
            for patch in self.patches:
                patch.stop()

    def come_to_rest(self) -> None:
        """When all batches have finished and all deadlines have passed, nothing is left of any request."""
        while self.model.batches:
            self.finish_batch()
        self.loop.advance(20.0)
        self.expire()
        assert (self.scheduler.queued_rows, self.scheduler.busy_s()) == (0, 0)
        assert all(work.future.done() for work, _ in self.works.values()), "a future was left pending"
        assert not self.loop.faults

    @rule(rows=st.integers(1, 6) | st.integers(1, MOST_ROWS), timeout=st.integers(0, 12), bad=st.integers(0, 9))
    def submit(self, rows: int, timeout: int, bad: int) -> None:
        number, now = len(self.model.entries), self.loop.time()
        # deadlines lie half-way between the moments at which time stands still
        deadline = now + timeout + 0.5
        x = np.stack([np.arange(rows), np.full(rows, number)], axis=1).astype(np.float32)
        if bad == 0:
            x[rows // 2, 0] = MARK
        refused = self.model.refuses(rows, deadline, now)
        try:
            work = self.scheduler.submit(request(x, deadline))
        except Overloaded:
            assert refused, "refused what the model accepts"
            return
        assert not refused, "accepted what the model refuses"
        self.model.entries[number] = Entry(rows, deadline, bad == 0)
        self.works[number] = (work, x)
        self.model.queue.append(number)
        idle = not self.model.batches
        self.started(self.model.start(now), begun=idle)

    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        """One of the newest requests."""
        if which >= len(self.works):
            return
        number = sorted(self.works)[-1 - which]
        work, _ = self.works[number]
        was_done = work.future.done()
        self.scheduler.drop(work)
        assert was_done or work.future.cancelled()
        if number in self.model.queue:
            self.model.queue.remove(number)

    @rule(seconds=st.integers(1, 5), stalled=st.booleans())
    def time_passes(self, seconds: int, stalled: bool) -> None:
        """While the loop stalls, deadlines pass without the wheel's turning."""
        self.loop.stall(seconds)
        if not stalled:
            self.loop.advance(0)
            self.expire()

    @rule()
    def finish_batch(self) -> None:
        """The engine comes back, if there is a batch."""
        if not self.model.batches:
            return
        finished, now = self.model.batches.pop(0), self.loop.time()
        assert self.busy
        done_before = {number for number, (work, _) in self.works.items() if work.future.done()}
        self.gate.let_one_pass()
        self.loop.take_one()
        elapsed, self.model.started = now - self.model.started, now
        expired = self.model.start(now)
        self.model.batch_s += (elapsed - self.model.batch_s) * (SMOOTHING if self.model.batch_s else 1)
        for number, start, stop in finished:
            if number not in done_before and number not in expired:
                self.check_answer(number, start, stop)
        self.started(expired, begun=True)

    def started(self, expired: list[int], *, begun: bool) -> None:
        """The engine's thread has the batch that the model has; what had expired is answered.

        What has ended while its batch waited for the thread may be left out of it, depending on who was first; and a
        batch of nothing else comes back at once.
        """
        until = time.monotonic() + PATIENCE_S
        entered = not begun
        while self.model.batches and not entered:
            assert time.monotonic() < until, "the engine's thread has nothing"
            entered = self.gate.entered.acquire(timeout=0.001)
            while self.loop.handed:  # before the one that has entered
                assert not self.living(self.model.batches.pop(0))
                self.loop.take_one()
                expired += self.model.start(self.loop.time())
        for number in expired:
            assert isinstance(self.works[number][0].future.exception(), DeadlineExceeded)
        assert self.busy == bool(self.model.batches)
        if self.busy and begun:
            parts = Counter(len(part) for part in self.gate.batches[-1])
            whole = Counter(stop - start for _, start, stop in self.model.batches[0])
            assert self.living(self.model.batches[0]) <= parts <= whole

    def living(self, batch: list[tuple[int, int, int]]) -> Counter[int]:
        """Rows of each slice that somebody waits for."""
        return Counter(stop - start for number, start, stop in batch if not self.works[number][0].future.done())

    def expire(self) -> None:
        """Every deadline that has passed by more than the wheel's slots has ended its request."""
        for number, entry in self.model.entries.items():
            if entry.deadline + 2 * SLOT_S < self.loop.time():
                assert self.works[number][0].future.done()
                if number in self.model.queue:
                    self.model.queue.remove(number)

    def check_answer(self, number: int, start: int, stop: int) -> None:
        """The outcome of a slice whose batch has finished: the request fails, is answered, or waits for the rest."""
        work, x = self.works[number]
        if (x[start:stop, 0] == MARK).any():
            assert isinstance(work.future.exception(), InferenceFailed)
            if number in self.model.queue:
                self.model.queue.remove(number)
        elif stop == len(x):
            assert same(work.future.result(), answers(x))
        elif not work.future.done():
            assert number in self.model.queue or any(number == riding for b in self.model.batches for riding, _, _ in b)

    @property
    def busy(self) -> bool:
        return not self.scheduler._threads.idle

    @invariant()
    def counters_agree(self) -> None:
        assert self.scheduler.queued_rows == self.model.queued_rows
        assert self.scheduler.queued_rows <= max(QUEUE_ROWS, MOST_ROWS)
        assert self.busy == bool(self.model.batches)


class PartingMachine(SchedulerMachine):
    """The same where some numbers of rows are run in parts."""

    plan = Plan((0, 1, 2, 2, 4, 4, 4, 4, 8))


SchedulerMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestSchedulerAgreesWithItsModel = SchedulerMachine.TestCase
PartingMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestSchedulerPartsAsItsModel = PartingMachine.TestCase
