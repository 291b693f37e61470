"""What Locust loads: a user for each model, one for all of them, and the hooks that check, count and judge.

``python -m loadtests`` runs it headless. By hand, from the project's folder, with Locust's own page at port 8089:

    locust -f loadtests/locustfile.py --host http://127.0.0.1:3000 --web-host 127.0.0.1
"""

from __future__ import annotations

import argparse
import itertools
import sys
from random import Random
from typing import Any, ClassVar

from locust import FastHttpUser, events, task
from locust.env import Environment

from loadtests import options
from loadtests.discovery import discover
from loadtests.errors import LoadTestError, WrongAnswer
from loadtests.measurements import Measurements
from loadtests.payloads import Deck, deal
from loadtests.report import report
from loadtests.shapes.stages import Stages
from loadtests.target import Target

THINK_S = (0.005, 0.05)
"""Shortest and longest pause of a user between an answer and the next request."""


class ModelUser(FastHttpUser):
    """Asks one model, or all, in every form; each answer is checked."""

    abstract = True
    model: ClassVar[str | None] = None
    decks: ClassVar[dict[str, Deck]] = {}
    seed: ClassVar[int] = 0
    network_timeout = 10.0
    connection_timeout = 10.0
    _numbers: ClassVar[dict[type, itertools.count[int]]] = {}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # by class and place in it, so that a seed means the same requests however users of other classes start
        number = next(self._numbers.setdefault(type(self), itertools.count()))
        self._random = Random(f"{self.seed} {type(self).__name__} {number}")
        self._decks = [deck for name, deck in sorted(self.decks.items()) if self.model in (None, name)]

    def wait_time(self) -> float:
        """The pause before the next request."""
        return self._random.uniform(*THINK_S)

    @task
    def ask(self) -> None:
        """Send one payload and check its answer."""
        payload = self._random.choice(self._decks).draw(self._random)
        body: Any = payload.body  # bytes are taken, though the stubs say text
        with self.client.post(payload.path, data=body, name=payload.name, catch_response=True) as response:
            if not response.status_code:
                response.failure(WrongAnswer.at("an answer", f"none, but {response.error!r}"))
                return
            try:
                payload.check(response.status_code, response.content or b"")
            except WrongAnswer as error:
                response.failure(error)
            else:
                response.success()


class MnistUser(ModelUser):
    """Asks ``mnist``."""

    model = "mnist"


class FashionUser(ModelUser):
    """Asks ``fashion``."""

    model = "fashion"


class XorUser(ModelUser):
    """Asks ``xor``."""

    model = "xor"


class FlightsUser(ModelUser):
    """Asks ``flights``."""

    model = "flights"


class MixedUser(ModelUser):
    """Asks every model that the server has, in turn by chance."""


measured = Measurements()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give Locust's command line our options."""
    options.add(parser)


def prepare(environment: Environment, **_: Any) -> None:
    """Ask the server for its models and write the payloads; leave out users whose model it does not have."""
    chosen = environment.parsed_options
    assert chosen is not None
    try:
        target = Target.checked(environment.host or "", remote=chosen.remote)
        found = discover(target, options.examples_folder(chosen), chosen.seed)
    except LoadTestError as error:
        sys.exit(f"loadtests: {error}")
    say("\n".join(found.notes))
    ModelUser.decks = {name: deal(examples, chosen.seed) for name, examples in found.models.items()}
    ModelUser.seed = chosen.seed
    environment.host = ModelUser.host = target.url
    environment.user_classes = [one for one in environment.user_classes if _can_run(one)]
    if not environment.user_classes:
        sys.exit("loadtests: Expected a model that a user can ask. Received none.")
    if isinstance(environment.shape_class, Stages):
        environment.shape_class.fit(chosen.num_users, chosen.run_time)
        say(f"{type(environment.shape_class).__name__}: {environment.shape_class} at {target.url}, seed {chosen.seed}")


def _can_run(user: type[Any]) -> bool:
    if not issubclass(user, ModelUser):
        return False
    return bool(ModelUser.decks) if user.model is None else user.model in ModelUser.decks


def start(environment: Environment, **_: Any) -> None:
    """A run begins."""
    # payloads and leave belong to the server that was asked; another one typed into Locust's page is not taken
    environment.host = ModelUser.host
    measured.start()


def count(name: str, response_time: float, exception: Exception | None = None, **_: Any) -> None:
    """Keep a request's time and outcome."""
    measured.add(name, response_time, exception)


def stop(**_: Any) -> None:
    """The run is over."""
    measured.stop()


def judge(environment: Environment, **_: Any) -> None:
    """Print the report; broken thresholds, and faults of the load test itself, set the exit code."""
    assert environment.parsed_options is not None
    verdicts = options.thresholds(environment.parsed_options).judge(measured.total())
    say("\n" + report(measured, verdicts))
    if environment.runner and environment.runner.cpu_warning_emitted:
        say("Locust used a whole core at some time: the times are its own as well as the server's.")
    faults = environment.runner.exceptions.values() if environment.runner else ()
    for fault in faults:
        say(f"The load test itself failed {fault['count']} times: {fault['msg']}\n{fault['traceback']}")
    environment.process_exit_code = 0 if all(verdict.holds for verdict in verdicts) and not faults else 1


def say(text: str) -> None:
    """Print for people, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


for hook, listener in (
    (events.init_command_line_parser, add_options),
    (events.init, prepare),
    (events.test_start, start),
    (events.request, count),
    (events.test_stop, stop),
    (events.quitting, judge),
):
    hook.add_listener(listener)  # type: ignore[no-untyped-call]
