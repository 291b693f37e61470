"""A worker: one of several Locust processes that play the users of one run, and what it tells the master.

    master → worker                       worker → master
    prepared?                             prepared, with the mark of its requests
    collect                               measured: everything since the last parcel
    finish                                measured, the last of the run, once its users have stopped

Measurements also ride on the report that Locust sends every three seconds, so that parcels stay small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from locust.env import Environment
from locust.runners import WorkerRunner

from loadtests.busy import Effort
from loadtests.measurements import Measurements, requests_in
from loadtests.part import Part


class Worker(Part):
    """This process as a worker.

    Args:
        runner: Locust's side of it.
        measured: What this process measures.
        requests: Mark of the requests that it was prepared for; the same on every machine.
    """

    judges: ClassVar[bool] = False

    def __init__(self, runner: WorkerRunner, measured: Measurements, requests: str) -> None:
        super().__init__(measured)
        self._runner, self._requests = runner, requests
        self._sent = 0
        self._listen("prepared?", self._answer)
        self._listen("collect", self._deliver)
        self._listen("finish", self._finish)

    def _listen(self, kind: str, answer: Callable[[Any], None]) -> None:
        def listener(environment: Environment, msg: Any) -> None:
            answer(msg.data)

        self._runner.register_message(kind, listener)

    def parcel(self, **more: Any) -> dict[str, Any]:
        """What was measured since the last parcel, and how many requests there were in all."""
        drained = self._measured.drain()
        self._sent += requests_in(drained)
        effort = Effort.now()
        return {**drained, "sent": self._sent, "busy_s": effort.busy_s, "at_s": effort.at_s, **more}

    def send(self, data: dict[str, Any]) -> None:
        """Add what was measured to Locust's report."""
        data["measured"] = self.parcel()

    def stop(self) -> None:
        """The users have stopped: deliver the rest, and begin anew at nothing."""
        super().stop()
        self._runner.send_message("measured", self.parcel(last=True))
        self._measured.start()
        self._sent = 0

    def _answer(self, _: Any) -> None:
        self._runner.send_message("prepared", {"requests": self._requests})

    def _deliver(self, number: Any) -> None:
        self._runner.send_message("measured", self.parcel(collect=number))

    def _finish(self, _: Any) -> None:
        # Locust fires its event of a stopped test, and that calls `stop`
        self._runner.stop()
