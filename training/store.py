"""Numbered versions in the BentoML model store, written whole or not at all.

    $BENTOML_HOME/models/NAME/VERSION/     what BentoML and the service read
    $BENTOML_HOME/models/NAME/latest       BentoML's pointer
    $BENTOML_HOME/staging/NAME/lock        held while a version is numbered and renamed into place
    $BENTOML_HOME/staging/NAME/counter     highest number ever given
    $BENTOML_HOME/staging/NAME/run-…/      a folder being filled; run-….lock is held as long as its writer lives

A kill at any moment leaves at most a folder under `staging`, which the next writer of that name removes.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from training.errors import StoreError

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
_VERSION = re.compile(r"[1-9][0-9]*")


class Store:
    """The versions under one `BENTOML_HOME`."""

    def __init__(self, home: Path) -> None:
        """Use the store at `home`; nothing is created before something is written."""
        self._models = home / "models"
        self._staging = home / "staging"

    def versions(self, name: str) -> list[int]:
        """Whole artifacts of `name`, ascending: folders with a number for a name and a manifest inside."""
        return [number for number in self._numbers(name) if (self._path(name, number) / "manifest.json").is_file()]

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        """An empty folder to build an artifact of `name` in; gone afterwards unless published.

        Raises:
            StoreError: If the store would not accept the name, or cannot be written.
        """
        check_name(name)
        with _sentence(f"make a staging folder for {name}"):
            (self._staging / name).mkdir(parents=True, exist_ok=True)
            with _locked(self._staging / name / "lock"):
                self._remove_stale(name)
                folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._staging / name))
                owner = _open_locked(_owner(folder), fcntl.LOCK_EX)
        try:
            with _sentence(f"write an artifact of {name}"):
                yield folder
        finally:
            _remove_run(folder, owner)

    def publish(self, name: str, folder: Path, seal: Callable[[int], None]) -> str:
        """Give the artifact in `folder` the next number and rename it into the store.

        Args:
            name: Name of the model.
            folder: A folder of `staging(name)`, complete but for what depends on the number.
            seal: Writes into `folder` what depends on the number; called with it.

        Returns:
            The tag, such as `mnist:3`.

        Raises:
            StoreError: If the store cannot be written or gives back another model.
        """
        from training import bento_model

        with _sentence(f"store {name}"), _locked(self._staging / name / "lock"):
            version = self._next_number(name)
            seal(version)
            bento_model.write_model_yaml(folder, name, version)
            folder.chmod(0o755)
            _sync_tree(folder)
            self._path(name, version).parent.mkdir(parents=True, exist_ok=True)
            folder.rename(self._path(name, version))
            self._point_latest(name)
            try:
                bento_model.read_back(self._models, name, version)
            except StoreError:
                self._path(name, version).rename(folder)
                self._point_latest(name)
                raise
        return f"{name}:{version}"

    def _numbers(self, name: str) -> list[int]:
        try:
            entries = list((self._models / name).iterdir())
        except OSError:
            return []
        return sorted(int(entry.name) for entry in entries if _VERSION.fullmatch(entry.name) and entry.is_dir())

    def _path(self, name: str, version: int) -> Path:
        return self._models / name / str(version)

    def _next_number(self, name: str) -> int:
        """The highest number ever given plus one; written down before it is used, so never given twice."""
        counter = self._staging / name / "counter"
        given = int(counter.read_text()) if counter.exists() else 0
        number = max([given, *self._numbers(name)]) + 1
        _replace_text(counter, str(number), self._staging / name)
        return number

    def _point_latest(self, name: str) -> None:
        pointer = self._models / name / "latest"
        if numbers := self._numbers(name):
            _replace_text(pointer, str(numbers[-1]), self._staging / name)
        else:
            pointer.unlink(missing_ok=True)

    def _remove_stale(self, name: str) -> None:
        """Remove what dead writers left: their locks can be taken. Call under the lock of the name."""
        place = self._staging / name
        for text in place.glob("text-*"):
            text.unlink()
        for folder in {path.with_suffix("") for path in place.glob("run-*")}:
            try:
                owner = _open_locked(_owner(folder), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _remove_run(folder, owner)


def check_name(name: str) -> None:
    """Refuse a name that BentoML or a URL would not take.

    Raises:
        StoreError: If the name has other characters, or more than 63.
    """
    if not _NAME.fullmatch(name):
        raise StoreError(
            "Expected a model name of lower-case letters, digits, '.', '_' and '-', starting and ending with a "
            f"letter or digit, 63 at most. Received {name!r}."
        )


def _owner(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _remove_run(folder: Path, owner: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _owner(folder).unlink(missing_ok=True)
    os.close(owner)


def _open_locked(path: Path, how: int) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, how)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = _open_locked(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def _sentence(action: str) -> Iterator[None]:
    """Turn what the file system says into one sentence."""
    try:
        yield
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        raise StoreError(f"Could not {action}: {error.strerror or error}{where}.") from error


def _replace_text(path: Path, text: str, scratch: Path) -> None:
    """Write a small file in one step: a reader sees the old text or the new, never a part."""
    handle, name = tempfile.mkstemp(prefix="text-", dir=scratch)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _sync_tree(folder: Path) -> None:
    """Bring every file to the disk before the rename that makes it count."""
    for path in [folder, *folder.rglob("*")]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
