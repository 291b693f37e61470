"""The file, the store's labels and the orders together say what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.configuration import ModelConfiguration
from service.errors import ConfigurationError
from service.intentions import Intentions
from service.orders import Orders
from service.store import Home, Labels, Pinned, Source

NOTHING = Pinned({})


class Labelled(Pinned):
    """A source with labels; None cannot be read."""

    def __init__(self, labels: Labels | None) -> None:
        super().__init__({})
        self.given = labels

    def labels(self) -> Labels:
        if self.given is None:
            raise ConfigurationError("The labels are broken.")
        return self.given


def intentions(folder: Path, text: str, source: Source = NOTHING) -> Intentions:
    """What is wanted after one look at a file of this text."""
    (folder / "serve.toml").write_text(text)
    found = Intentions(folder / "serve.toml", Orders(1))
    found.refresh(source)
    return found


def test_without_a_file_the_defaults_are_wanted() -> None:
    """With no file, no label and no order every model serves its latest version."""
    found = Intentions(None, Orders(1))
    found.refresh(NOTHING)
    wish = found.of("toy")
    assert (wish.model, wish.labels, wish.unload) == (ModelConfiguration(), {}, False)
    assert wish.named == wish.accepted == frozenset()
    assert found.complaints == []


def test_the_files_labels_stand_before_the_stores(tmp_path: Path) -> None:
    """Both are in force, a word of both as the file has it, and all that are pointed to are named."""
    source = Labelled({"toy": {"stable": 1, "old": 2}, "other": {"mine": 9}})
    wish = intentions(tmp_path, "[models.toy]\nversions = [5]\nlabels = { stable = 3, next = 4 }", source).of("toy")
    assert wish.labels == {"stable": 3, "old": 2, "next": 4}
    assert wish.named == wish.accepted == {2, 3, 4, 5}


def test_an_orders_policy_stands_before_the_files(tmp_path: Path) -> None:
    """An order replaces the versions and leaves labels, canary and shadow; one without versions leaves all."""
    text = "[models.toy]\nversions = [5]\nlabels = { stable = 3 }\ncanary = { version = 6, percent = 5 }"
    found = intentions(tmp_path, text)
    found.orders.give("toy", unload=False, versions=[1, 2])
    wish = found.of("toy")
    assert wish.model.versions == [1, 2]
    assert (wish.named, wish.accepted) == ({1, 2, 3, 6}, {1, 2, 3})
    found.orders.give("toy", unload=True)
    assert found.of("toy").unload
    assert found.of("toy").model.versions == [5]
    assert not found.of("other").unload


def test_the_file_is_read_again(tmp_path: Path) -> None:
    """What the file says now is in force after the next look."""
    found = intentions(tmp_path, "[models.toy]\nversions = [1]")
    (tmp_path / "serve.toml").write_text("[models.toy]\nversions = [2]")
    assert found.of("toy").model.versions == [1]
    found.refresh(NOTHING)
    assert found.of("toy").model.versions == [2]


def test_what_cannot_be_read_leaves_in_force_what_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong file and wrong labels are each told once while they are wrong, and what was before stays."""
    source = Labelled({"toy": {"stable": 1}})
    found = intentions(tmp_path, "[models.toy]\nversions = [1]", source)
    (tmp_path / "serve.toml").write_text("[models.toy]\nversions = 1")
    source.given = None
    for _ in range(3):
        found.refresh(source)
    assert len(found.complaints) == 2
    assert "at models.toy.versions" in found.complaints[0]
    assert found.complaints[1] == "The labels are broken."
    assert len(caplog.records) == 2
    assert found.of("toy").model.versions == [1]
    assert found.of("toy").labels == {"stable": 1}
    (tmp_path / "serve.toml").unlink()
    source.given = {}
    found.refresh(source)
    assert [complaint[:42] for complaint in found.complaints] == ["The configuration file cannot be read: No "]
    assert found.of("toy").model.versions == [1]
    assert found.of("toy").labels == {}


def test_labels_of_a_home(tmp_path: Path) -> None:
    """The store's own file of labels is read at every look."""
    found = intentions(tmp_path, "", Home(tmp_path))
    assert found.of("toy").labels == {}
    (tmp_path / "labels.json").write_text('{"toy": {"stable": 3}}')
    found.refresh(Home(tmp_path))
    assert found.of("toy").labels == {"stable": 3}
