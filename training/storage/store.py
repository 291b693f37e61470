"""Numbered versions in the BentoML model store, written whole or not at all.

    $BENTOML_HOME/models/NAME/VERSION/     what BentoML and the service read
    $BENTOML_HOME/models/NAME/latest       BentoML's pointer
    $BENTOML_HOME/staging/NAME/lock        held while versions of a name are numbered, renamed, labelled
    $BENTOML_HOME/staging/NAME/counter     highest number ever given
    $BENTOML_HOME/staging/NAME/run-…/      being filled, or being deleted; run-….lock is held as long as its owner lives

A kill at any moment leaves at most a folder under `staging`, which the next writer of that name removes.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from training.errors import StoreError
from training.storage import disk

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
_VERSION = re.compile(r"[1-9][0-9]{0,17}")


class Store:
    """The versions under one `BENTOML_HOME`."""

    def __init__(self, home: Path) -> None:
        """Use the store at `home`; nothing is created before something is written."""
        self.home = home
        self._models = home / "models"
        self._staging = home / "staging"

    def names(self) -> list[str]:
        """Every name in the store, by the alphabet."""
        return sorted(entry.name for entry in _folders(self._models))

    def folders(self, name: str) -> list[Path]:
        """Every folder under a name, whole artifact or not: numbers first, the smallest at the top."""
        return sorted(_folders(self._models / name), key=_by_number)

    def versions(self, name: str) -> list[int]:
        """Whole artifacts of `name`, ascending: folders with a number for a name and a manifest inside."""
        return [number for number in self._numbers(name) if (self.folder(name, number) / "manifest.json").is_file()]

    def latest(self, name: str) -> int | None:
        """The highest number of a name, whole artifact or not; None if there is none."""
        return max(self._numbers(name), default=None)

    def folder(self, name: str, version: int) -> Path:
        """Where the artifact `NAME:VERSION` is, if it is stored."""
        return self._models / name / str(version)

    def find(self, tag: str) -> tuple[str, int]:
        """Name and number of a stored artifact.

        Raises:
            StoreError: If the tag is not NAME:VERSION, or no such artifact is stored.
        """
        name, _, version = tag.partition(":")
        if not (_VERSION.fullmatch(version) and int(version) in self.versions(name)):
            stored = [f"{name}:{number}" for number in self.versions(name)] or self.names() or ["nothing"]
            raise StoreError(f"Expected NAME:VERSION of what is stored ({', '.join(stored)}). Received {tag!r}.")
        return name, int(version)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the lock of a name: no version of it comes or goes meanwhile."""
        (self._staging / name).mkdir(parents=True, exist_ok=True)
        with disk.locked(self._staging / name / "lock"):
            yield

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        """An empty folder to build an artifact of `name` in; gone afterwards unless published.

        Raises:
            StoreError: If the store would not accept the name, or cannot be written.
        """
        check_name(name)
        with disk.sentence(f"make a staging folder for {name}"), self.locked(name):
            self._remove_stale(name)
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._staging / name))
            owner = disk.open_locked(_owner(folder))
        try:
            with disk.sentence(f"write an artifact of {name}"):
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
        from training.storage import bento_model

        with disk.sentence(f"store {name}"), self.locked(name):
            version = self._next_number(name)
            seal(version)
            bento_model.write_model_yaml(folder, name, version)
            folder.chmod(0o755)
            disk.sync_tree(folder)
            self.folder(name, version).parent.mkdir(parents=True, exist_ok=True)
            folder.rename(self.folder(name, version))
            self._point_latest(name)
            try:
                bento_model.read_back(self._models, name, version)
            except StoreError:
                self.folder(name, version).rename(folder)
                self._point_latest(name)
                raise
        return f"{name}:{version}"

    def remove(self, name: str, choose: Callable[[], Iterable[int]]) -> None:
        """Take versions out of the store, each in one step, then delete their files.

        Args:
            name: Name of the models.
            choose: Says which versions go; called under the lock of the name.

        Raises:
            StoreError: If the store cannot be written.
        """
        with self.staging(name) as folder, disk.sentence(f"remove versions of {name}"), self.locked(name):
            for version in choose():
                self.folder(name, version).rename(folder / str(version))
            self._point_latest(name)

    def _numbers(self, name: str) -> list[int]:
        return [int(folder.name) for folder in self.folders(name) if _VERSION.fullmatch(folder.name)]

    def _next_number(self, name: str) -> int:
        """The highest number ever given plus one; written down before it is used, so never given twice."""
        counter = self._staging / name / "counter"
        given = int(counter.read_text()) if counter.exists() else 0
        number = max([given, *self._numbers(name)]) + 1
        disk.replace_text(counter, str(number), self._staging / name)
        return number

    def _point_latest(self, name: str) -> None:
        pointer = self._models / name / "latest"
        if latest := self.latest(name):
            disk.replace_text(pointer, str(latest), self._staging / name)
        else:
            pointer.unlink(missing_ok=True)

    def _remove_stale(self, name: str) -> None:
        """Remove what dead writers left: their locks can be taken. Call under the lock of the name."""
        place = self._staging / name
        for folder in {path.with_suffix("") for path in place.glob("run-*")}:
            try:
                owner = disk.open_locked(_owner(folder), wait=False)
            except BlockingIOError:
                continue
            _remove_run(folder, owner)


def _by_number(folder: Path) -> tuple[bool, int, str]:
    is_number = _VERSION.fullmatch(folder.name) is not None
    return not is_number, int(folder.name) if is_number else 0, folder.name


def _folders(place: Path) -> list[Path]:
    try:
        return [entry for entry in place.iterdir() if entry.is_dir()]
    except OSError:
        return []


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
