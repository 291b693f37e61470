"""Doubles of Locust's runners: a master and its workers in one process, with their messages as bytes in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from locust.rpc.protocol import Message
from locust.runners import MasterRunner, WorkerRunner

from loadtests.master import Master
from loadtests.measurements import Measurements
from loadtests.worker import Worker

REQUESTS = "the same requests"


class Runner:
    """What both sides have: a name, and listeners to messages."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.custom_messages: dict[str, Callable[..., None]] = {}
        self.stopped = False

    def register_message(self, kind: str, listener: Callable[..., None]) -> None:
        self.custom_messages[kind] = listener

    def deliver(self, message: Message) -> None:
        message = Message.unserialize(message.serialize())
        if message.type in self.custom_messages:
            self.custom_messages[message.type](environment=None, msg=message)


class WorkerDouble(Runner):
    """A worker that plays no users of its own accord; `play` is what its users did."""

    def __init__(self, name: str, master: MasterDouble, requests: str = REQUESTS) -> None:
        super().__init__(name)
        self._master = master
        self.measured = Measurements()
        self.worker = Worker(cast(WorkerRunner, self), self.measured, requests)

    def play(self, requests: Sequence[tuple[str, float, str | None, int]]) -> None:
        for request in requests:
            self.measured.add(*request)

    def report(self) -> None:
        """Locust's report of every three seconds."""
        data: dict[str, Any] = {}
        self.worker.send(data)
        message = Message.unserialize(Message("stats", data, self.name).serialize())
        self._master.master.receive(self.name, message.data)

    def send_message(self, kind: str, data: Any = None) -> None:
        self._master.deliver(Message(kind, data, self.name))

    def stop(self) -> None:
        self.stopped = True
        self.worker.stop()


class MasterDouble(Runner):
    """A master with some workers; a name in `silent` hears nothing, and `lose` lets one vanish."""

    def __init__(self, workers: int = 2, requests: Sequence[str] = ()) -> None:
        super().__init__("master")
        self.state = "running"
        self.silent: set[str] = set()
        self.measured = Measurements()
        self.watching: list[Any] = []
        self.greenlet = SimpleNamespace(spawn=lambda *call: self.watching.append(call))
        self.workers = {
            name: WorkerDouble(name, self, requests[number] if requests else REQUESTS)
            for number, name in enumerate("abcdefgh"[:workers])
        }
        self.clients = {name: SimpleNamespace(state="ready") for name in self.workers}
        self.master = Master(cast(MasterRunner, self), self.measured, REQUESTS)

    def lose(self, name: str) -> None:
        self.clients[name].state = "missing"

    def send_message(self, kind: str, data: Any = None, client_id: str = "") -> None:
        if client_id not in self.silent:
            self.workers[client_id].deliver(Message(kind, data, client_id))
