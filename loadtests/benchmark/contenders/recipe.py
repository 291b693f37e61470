"""A recipe: the parts that all contenders are put together from."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.process import Launch, ServerProcess
from loadtests.errors import BenchmarkError
from loadtests.server import free_port

REPOSITORY = Path(__file__).parents[3]
"""The folder of this checkout."""
MODEL_VARIABLE = "BENCHMARK_MODEL"
"""Tells an app which ONNX file to serve."""


class Home(Protocol):
    """Where a server's packages are installed."""

    def python(self, root: Path) -> Path:
        """Its interpreter."""

    def install(self, root: Path) -> None:
        """Make it."""

    def versions(self, root: Path) -> dict[str, str]:
        """Version by package."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run takes place.

    Attributes:
        root: The benchmark's folder.
        python: Interpreter of the environment.
        scratch: An empty folder, removed when the run ends.
        port: A free one.
    """

    root: Path
    python: Path
    scratch: Path
    port: int


@dataclass(frozen=True, slots=True)
class Command:
    """How the server is started.

    Attributes:
        command: Program and arguments.
        variables: Of its environment.
        folder: Where it is started; None: in the scratch folder.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A contender.

    Attributes:
        paths: URL path by dialect; ``{model}`` stands for the model's name.
        ready: Path that answers 200 once the server can predict; ``{model}`` stands for the last model's name.
        home: Its environment.
        prepare: Writes what the server needs into the scratch folder and says how it is started.
        many: Whether it serves several models.
    """

    name: str
    title: str
    notes: str
    paths: Mapping[str, str]
    ready: str
    home: Home
    prepare: Callable[[Subject, Place], Command]
    pausable: bool = True
    many: bool = False

    @property
    def dialects(self) -> tuple[str, ...]:
        """Those it is asked in."""
        return tuple(self.paths)

    def install(self, folder: Path) -> None:
        """Make its environment."""
        self.home.install(folder)

    def versions(self, folder: Path) -> dict[str, str]:
        """Version by package, as installed."""
        return self.home.versions(folder)

    def path(self, dialect: str, model: str) -> str:
        """Path of the URL that takes a model's requests in a dialect."""
        return self.paths[dialect].format(model=model)

    def start(self, subject: Subject, folder: Path, log: Path) -> ServerProcess:
        """Start it on a free port, without waiting for it."""
        if subject.copies > 1 and not self.many:
            raise BenchmarkError(f"Expected one model. Received {subject.copies}, and {self.name} is set up for one.")
        # in the system's own folder: paths of Unix sockets must be short
        scratch = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        place = Place(folder.absolute(), self.home.python(folder), scratch, free_port())
        try:
            command = self.prepare(subject, place)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        launch = Launch(
            command.command,
            place.port,
            self.ready.format(model=subject.models[-1]),
            scratch,
            command.folder or scratch,
            {**command.variables},
        )
        return ServerProcess(launch, log, pausable=self.pausable)


def app_variables(subject: Subject) -> dict[str, str]:
    """What every app in ``apps/`` needs: this checkout to import it from, and the model."""
    model = subject.folder.absolute() / "model.onnx"
    return {"PYTHONPATH": str(REPOSITORY), MODEL_VARIABLE: str(model), "PYTHONUNBUFFERED": "1"}
