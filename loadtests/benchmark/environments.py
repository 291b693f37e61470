"""Python environments of the servers: one each, made by ``uv`` from pinned requirements, never the project's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from loadtests.errors import BenchmarkError

STAMP = "installed.txt"
INSTALL_S = 900
ERROR_TAIL = 1500

NUMPY = ("numpy==2.4.6; python_version < '3.12'", "numpy==2.5.5; python_version >= '3.12'")
ONNXRUNTIME = "onnxruntime==1.31.1"
ENGINE = (ONNXRUNTIME, *NUMPY)
"""The engine, as the project's own lock pins it."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of one server's own.

    Attributes:
        name: Of its folder.
        requirements: Pinned, installed with what they need.
        bare: Pinned, installed without what they say they need.
        before: First minor version of Python 3 that cannot be used.
    """

    name: str
    requirements: tuple[str, ...]
    bare: tuple[str, ...] = ()
    before: int = 14

    def folder(self, root: Path) -> Path:
        """Where it is, below the benchmark's folder."""
        return root.absolute() / "environments" / self.name

    def python(self, root: Path) -> Path:
        """Its interpreter."""
        return self.folder(root) / "bin" / "python"

    def packages(self, root: Path) -> Path:
        """Its ``site-packages``.

        Raises:
            BenchmarkError: It is not installed.
        """
        for found in self.folder(root).glob("lib/python3*/site-packages"):
            return found
        raise BenchmarkError(f"Expected the environment of {self.name} in {root}. It is not installed.")

    def install(self, root: Path) -> None:
        """Make it, unless it was made from the same requirements before.

        Raises:
            BenchmarkError: With the last words of ``uv``.
        """
        folder, wanted = self.folder(root), self._wanted()
        stamp = folder / STAMP
        if stamp.exists() and stamp.read_text() == wanted and self.python(root).exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._uv("venv", "--quiet", "--no-project", "--python", self._interpreter(), str(folder))
        for options, packages in ([], self.requirements), (["--no-deps"], self.bare):
            if packages:
                python = str(self.python(root))
                # compiled now, or each server's first start would pay for it
                self._uv("pip", "install", "--quiet", "--compile-bytecode", "--python", python, *options, *packages)
        stamp.write_text(wanted)

    def versions(self, root: Path) -> dict[str, str]:
        """Version of each package that the requirements name, and of Python."""
        named = {canonical(re.split(r"[\[=]", line)[0]) for line in (*self.requirements, *self.bare)}
        packages = self.packages(root)
        python = packages.parent.name.removeprefix("python")
        found = {canonical(each.name): each.version for each in metadata.distributions(path=[str(packages)])}
        return {"python": python, **{name: found[name] for name in sorted(named) if name in found}}

    def _wanted(self) -> str:
        return "\n".join((sys.version, sys.executable, *self.requirements, "without dependencies:", *self.bare))

    def _interpreter(self) -> str:
        """The running one, or where it is too new, an older one that ``uv`` finds on this machine."""
        return sys.executable if sys.version_info < (3, self.before) else f">=3.11,<3.{self.before}"

    def _uv(self, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name("uv")), *arguments]
        variables = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        # uv does not read pip's settings, so a mirror that pip is set to is handed on
        if mirror := os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL"):
            variables["UV_DEFAULT_INDEX"] = mirror
        try:
            done = subprocess.run(
                command, env=variables, capture_output=True, text=True, timeout=INSTALL_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BenchmarkError(f"Expected uv to make the environment of {self.name}. Received {error}") from None
        if done.returncode:
            needed = "" if sys.version_info < (3, self.before) else f" with a Python below 3.{self.before}"
            said = done.stderr.strip()[-ERROR_TAIL:]
            raise BenchmarkError(f"Expected uv to make the environment of {self.name}{needed}. Received: {said}")


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class OwnEnvironment:
    """The environment that the benchmark itself runs in.

    Attributes:
        shown: Packages whose versions are told.
    """

    shown: tuple[str, ...]

    def python(self, root: Path) -> Path:
        """The running interpreter; ``root`` does not matter."""
        return Path(sys.executable)

    def install(self, root: Path) -> None:
        """It is there."""

    def versions(self, root: Path) -> dict[str, str]:
        """Version of each package to be shown, and of Python."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return {"python": python, **{name: metadata.version(name) for name in self.shown}}
