"""A request gets the version that it names, or that its share of luck gives it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service import model as module
from service.errors import NotReady
from service.model import REMEMBERED, Model, State


@pytest.fixture
def toy() -> Model:
    """Versions 1 to 3 ready: 2 the default, 3 the canary for a quarter, and a label on 1."""
    found = Model("toy")
    for number in (1, 2, 3):
        found.ready[number] = version(number)
        found.mark(number, State("AVAILABLE"))
    found.default, found.canary, found.share = found.ready[2], found.ready[3], 0.25
    found.labels = {"stable": 1}
    found.loading = False
    return found


def version(number: int) -> Any:
    """Stands for a version."""
    return SimpleNamespace(number=number)


def found(subject: Model, number: int | None = None, label: str = "") -> int | None:
    """The number of the version that a request gets."""
    version = subject.find(number, label)
    return version.number if version is not None else None


@pytest.mark.parametrize(
    ("drawn", "share", "number"),
    [(0.0, 0.25, 3), (0.2499, 0.25, 3), (0.25, 0.25, 2), (0.99, 0.25, 2), (0.0, 0.0, 2), (0.9999999999, 1.0, 3)],
)
def test_a_canary_gets_its_share(
    toy: Model, monkeypatch: pytest.MonkeyPatch, drawn: float, share: float, number: int
) -> None:
    """A number from 0 to 1 is drawn for each request; below the share it is the canary's: none of 0, all of 1."""
    toy.share = share
    monkeypatch.setattr(module.random, "random", lambda: drawn)
    assert found(toy) == number


def test_a_request_that_names_a_version_or_a_label_draws_no_lot(toy: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary takes none of these, whatever its share."""

    def draw() -> float:
        raise AssertionError("a lot was drawn")

    toy.share = 1.0
    monkeypatch.setattr(module.random, "random", draw)
    assert [found(toy, 1), found(toy, 2), found(toy, 3), found(toy, None, "stable")] == [1, 2, 3, 1]
    toy.canary = None
    assert found(toy) == 2


def test_what_is_not_there_is_not_found(toy: Model) -> None:
    """Unknown numbers and labels get nothing, and neither does a request without them if nothing is the default."""
    assert found(toy, 4) is None
    assert found(toy, 0) is None
    assert found(toy, None, "canary") is None
    toy.labels = {"lost": 9}
    assert found(toy, None, "lost") is None
    toy.default = toy.canary = None
    assert found(toy) is None


@pytest.mark.parametrize(("number", "label"), [(None, ""), (5, ""), (None, "stable")])
def test_a_model_that_loads_for_the_first_time_is_not_ready(number: int | None, label: str) -> None:
    """Until its first versions are there every request is told to come again, not that there is nothing."""
    subject = Model("toy")
    assert subject.loading
    with pytest.raises(NotReady, match="Model toy is loading"):
        subject.find(number, label)


def test_a_version_that_loads_beside_others_is_not_ready(toy: Model) -> None:
    """A request for the version that is on its way comes again; one for a refused version does not."""
    toy.mark(4, State("LOADING"))
    toy.mark(5, State("END", "It is broken."))
    toy.mark(6, State("START", "It waits."))
    toy.canary = None
    with pytest.raises(NotReady):
        toy.find(4, "")
    assert found(toy, 5) is found(toy, 6) is None
    assert found(toy) == 2


def test_states_are_told_of_all_that_are_known(toy: Model) -> None:
    """The states are a copy, and an unknown version has none."""
    toy.states.clear()
    assert toy.states == {number: State("AVAILABLE") for number in (1, 2, 3)}
    assert toy.state(3) == "AVAILABLE"
    assert toy.state(4) is None


def test_only_the_latest_life_of_a_version_ends(toy: Model) -> None:
    """A version that is loaded again while its former life ends stays as it is."""
    leaving = State("UNLOADING")
    toy.mark(1, leaving)
    toy.mark(2, leaving)
    toy.mark(1, State("LOADING"))
    toy.unmark(1, leaving)
    toy.unmark(2, leaving)
    toy.unmark(3, State("AVAILABLE"))
    assert {number: state.state for number, state in toy.states.items()} == {1: "LOADING", 2: "END", 3: "AVAILABLE"}


def test_of_those_that_are_gone_the_last_few_are_remembered() -> None:
    """Ended versions that are still stored, and those in use, are kept; of the rest the highest."""
    subject = Model("toy")
    for number in range(1, 41):
        subject.mark(number, State("END"))
    subject.mark(41, State("START", "It waits."))
    subject.mark(42, State("UNLOADING"))
    subject.mark(2, State("AVAILABLE"))
    subject.forget([3, 5])
    gone = list(range(41 - REMEMBERED + 1, 42))
    assert sorted(subject.states) == sorted([2, 3, 5, *gone, 42])
