"""`training.storage.labels`."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.training.stored import put
from training.errors import StoreError
from training.storage import disk
from training.storage.labels import read_labels, remove_label, set_label
from training.storage.store import Store


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with xor:1 and xor:2."""
    put(store)
    put(store)
    return store


def test_the_file_is_that_of_the_page(filled: Store) -> None:
    """By name, every label with its version; nothing else is in the file, and what is written is read."""
    set_label(filled, "xor:2", "stable")
    set_label(filled, "xor:1", "old_one-2")
    expected = {"xor": {"stable": 2, "old_one-2": 1}}
    assert json.loads((filled.home / "labels.json").read_text()) == read_labels(filled) == expected


def test_a_label_moves(filled: Store) -> None:
    """It points to one version of a name at a time; who moves it is told where it was."""
    assert set_label(filled, "xor:1", "stable") is None
    assert set_label(filled, "xor:2", "stable") == 1
    assert read_labels(filled) == {"xor": {"stable": 2}}


@pytest.mark.parametrize("word", ["latest", "1", "2nd", "", "Stable", "a b", "a\n", "a" * 64, "ä", "a:b"])
def test_words_that_are_no_labels(filled: Store, word: str) -> None:
    """Numbers, `latest` and what a URL would not take are refused, and no file is written."""
    with pytest.raises(StoreError, match=r"^Expected a label .* Received"):
        set_label(filled, "xor:1", word)
    assert not (filled.home / "labels.json").exists()


@pytest.mark.parametrize("tag", ["xor:3", "xor:01", "xor", "other:1", "xor:latest", ":1", ""])
def test_only_what_is_stored(filled: Store, tag: str) -> None:
    """A label does not point into the void; the refusal says what there is."""
    with pytest.raises(StoreError, match=r"xor.*Received"):
        set_label(filled, tag, "stable")
    assert read_labels(filled) == {}


def test_a_version_that_goes_meanwhile(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is removed before the lock is held gets no label."""
    find = filled.find

    def and_remove(tag: str) -> tuple[str, int]:
        found = find(tag)
        monkeypatch.setattr(filled, "find", find)
        filled.remove("xor", lambda: [1])
        return found

    monkeypatch.setattr(filled, "find", and_remove)
    with pytest.raises(StoreError, match="Received 'xor:1'"):
        set_label(filled, "xor:1", "stable")


def test_a_label_is_removed(filled: Store) -> None:
    """Only from where it points, which may be gone; other labels stay."""
    set_label(filled, "xor:1", "stable")
    set_label(filled, "xor:2", "next")
    with pytest.raises(StoreError, match=r"^Expected a label of xor:2.*'stable'"):
        remove_label(filled, "xor:2", "stable")
    filled.remove("xor", lambda: [1])
    remove_label(filled, "xor:1", "stable")
    assert read_labels(filled) == {"xor": {"next": 2}}
    remove_label(filled, "xor:2", "next")
    assert read_labels(filled) == {}


def test_changes_exclude_each_other(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing, nobody else can change the file, nor remove the version."""
    seen = []
    write = disk.replace_text

    def check(*arguments: Any) -> None:
        for lock in (filled.home / "labels.lock", filled.home / "staging" / "xor" / "lock"):
            with pytest.raises(BlockingIOError):
                disk.open_locked(lock, wait=False)
            seen.append(lock)
        write(*arguments)

    monkeypatch.setattr(disk, "replace_text", check)
    set_label(filled, "xor:1", "stable")
    assert len(seen) == 2


def test_a_store_that_cannot_be_written(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file system says is one sentence, wherever it says it; the old labels stay."""
    set_label(filled, "xor:1", "stable")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for place, function in ((Path, "mkdir"), (disk, "locked"), (disk, "replace_text")):
        with monkeypatch.context() as patch:
            patch.setattr(place, function, refuse)
            with pytest.raises(StoreError, match=r"^Could not label xor:2: Read-only file system"):
                set_label(filled, "xor:2", "stable")
    assert read_labels(filled) == {"xor": {"stable": 1}}


def test_the_example_of_the_page(store: Store) -> None:
    """What `docs/artifact.md` shows can be read."""
    page = (Path(__file__).parents[3] / "docs" / "artifact.md").read_text(encoding="utf-8")
    shown = re.search(r"## `labels.json`.*?```json\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    store.home.mkdir()
    (store.home / "labels.json").write_text(shown[1])
    assert read_labels(store) == {"mnist": {"stable": 2, "next": 3}}


@pytest.mark.parametrize("text", ["", "[]", '{"xor": 1}', '{"xor": {"stable": "1"}}', '{"xor": {"stable": 0}}', "\xff"])
def test_a_damaged_file_is_refused_and_kept(filled: Store, text: str) -> None:
    """Nobody guesses what it was meant to say, and nobody writes over it."""
    path = filled.home / "labels.json"
    path.write_text(text)
    for action in (lambda: read_labels(filled), lambda: set_label(filled, "xor:1", "stable")):
        with pytest.raises(StoreError, match=r"^Expected .*labels\.json"):
            action()
    assert path.read_text() == text
