"""What Locust gives to its hooks, without Locust's own loop."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locust.env import Environment

from loadtests import options
from loadtests.hooks import Hooks
from loadtests.shapes.smoke import Smoke
from loadtests.users import FlightsUser, MixedUser, MnistUser, ModelUser, XorUser
from tests.loadtests.double import Double


def environment(double: Double, home: Path, *words: str) -> Environment:
    """An environment for the double's address and the toy's examples."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_users", type=int)
    parser.add_argument("--run_time", type=int)
    parser.add_argument("--csv_prefix")
    options.add(parser)
    chosen = parser.parse_args([f"--examples={home / 'models'}", *words])
    users = [MnistUser, XorUser, FlightsUser, MixedUser]
    return Environment(user_classes=[*users], host=double.url, parsed_options=chosen, shape_class=Smoke())


@contextmanager
def asking(prepared: Environment) -> Iterator[tuple[MixedUser, list[Exception | None]]]:
    """A user, and what is reported of its requests."""
    Hooks().prepare(prepared)
    seen: list[Exception | None] = []
    prepared.events.request.add_listener(lambda exception, **_: seen.append(exception))
    user = MixedUser(prepared)
    yield user, seen
    user.client.client.close()


def forget() -> None:
    """Undo what hooks leave behind in the classes of users."""
    ModelUser.decks, ModelUser.seed, ModelUser.host, ModelUser.think_s = {}, 0, None, (0.0, 0.0)
    ModelUser._numbers.clear()
