"""`training.storage.store`."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bentoml._internal.models.model import ModelStore

from tests.training import store_writer
from training.errors import StoreError
from training.storage.store import Store, check_name

ROOT = Path(__file__).parents[3]


def _start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.training.store_writer", str(home), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _listed(home: Path) -> list[str]:
    """What `bentoml models list` shows; it breaks on a folder without `model.yaml`."""
    return sorted(str(model.tag) for model in ModelStore(home / "models").list())


def _leftovers(home: Path, name: str) -> list[str]:
    return sorted(path.name for path in (home / "staging" / name).iterdir() if path.name not in {"lock", "counter"})


def test_versions_count_from_one(tmp_path: Path) -> None:
    """Each name has a counter of its own, and BentoML lists what was stored."""
    assert store_writer.write(tmp_path, "a") == "a:1"
    assert store_writer.write(tmp_path, "a") == "a:2"
    assert store_writer.write(tmp_path, "b") == "b:1"
    assert _listed(tmp_path) == ["a:1", "a:2", "b:1"]
    assert Store(tmp_path).versions("a") == [1, 2]


def test_a_number_is_never_given_twice(tmp_path: Path) -> None:
    """Not even after BentoML deleted the highest version, or all of them."""
    models = ModelStore(tmp_path / "models")
    for _ in range(2):
        store_writer.write(tmp_path, "a")
    models.delete("a:2")
    assert store_writer.write(tmp_path, "a") == "a:3"
    models.delete("a:1")
    models.delete("a:3")
    assert store_writer.write(tmp_path, "a") == "a:4"


def test_a_store_filled_by_others_is_continued(tmp_path: Path) -> None:
    """A number that stands in the store counts as given, even without a counter."""
    for _ in range(2):
        store_writer.write(tmp_path, "a")
    (tmp_path / "staging" / "a" / "counter").unlink()
    assert store_writer.write(tmp_path, "a") == "a:3"


def test_one_is_not_ten(tmp_path: Path) -> None:
    """BentoML resolves `a:1` to `a:10` when only that exists; a new version is never mistaken so."""
    counter = tmp_path / "staging" / "a" / "counter"
    counter.parent.mkdir(parents=True)
    counter.write_text("9")
    assert store_writer.write(tmp_path, "a") == "a:10"
    assert str(ModelStore(tmp_path / "models").get("a:1").tag) == "a:10"
    assert Store(tmp_path).versions("a") == [10]
    assert store_writer.write(tmp_path, "a") == "a:11"


def test_latest_is_the_highest_number(tmp_path: Path) -> None:
    """Nine, ten, eleven: the pointer follows the number, not the alphabet."""
    (tmp_path / "staging" / "a").mkdir(parents=True)
    (tmp_path / "staging" / "a" / "counter").write_text("8")
    for expected in ("a:9", "a:10", "a:11"):
        store_writer.write(tmp_path, "a")
        assert str(ModelStore(tmp_path / "models").get("a:latest").tag) == expected


def test_processes_at_once_get_versions_of_their_own(tmp_path: Path) -> None:
    """Three writers started together give three versions, all listed, nothing left over."""
    writers = [_start(tmp_path, "a", "slow") for _ in range(3)]
    tags = sorted(writer.communicate(timeout=60)[0].strip() for writer in writers)
    assert tags == _listed(tmp_path) == ["a:1", "a:2", "a:3"]
    assert _leftovers(tmp_path, "a") == []


@pytest.mark.parametrize("step", store_writer.STEPS)
def test_killed_at_any_step(tmp_path: Path, step: str) -> None:
    """After SIGKILL the store is listable, holds only whole artifacts, and takes the next version."""
    with _start(tmp_path, "a", step) as writer:
        assert writer.wait(timeout=60) == -signal.SIGKILL
    whole = _listed(tmp_path) if (tmp_path / "models").exists() else []
    assert whole == (["a:1"] if step in {"latest", "read_back"} else [])
    assert [f"a:{version}" for version in Store(tmp_path).versions("a")] == whole
    tag = store_writer.write(tmp_path, "a")
    assert _listed(tmp_path) == [*whole, tag]
    assert str(ModelStore(tmp_path / "models").get("a:latest").tag) == tag
    assert _leftovers(tmp_path, "a") == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
@pytest.mark.parametrize("step", store_writer.STEPS)
def test_failing_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: BaseException) -> None:
    """A full disk becomes one sentence, Ctrl-C stays itself; both leave a listable store and nothing half."""

    def fail(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(*store_writer.STEPS[step], fail)
        expected = StoreError if isinstance(fault, OSError) else KeyboardInterrupt
        with pytest.raises(expected) as caught:
            store_writer.write(tmp_path, "a")
        assert "\n" not in str(caught.value)
    if (tmp_path / "models").exists():
        assert _listed(tmp_path) == [f"a:{version}" for version in Store(tmp_path).versions("a")]
    assert _leftovers(tmp_path, "a") == []
    tag = store_writer.write(tmp_path, "a")
    assert tag in _listed(tmp_path)


def test_a_wrong_answer_of_bentoml_withdraws_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store gives back another model, the new version is taken out again."""
    store_writer.write(tmp_path, "a")

    def refuse(*_: object) -> None:
        raise StoreError("Expected a:2. Received a:1.")

    with monkeypatch.context() as patch:
        patch.setattr("training.storage.bento_model.read_back", refuse)
        with pytest.raises(StoreError, match="Received a:1"):
            store_writer.write(tmp_path, "a")
    assert _listed(tmp_path) == ["a:1"]
    assert str(ModelStore(tmp_path / "models").get("a:latest").tag) == "a:1"


def test_living_writers_are_left_alone(tmp_path: Path) -> None:
    """Cleaning up after the dead does not touch the folder of a run that goes on."""
    store = Store(tmp_path)
    with store.staging("a") as living:
        (living / "half.bin").write_bytes(b"half")
        other = threading.Thread(target=store_writer.write, args=(tmp_path, "a"))
        other.start()
        other.join()
        assert (living / "half.bin").exists()
        assert store.publish("a", living, lambda version: store_writer.seal(living, version)) == "a:2"


@pytest.mark.parametrize("name", ["", "A", "a/b", "../a", "-a", "a-", "a" * 64, "a:1", "ä", "a\n"])
def test_names_that_cannot_be_stored(name: str) -> None:
    """A name that BentoML or a URL would not take is refused before anything is trained."""
    with pytest.raises(StoreError, match="Expected a model name"):
        check_name(name)


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    """A home that is a file is refused in one sentence."""
    (tmp_path / "home").write_text("")
    with (
        pytest.raises(StoreError, match=r"^Could not make a staging folder for a: ") as refusal,
        Store(tmp_path / "home").staging("a"),
    ):
        pass
    assert "\n" not in str(refusal.value)


def test_removed_versions_are_gone(tmp_path: Path) -> None:
    """What is chosen under the lock goes, also the highest; the pointer follows, and no file is left over."""
    for _ in range(3):
        store_writer.write(tmp_path, "a")
    Store(tmp_path).remove("a", lambda: [3, 1])
    assert _listed(tmp_path) == ["a:2"]
    assert (tmp_path / "models" / "a" / "latest").read_text() == "2"
    assert _leftovers(tmp_path, "a") == []
    assert store_writer.write(tmp_path, "a") == "a:4"


def test_a_choice_that_fails_removes_nothing(tmp_path: Path) -> None:
    """An error while choosing leaves the store as it was."""
    store_writer.write(tmp_path, "a")
    with pytest.raises(ZeroDivisionError):
        Store(tmp_path).remove("a", lambda: [1 // 0])
    assert _listed(tmp_path) == ["a:1"]


def test_what_is_found(tmp_path: Path) -> None:
    """A tag is found if it is written in full and its artifact is there; the refusal says what is."""
    counter = tmp_path / "staging" / "a" / "counter"
    counter.parent.mkdir(parents=True)
    counter.write_text("9")
    store_writer.write(tmp_path, "a")
    store = Store(tmp_path)
    assert store.find("a:10") == ("a", 10)
    assert store.folder("a", 10).is_dir()
    for tag in ("a:1", "a", "a:latest", "a:010", "b:10", "a:10:1", ""):
        with pytest.raises(StoreError, match=r"^Expected NAME:VERSION of what is stored \(a(:10)?\)\. Received"):
            store.find(tag)


def test_every_folder_is_told(tmp_path: Path) -> None:
    """Names by the alphabet, numbers by their value, others at the end; an empty store has none of them."""
    assert (Store(tmp_path).names(), Store(tmp_path).folders("a"), Store(tmp_path).latest("a")) == ([], [], None)
    for folder in ("b/x", "a/10", "a/9", "a/0", "a/x"):
        (tmp_path / "models" / folder).mkdir(parents=True)
    (tmp_path / "models" / "a" / "latest").write_text("9")
    assert Store(tmp_path).names() == ["a", "b"]
    assert [folder.name for folder in Store(tmp_path).folders("a")] == ["9", "10", "0", "x"]
    assert Store(tmp_path).latest("a") == 10
