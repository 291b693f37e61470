"""Orders of calls hold until the service ends, and reach all of its workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.configuration import Latest, Versions
from service.metrics import MULTIPROCESS
from service.orders import Order, Orders


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of several workers."""
    monkeypatch.setenv(MULTIPROCESS, str(tmp_path))
    return tmp_path


def test_without_an_order_nothing_is_ordered() -> None:
    """A model of which nobody ordered anything is served as configured."""
    orders = Orders(1)
    orders.refresh()
    assert orders.of("toy") == Order(unload=False, versions=None, count=0)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_last_order_holds(shared: Path, workers: int) -> None:
    """A new order of a model takes the place of the one before, and leaves other models alone."""
    orders = Orders(workers)
    orders.give("toy", unload=True)
    orders.give("other", unload=True)
    orders.give("toy", unload=False, versions=[2, 1])
    orders.refresh()
    assert orders.of("toy") == Order(unload=False, versions=[2, 1], count=2)
    assert orders.of("other") == Order(unload=True, count=1)


def test_one_worker_writes_nothing(shared: Path) -> None:
    """With one worker the orders stay in its memory."""
    orders = Orders(1)
    orders.give("toy", unload=True)
    assert orders.of("toy").unload
    assert list(shared.iterdir()) == []


def test_without_a_folder_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers without a folder that they share keep what they are told."""
    monkeypatch.delenv(MULTIPROCESS, raising=False)
    orders = Orders(2)
    orders.give("toy", unload=True)
    orders.refresh()
    assert orders.of("toy").unload


@pytest.mark.parametrize("versions", [None, "latest", "all", Latest(latest=3), [], [3, 1]])
def test_workers_are_told(shared: Path, versions: Versions | None) -> None:
    """What one worker is told the other reads, in every form of a policy, and adds to it."""
    one, other = Orders(2), Orders(2)
    one.give("toy", unload=False, versions=versions)
    assert other.of("toy") == Order()
    other.refresh()
    assert other.of("toy") == Order(unload=False, versions=versions, count=1)
    other.give("second", unload=True)
    one.give("toy", unload=True)
    for orders in (one, other):
        orders.refresh()
        assert orders.of("toy") == Order(unload=True, count=2)
        assert orders.of("second") == Order(unload=True, count=1)
    assert sorted(path.name for path in shared.iterdir()) == ["orders.json", "orders.lock"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"orders": {"toy": {"unload": "perhaps"}}}'])
def test_a_file_that_cannot_be_read_changes_nothing(shared: Path, text: str) -> None:
    """What is no list of orders leaves in force what was."""
    orders = Orders(2)
    orders.give("toy", unload=True)
    (shared / "orders.json").write_text(text)
    orders.refresh()
    assert orders.of("toy").unload


def test_what_cannot_be_written_is_told(shared: Path) -> None:
    """An order that the other workers cannot be told is an error, not a silence."""
    (shared / "orders.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        Orders(2).give("toy", unload=True)
