"""A file that holds the last state of a run while it is interrupted, and is gone once it has ended."""

import os
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from training.errors import MachineError

if TYPE_CHECKING:
    from training.fitting.state import State

_WRITE_EVERY_S = 5.0


class Checkpoint(AbstractContextManager["Checkpoint"]):
    """Within the context, the state is written every few seconds at most.

    If an exception leaves the context, Ctrl-C among them, the last state is written; if none does, the run has ended
    and the file is removed.

    Args:
        path: The file; None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._pending: State | None = None
        self._written_s = time.monotonic()

    def read(self) -> bytes:
        """The content of the file; empty if there is none."""
        return self._path.read_bytes() if self._path and self._path.exists() else b""

    def keep(self, state: "State") -> None:
        """Make this the last state.

        Raises:
            MachineError: If it cannot be written.
        """
        self._pending = state
        if time.monotonic() - self._written_s > _WRITE_EVERY_S:
            self._write()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Write what is not written yet, or remove the file."""
        if kind is not None:
            self._write()
        elif self._path:
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._path and self._pending:
            try:
                _replace(self._path, self._pending.to_bytes())
            except OSError as error:
                raise MachineError(
                    f"Expected to write the state of the run to {self._path}. Received {error}."
                ) from error
            self._pending, self._written_s = None, time.monotonic()


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: whenever this process is killed, the former content or the new is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
