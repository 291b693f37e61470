"""The users that Locust plays: one for each model of our own, and one for all that a server has."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any, ClassVar

from locust import FastHttpUser, task
from locust.env import Environment

from loadtests.errors import WrongAnswer
from loadtests.payloads import Deck


class ModelUser(FastHttpUser):
    """Asks one model, or all, in every form; each answer is checked.

    Attributes:
        model: The model's name; None for all.
        decks: Requests to draw from, by model.
        seed: The same seed draws the same requests.
        think_s: Shortest and longest pause between an answer and the next request.
    """

    abstract = True
    model: ClassVar[str | None] = None
    decks: ClassVar[dict[str, Deck]] = {}
    seed: ClassVar[int] = 0
    think_s: ClassVar[tuple[float, float]] = (0.0, 0.0)
    network_timeout = 10.0
    connection_timeout = 10.0
    _numbers: ClassVar[dict[type, itertools.count[int]]] = {}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # by process, class and place in it, so that a seed means the same requests however others start
        number = next(self._numbers.setdefault(type(self), itertools.count()))
        process = getattr(environment.runner, "worker_index", 0)
        self._random = Random(f"{self.seed} {process} {type(self).__name__} {number}")
        self._decks = [deck for name, deck in sorted(self.decks.items()) if self.model in (None, name)]

    def wait_time(self) -> float:
        """The pause before the next request."""
        return self._random.uniform(*self.think_s)

    @classmethod
    def can_run(cls) -> bool:
        """Whether there is something to ask."""
        return bool(cls.decks) if cls.model is None else cls.model in cls.decks

    @task
    def ask(self) -> None:
        """Send one payload and check its answer."""
        payload = self._random.choice(self._decks).draw(self._random)
        body: Any = payload.body  # bytes are taken, though the stubs say text
        context = {"rows": len(payload.rows)}
        with self.client.post(
            payload.path, data=body, name=payload.name, catch_response=True, context=context
        ) as response:
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
