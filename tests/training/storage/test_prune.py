"""`training.storage.prune`."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bentoml._internal.models.model import ModelStore

from tests.training.stored import put, put_bento
from training.errors import StoreError
from training.storage.labels import set_label
from training.storage.prune import Verdict, judge, prune
from training.storage.store import Store

ROOT = Path(__file__).parents[3]


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with xor:1 to xor:6 and other:1."""
    for _ in range(6):
        put(store)
    put(store, "other")
    return store


def _listed(store: Store) -> list[str]:
    """What `bentoml models list` shows; it breaks on a folder without `model.yaml`."""
    return sorted(str(model.tag) for model in ModelStore(store.home / "models").list())


def _gone(verdicts: list[Verdict]) -> list[str]:
    return [verdict.item.tag for verdict in verdicts if not verdict.reasons]


def test_the_newest_stay(filled: Store) -> None:
    """Of one name, the N highest numbers; other names are not touched."""
    assert _gone(prune(filled, "xor", 2)) == ["xor:1", "xor:2", "xor:3", "xor:4"]
    assert _listed(filled) == ["other:1", "xor:5", "xor:6"]
    assert _gone(prune(filled, "xor", 2)) == []


def test_what_is_named_stays(filled: Store) -> None:
    """A label or a bento keeps its version, and the reasons are told."""
    set_label(filled, "xor:2", "stable")
    put_bento(filled, "service:aaa", ["xor:3"], ["xor:4"])
    verdicts = prune(filled, "xor", 1)
    assert {verdict.item.tag: list(verdict.reasons) for verdict in verdicts} == {
        "xor:1": [],
        "xor:2": ["label stable"],
        "xor:3": ["bento service:aaa"],
        "xor:4": ["bento service:aaa"],
        "xor:5": [],
        "xor:6": ["among the newest 1"],
    }
    assert filled.versions("xor") == [2, 3, 4, 6]


def test_a_bento_that_cannot_be_read_keeps_all(filled: Store) -> None:
    """Nobody knows what it needs, so nothing is removed."""
    put_bento(filled, "service:aaa", ["xor:3"]).write_text("")
    with pytest.raises(StoreError, match=r"bento\.yaml"):
        prune(filled, "xor", 1)
    assert filled.versions("xor") == [1, 2, 3, 4, 5, 6]


def test_labels_that_cannot_be_read_keep_all(filled: Store) -> None:
    """The same holds for labels."""
    (filled.home / "labels.json").write_text("[]")
    with pytest.raises(StoreError, match=r"labels\.json"):
        prune(filled, "xor", 1)
    assert filled.versions("xor") == [1, 2, 3, 4, 5, 6]


def test_damaged_folders_neither_count_nor_go(filled: Store) -> None:
    """The newest that stay are such as can be read; what cannot is left to the person."""
    for version in (1, 6):
        (filled.folder("xor", version) / "manifest.json").write_text("{}")
    verdicts = prune(filled, "xor", 1)
    assert _gone(verdicts) == ["xor:2", "xor:3", "xor:4"]
    assert [folder.name for folder in filled.folders("xor")] == ["1", "5", "6"]
    assert all("manifest.json" in verdicts[place].reasons[0] for place in (0, 5))


def test_numbers_are_not_given_again(filled: Store) -> None:
    """The next version counts on, and is the latest."""
    prune(filled, "xor", 1)
    assert put(filled) == "xor:7"
    assert str(ModelStore(filled.home / "models").get("xor:latest").tag) == "xor:7"


def test_asking_changes_nothing(filled: Store) -> None:
    """What would be removed is told, and stays; no file is written."""
    before = sorted(path for path in filled.home.rglob("*"))
    assert _gone(judge(filled, "xor", 5)) == ["xor:1"]
    assert sorted(path for path in filled.home.rglob("*")) == before


def test_a_label_that_comes_meanwhile(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is what the store says once its lock is held."""
    remove = filled.remove

    def label_first(*arguments: object) -> None:
        set_label(filled, "xor:1", "stable")
        remove(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(filled, "remove", label_first)
    assert "xor:1" not in _gone(prune(filled, "xor", 1))
    assert filled.versions("xor") == [1, 6]


@pytest.mark.parametrize("step", ["training.storage.store.Store._point_latest", "shutil.rmtree"])
def test_killed_in_the_middle(filled: Store, step: str) -> None:
    """Between rename and deletion the store is whole; the next writer deletes what is left over."""
    place, _, function = step.rpartition(".")
    program = f"""
import os, pathlib, shutil, signal, training.storage.prune, training.storage.store
{place}.{function} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
training.storage.prune.prune(training.storage.store.Store(pathlib.Path({str(filled.home)!r})), "xor", 4)
"""
    died = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert _listed(filled) == ["other:1", "xor:3", "xor:4", "xor:5", "xor:6"]
    assert str(ModelStore(filled.home / "models").get("xor:latest").tag) == "xor:6"
    staging = filled.home / "staging" / "xor"
    assert {path.name for path in staging.glob("run-*/*")} == {"1", "2"}
    put(filled)
    assert {path.name for path in staging.iterdir()} == {"lock", "counter"}


@pytest.mark.parametrize("keep", [0, -1])
def test_one_always_stays(filled: Store, keep: int) -> None:
    """A name is not emptied by accident."""
    with pytest.raises(StoreError, match=r"^Expected to keep at least 1 version\. Received"):
        prune(filled, "xor", keep)


def test_an_unknown_name(filled: Store) -> None:
    """The refusal names what is stored, and leaves nothing in the store."""
    with pytest.raises(StoreError, match=r"other, xor\. Received 'xr'"):
        prune(filled, "xr", 1)
    assert not (filled.home / "staging" / "xr").exists()


def test_a_store_that_cannot_be_written(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file system says is one sentence, and no version is lost."""

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(StoreError, match=r"^Could not remove versions of xor: Read-only file system"):
            prune(filled, "xor", 1)
    assert filled.versions("xor") == [1, 2, 3, 4, 5, 6]
