"""What happens at Locust's events: prepare, count, merge, judge."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtests import options, steps
from loadtests.discovery import discover
from loadtests.errors import LoadTestError
from loadtests.master import Master
from loadtests.measurements import Measurements
from loadtests.part import Part
from loadtests.payloads import deal, fingerprint
from loadtests.report import failures, report
from loadtests.shapes.shape import Shape
from loadtests.target import Target
from loadtests.users import ModelUser
from loadtests.worker import Worker

WORKERS_S = 300
"""Longest wait of a master for its workers; those on other machines are started by people."""


class Hooks:
    """The events of one process, in the order in which they come."""

    def __init__(self) -> None:
        self.measured = Measurements()
        self.part = Part(self.measured)

    def prepare(self, environment: Environment, **_: Any) -> None:
        """Ask the server for its models and write the payloads; then find the other processes, if there are any."""
        chosen = environment.parsed_options
        assert chosen is not None
        try:
            target = Target.checked(environment.host or "", remote=chosen.remote)
            found = discover(target, options.examples_folder(chosen), chosen.seed)
            ModelUser.decks = {name: deal(examples, chosen.seed) for name, examples in found.models.items()}
            ModelUser.seed = chosen.seed
            environment.host = ModelUser.host = target.url
            choose_users(environment)
            self.part = part_of(environment, self.measured)
            if self.part.judges:
                say("\n".join(found.notes))
                self._lead(environment, chosen)
        except (LoadTestError, KeyboardInterrupt) as error:
            leave(environment, error)

    def _lead(self, environment: Environment, chosen: argparse.Namespace) -> None:
        shape = environment.shape_class
        if isinstance(environment.runner, MasterRunner) and chosen.headless:
            say(f"Waiting for {chosen.expect_workers} Locust processes")
            self.part.wait(chosen.expect_workers, WORKERS_S)
        if isinstance(shape, Shape):
            shape.fit(chosen.num_users, chosen.run_time)
            shape.watch(self.measured, self.part.collect, chosen.objective_p99_ms, chosen.window_s)
            say(f"{type(shape).__name__}: {shape} at {environment.host}, seed {chosen.seed}")

    def start(self, environment: Environment, **_: Any) -> None:
        """A run begins."""
        # payloads and leave belong to the server that was asked; another one typed into Locust's page is not taken
        environment.host = ModelUser.host
        self.part.start(lambda: end(environment))

    def count(
        self,
        name: str,
        response_time: float,
        exception: Exception | None = None,
        context: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Keep a request's time and outcome."""
        self.measured.add(name, response_time, exception, (context or {}).get("rows", 0))

    def send(self, data: dict[str, Any], **_: Any) -> None:
        """A worker reports to its master."""
        self.part.send(data)

    def receive(self, client_id: str, data: Mapping[str, Any], **_: Any) -> None:
        """A master takes that report."""
        self.part.receive(client_id, data)

    def stop(self, **_: Any) -> None:
        """The run is over."""
        self.part.stop()

    def judge(self, environment: Environment, **_: Any) -> None:
        """Print the report; broken thresholds, and faults of the load test itself, set the exit code."""
        if not self.part.judges:
            environment.process_exit_code = 0
            return
        holds = self._conclude(environment)
        runner = environment.runner
        if runner and (runner.cpu_warning_emitted or runner.worker_cpu_warning_emitted):
            say("Locust used a whole core at some time: the times are its own as well as the server's.")
        errors = list(runner.exceptions.values()) if runner else []
        for error in errors:
            say(f"The load test itself failed {error['count']} times: {error['msg']}\n{error['traceback']}")
        for fault in dict.fromkeys(self.part.faults):
            say(f"The load test itself failed: {fault}")
        environment.process_exit_code = 0 if holds and not errors and not self.part.faults else 1

    def _conclude(self, environment: Environment) -> bool:
        """Print what was measured; whether it is what was asked for."""
        chosen, shape = environment.parsed_options, environment.shape_class
        assert chosen is not None
        search = shape.verdict if isinstance(shape, Shape) else None
        if search is None:
            verdicts = options.thresholds(chosen).judge(self.measured.total())
            say("\n" + report(self.measured, verdicts))
            return all(verdict.holds for verdict in verdicts)
        if self.measured.messages:
            say("\n" + failures(self.measured))
        say("\n" + steps.text(search))
        if chosen.csv_prefix:
            steps.write(search, chosen.csv_prefix)
        return search.found is not None


def choose_users(environment: Environment) -> None:
    """Leave out users whose model the server does not have, and set the pauses of the others.

    Raises:
        LoadTestError: None is left.
    """
    shape = environment.shape_class
    ModelUser.think_s = shape.think_s if isinstance(shape, Shape) else Shape.think_s
    mixed = isinstance(shape, Shape) and shape.mixed
    environment.user_classes = [
        user
        for user in environment.user_classes
        if issubclass(user, ModelUser) and user.can_run() and (user.model is None or not mixed)
    ]
    if not environment.user_classes:
        raise LoadTestError("Expected a model that a user can ask. Received none.")


def part_of(environment: Environment, measured: Measurements) -> Part:
    """The part of this process; in a worker, the first moment at which it may be given users."""
    names = [type(environment.shape_class).__name__, *sorted(user.__name__ for user in environment.user_classes)]
    requests = fingerprint(ModelUser.decks, f"{ModelUser.seed} {names}")
    if isinstance(environment.runner, WorkerRunner):
        return Worker(environment.runner, measured, requests)
    if isinstance(environment.runner, MasterRunner):
        return Master(environment.runner, measured, requests)
    return Part(measured)


def leave(environment: Environment, error: BaseException) -> NoReturn:
    """End this process before the load, and with a master its workers."""
    message = f"loadtests: {str(error) or 'interrupted'}"
    if isinstance(environment.runner, WorkerRunner):
        # to its log: a server that is not there would otherwise be said by every process
        logging.getLogger(__name__).error(message)
        sys.exit(1)
    if isinstance(environment.runner, MasterRunner):
        environment.runner.quit()
    sys.exit(message)


def end(environment: Environment) -> None:
    """End a run before its time."""
    runner, chosen = environment.runner, environment.parsed_options
    if isinstance(environment.shape_class, Shape):
        environment.shape_class.end()
    elif runner is not None and chosen is not None:
        (runner.quit if chosen.headless else runner.stop)()


def say(text: str) -> None:
    """Print for people, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
