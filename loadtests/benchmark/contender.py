"""What the benchmark knows of a server: how it is made, started, asked, paused and ended.

Each server is a file in ``contenders/``; what runs inside a server that is not ours is in ``apps/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_BATCH_ROWS = 64
"""Most rows that any server puts into one batch."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is served.

    Attributes:
        name: Of the model, as the artifact has it.
        folder: The artifact: ``model.onnx``, ``signature.json``, ``examples.npz``.
        copies: How many models of this content are served: NAME, NAME-2, NAME-3 …
    """

    name: str
    folder: Path
    copies: int = 1

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that are served."""
        return (self.name, *(f"{self.name}-{number}" for number in range(2, self.copies + 1)))


class Running(Protocol):
    """A server's processes.

    Attributes:
        url: ``http://127.0.0.1:PORT``.
        ready_s: Seconds from the start of the process until it was ready; 0 before.
    """

    url: str
    ready_s: float

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until it says that it is ready.

        Raises:
            BenchmarkError: It has ended, or is not ready in time; with the tail of its log.
        """

    def pause(self) -> None:
        """Stop all its processes where they are."""

    def resume(self) -> None:
        """Let them go on."""

    def cpu_s(self) -> float:
        """CPU seconds used so far by all its processes, those included that have ended and were collected."""

    def memory_bytes(self) -> int:
        """Memory of all its processes; a page that several share is counted once in all."""

    def stop(self) -> None:
        """End all its processes.

        Raises:
            BenchmarkError: Its port is still taken.
        """


class Contender(Protocol):
    """A server of the benchmark.

    Attributes:
        name: One word, for files and command lines.
        title: For tables.
        dialects: Those it is asked in, of ``predict-json``, ``v2-json`` and ``v2-binary``.
        pausable: Whether it stands being stopped while others are measured.
        notes: How it is tuned, and where its documentation says so.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def dialects(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def pausable(self) -> bool: ...  # noqa: D102
    @property
    def notes(self) -> str: ...  # noqa: D102

    def install(self, folder: Path) -> None:
        """Make its environment below ``folder``; quick where that was done before.

        Raises:
            BenchmarkError: It cannot be made here; the message says what is needed.
        """

    def versions(self, folder: Path) -> dict[str, str]:
        """Version by package, as installed."""

    def start(self, subject: Subject, folder: Path, log: Path) -> Running:
        """Start it on a free port, without waiting for it.

        Raises:
            BenchmarkError: It cannot serve the subject, or is not installed.
        """

    def path(self, dialect: str, model: str) -> str:
        """Path of the URL that takes a model's requests in a dialect."""
