"""Users and hooks, in this process and without Locust's own loop."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from locust.env import Environment

from loadtests import locustfile, options
from loadtests.locustfile import FlightsUser, MixedUser, MnistUser, ModelUser, XorUser
from loadtests.shapes.smoke import Smoke
from loadtests.shapes.stages import Stage
from tests.loadtests.double import Double

ALL = [MnistUser, XorUser, FlightsUser, MixedUser]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What Locust's hooks leave behind does not reach the next test."""
    yield
    ModelUser.decks, ModelUser.seed, ModelUser.host = {}, 0, None
    ModelUser._numbers.clear()


def environment(double: Double, home: Path, *words: str) -> Environment:
    """What Locust gives to its hooks, for the double's address and the toy's examples."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_users", type=int)
    parser.add_argument("--run_time", type=int)
    options.add(parser)
    chosen = parser.parse_args([f"--examples={home / 'models'}", *words])
    return Environment(user_classes=list(ALL), host=double.url, parsed_options=chosen, shape_class=Smoke())


@contextmanager
def asking(prepared: Environment) -> Iterator[tuple[MixedUser, list[Exception | None]]]:
    """A user, and what is reported of its requests."""
    locustfile.prepare(prepared)
    seen: list[Exception | None] = []
    prepared.events.request.add_listener(lambda exception, **_: seen.append(exception))
    user = MixedUser(prepared)
    yield user, seen
    user.client.client.close()


def test_users_of_absent_models_are_left_out(double: Double, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only users with something to ask remain, and a line says which model is missing."""
    prepared = environment(double, home)
    locustfile.prepare(prepared)
    assert prepared.user_classes == [MixedUser]
    assert "xor: left out" in capsys.readouterr().out


def test_mixed_user_asks_every_model(double: Double, home: Path) -> None:
    """Any name that the server has is asked, not only the four with users of their own."""
    double.models = ["toy", "xor"]
    (home / "models" / "xor").symlink_to(home / "models" / "toy")
    prepared = environment(double, home)
    locustfile.prepare(prepared)
    assert prepared.user_classes == [XorUser, MixedUser]
    assert {deck.model for deck in MixedUser(prepared)._decks} == {"toy", "xor"}
    assert {deck.model for deck in XorUser(prepared)._decks} == {"xor"}


def test_server_without_models_ends_the_run(double: Double, home: Path) -> None:
    """Nothing to ask is an error with a message."""
    double.models = []
    with pytest.raises(SystemExit, match="Expected a model"):
        locustfile.prepare(environment(double, home))


def test_other_machines_need_leave_here_too(double: Double, home: Path) -> None:
    """Locust's own command line does not load another machine by a slip either."""
    prepared = environment(double, home)
    prepared.host = "http://10.0.0.1:3000"
    with pytest.raises(SystemExit, match="--remote"):
        locustfile.prepare(prepared)


def test_address_cannot_change_after_the_check(double: Double, home: Path) -> None:
    """An address typed into Locust's page does not lead the load elsewhere."""
    prepared = environment(double, home)
    locustfile.prepare(prepared)
    prepared.host = "http://10.0.0.1:3000"
    locustfile.start(prepared)
    assert prepared.host == double.url


def test_shape_fits_the_options(double: Double, home: Path) -> None:
    """Locust's options for users and time scale the shape."""
    prepared = environment(double, home, "--num_users=2", "--run_time=3")
    locustfile.prepare(prepared)
    assert isinstance(prepared.shape_class, Smoke)
    assert prepared.shape_class.stages == (Stage(3, 2),)


def test_same_seed_same_sequence(double: Double, home: Path) -> None:
    """The first user of a class draws the same requests in every run with a seed; the second draws others."""
    prepared = environment(double, home)
    locustfile.prepare(prepared)

    def sequence() -> list[bytes]:
        user = MixedUser(prepared)
        return [user._decks[0].draw(user._random).body for _ in range(50)]

    first, second = sequence(), sequence()
    ModelUser._numbers.clear()
    assert sequence() == first
    assert first != second


def test_right_answers_count_and_wrong_ones_fail(double: Double, home: Path) -> None:
    """A user reports a right answer as a request, and a wrong one as a failure that says both sides."""
    with asking(environment(double, home)) as (user, seen):
        user.ask()
        double.spoil = lambda _: {"predictions": [], "outputs": []}
        user.ask()
    right, wrong = seen
    assert right is None
    assert "Expected" in str(wrong)
    assert "Received" in str(wrong)


def test_silence_is_a_failure(double: Double, home: Path) -> None:
    """A connection that is refused is a failed request, not a crash of the user."""
    with asking(environment(double, home)) as (user, seen):
        user.client.base_url = "http://127.0.0.1:1"
        user.ask()
    assert "Expected an answer" in str(seen[0])
