"""`training.storage.disk`."""

import os
from pathlib import Path

import pytest

from training.errors import StoreError
from training.storage.disk import locked, open_locked, replace_text, sentence, sync_tree


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_one_holds_a_lock_at_a_time(tmp_path: Path) -> None:
    """Who does not wait is told that somebody holds it, and is left with no open file; afterwards it is free."""
    with locked(tmp_path / "lock"):
        before = _open_files()
        with pytest.raises(BlockingIOError):
            open_locked(tmp_path / "lock", wait=False)
        assert _open_files() == before
    os.close(open_locked(tmp_path / "lock", wait=False))


def test_a_text_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the last step the file holds the old text; what a kill left beside it does not disturb the next one."""
    path = tmp_path / "counter"
    path.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: pytest.fail("here the process would die"))
        with pytest.raises(pytest.fail.Exception):
            replace_text(path, "a longer new text", tmp_path)
    assert path.read_text() == "old"
    replace_text(path, "new", tmp_path)
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["counter"]


def test_every_file_reaches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and folders at any depth are synchronised, and closed again."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text("c")
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    before = _open_files()
    sync_tree(tmp_path)
    assert sorted(synced) == sorted((tmp_path / part).stat().st_ino for part in (".", "a", "a/b", "a/b/c"))
    assert _open_files() == before


def test_the_file_system_speaks_in_sentences(tmp_path: Path) -> None:
    """The action, the reason and the file, on one line."""
    told = rf"^Could not read it: No such file or directory at {tmp_path}/absent\.$"
    with pytest.raises(StoreError, match=told), sentence("read it"):
        (tmp_path / "absent").read_text()
    with pytest.raises(StoreError, match=r"^Could not go on: disk full\.$"), sentence("go on"):
        raise OSError("disk full")
