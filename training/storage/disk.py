"""What must hold on the disk even if the process is killed: locks, and writes that are whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.errors import StoreError


def open_locked(path: Path, *, wait: bool = True) -> int:
    """Open a file and lock it for this process alone; closing the handle, or dying, gives the lock back.

    Args:
        path: Made if it is missing.
        wait: Whether to wait for whoever holds it.

    Raises:
        BlockingIOError: If somebody holds it and this call does not wait.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, waiting for it first."""
    handle = open_locked(path)
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def sentence(action: str) -> Iterator[None]:
    """Turn what the file system says into one sentence.

    Raises:
        StoreError: "Could not …", followed by the action, the reason and the file.
    """
    try:
        yield
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        raise StoreError(f"Could not {action}: {error.strerror or error}{where}.") from error


def replace_text(path: Path, text: str, scratch: Path) -> None:
    """Write a small file in one step: a reader sees the old text or the new, never a part.

    Args:
        path: The file; the caller holds the lock that goes with it.
        text: Its new content.
        scratch: A folder of the same file system, for the text until it is whole.
    """
    new = scratch / f"{path.name}.new"
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def sync_tree(folder: Path) -> None:
    """Bring every file to the disk, before the rename that makes it count."""
    for path in [folder, *folder.rglob("*")]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
