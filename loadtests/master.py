"""The master: the Locust process that leads the workers of one run, and merges what they measure.

Thresholds are judged here, once, over everything. A worker that is missing, late or other than the rest is a fault:
the run ends and fails, since a load of fewer users says nothing about the load that was asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner

from loadtests.busy import Effort
from loadtests.errors import WorkerGone
from loadtests.measurements import Measurements, Parcel, requests_in
from loadtests.part import Part

POLL_S = 0.05
ASK_S = 0.2
"""Pause between two questions to workers that are not prepared yet."""
LATE_S = 10
"""Longest wait for workers that connected just before a run began by hand."""
COLLECT_S = 10
"""Longest wait for measurements during a load."""
LAST_S = 20
"""Longest wait for the last ones: users may take a while to end their requests."""


class Master(Part):
    """This process as the master.

    Args:
        runner: Locust's side of it.
        measured: Takes everything.
        requests: Mark of the requests that every worker must be prepared for.
    """

    def __init__(self, runner: MasterRunner, measured: Measurements, requests: str) -> None:
        super().__init__(measured)
        self._runner, self._requests = runner, requests
        self._prepared: dict[str, str] = {}
        self._number = 0
        self._begin()
        for kind, listener in (("prepared", self._on_prepared), ("measured", self._on_measured)):
            runner.register_message(kind, listener)

    def wait(self, count: int, timeout_s: float) -> None:
        """Wait until enough workers are prepared.

        Raises:
            WorkerGone: They did not come in time, or are prepared for other requests.
        """
        deadline = time.monotonic() + timeout_s
        while len(present := self.present()) < count or not present <= self._prepared.keys():
            if time.monotonic() > deadline:
                raise WorkerGone(
                    f"Expected {count} prepared workers within {timeout_s:g} s. "
                    f"Received {len(present & self._prepared.keys())}; a worker's own output or log says why."
                )
            for name in present - self._prepared.keys():
                self._runner.send_message("prepared?", client_id=name)
            time.sleep(ASK_S)
        if any(self._prepared[name] != self._requests for name in present):
            raise WorkerGone(
                "Expected workers with the same --shape, --seed and examples as the master. "
                "Received one that would send other requests."
            )

    def present(self) -> set[str]:
        """The workers that are there and give signs of life."""
        return {name for name, client in self._runner.clients.items() if client.state != STATE_MISSING}

    def start(self, end: Callable[[], None]) -> None:
        """A run begins, with the workers that are there; they are looked after until it ends."""
        super().start(end)
        self._begin()
        try:
            self.wait(1, LATE_S)
        except WorkerGone as error:
            self.faults.append(str(error))
        self._runner.greenlet.spawn(self.watch, end)

    def _begin(self) -> None:
        self.faults = []
        self._workers = frozenset(self.present())
        self._received = dict.fromkeys(self._workers, 0)
        self._efforts: dict[str, Effort] = {}
        self._collected: dict[str, int] = {}
        self._ended: set[str] = set()

    def gone(self) -> str:
        """Which workers of the run are not there any more, or came too late, in a sentence; empty if none."""
        present = self.present()
        if lost := len(self._workers - present):
            return f"Expected {len(self._workers)} workers until the end of the load. Lost {lost}."
        return "Expected no worker after the load began. One came." if present - self._workers else ""

    def watch(self, end: Callable[[], None]) -> None:
        """Look after the workers until the load ends or one is gone; then end the load."""
        while self._runner.state in ("ready", "spawning", "running"):
            if fault := self.gone():
                self.faults.append(fault)
            if self.faults:
                end()
                return
            time.sleep(1)

    def collect(self) -> Mapping[str, Effort]:
        """Bring the measurements up to date.

        Returns:
            What effort each worker has made.
        """
        self._number += 1
        for name in self._workers:
            self._runner.send_message("collect", self._number, client_id=name)  # type: ignore[arg-type]
        self._await(lambda: {name for name, number in self._collected.items() if number >= self._number}, COLLECT_S)
        return dict(self._efforts)

    def stop(self) -> None:
        """Stop the users, and wait for the last measurements of every worker that still lives."""
        for name in self._workers & self.present():
            self._runner.send_message("finish", client_id=name)
        self._await(lambda: self._ended, LAST_S)
        if (lost := len(self._workers - self._ended)) and not self.faults:
            self.faults.append(f"Expected the last measurements of {len(self._workers)} workers. Lost those of {lost}.")
        super().stop()

    def receive(self, name: str, data: Mapping[str, Any]) -> None:
        """Take the measurements that ride on Locust's report."""
        if "measured" in data:
            self.take(name, data["measured"])

    def take(self, name: str, parcel: Parcel) -> None:
        """Merge a parcel; what a stranger measured is not part of the run."""
        if name not in self._workers or name in self._ended:
            return
        self._measured.merge(parcel)
        self._received[name] += requests_in(parcel)
        if self._received[name] != parcel["sent"]:
            self.faults.append(f"Expected {parcel['sent']} requests of a worker. Received {self._received[name]}.")
            self._received[name] = parcel["sent"]
        self._efforts[name] = Effort(parcel["busy_s"], parcel["at_s"])
        self._collected[name] = max(self._collected.get(name, 0), parcel.get("collect", 0))
        if parcel.get("last"):
            self._ended.add(name)

    def _await(self, done: Callable[[], Collection[str]], timeout_s: float) -> None:
        """Wait for all workers, but not for those that are missing."""
        deadline = time.monotonic() + timeout_s
        while waiting := (self._workers & self.present()) - set(done()):
            if time.monotonic() > deadline:
                self.faults.append(f"Expected measurements within {timeout_s:g} s. {len(waiting)} workers sent none.")
                return
            time.sleep(POLL_S)

    def _on_prepared(self, environment: Environment, msg: Any) -> None:
        self._prepared[msg.node_id] = msg.data["requests"]

    def _on_measured(self, environment: Environment, msg: Any) -> None:
        self.take(msg.node_id, msg.data)
