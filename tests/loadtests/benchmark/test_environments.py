"""Environments of other servers, with a stand-in for uv."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loadtests.benchmark import environments
from loadtests.benchmark.contenders.uvicorn import PACKAGES
from loadtests.benchmark.environments import ENGINE, Environment, OwnEnvironment, canonical
from loadtests.errors import BenchmarkError

LOCK = Path(__file__).parents[3] / "requirements" / "all.txt"
TOY = Environment("toy", ("some[extra]==1.2",), bare=("Alone_Package==3",))


class Uv:
    """Writes what uv would, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.error = ""

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.asked.append(command[1:])
        if command[1] == "venv":
            packages = Path(command[-1]) / "lib" / "python3.11" / "site-packages"
            for name, version in ("some", "1.2"), ("alone_package", "3"), ("other", "9"):
                (folder := packages / f"{name}-{version}.dist-info").mkdir(parents=True)
                (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            (python := Path(command[-1]) / "bin" / "python").parent.mkdir()
            python.touch()
        return subprocess.CompletedProcess(command, bool(self.error), "", self.error)


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch) -> Uv:
    """In place of every process."""
    stand_in = Uv()
    monkeypatch.setattr(environments.subprocess, "run", stand_in)
    return stand_in


def test_environment_is_made_once(tmp_path: Path, uv: Uv) -> None:
    """The same requirements are installed once; other ones make the environment anew."""
    TOY.install(tmp_path)
    first = len(uv.asked)
    TOY.install(tmp_path)
    assert len(uv.asked) == first
    Environment("toy", ("some==1.3",)).install(tmp_path)
    assert uv.asked[first][0] == "venv"


def test_packages_alone_bring_no_others(tmp_path: Path, uv: Uv) -> None:
    """What is named bare is installed without what it says it needs, the rest with it."""
    TOY.install(tmp_path)
    assert [("--no-deps" in asked, asked[-1]) for asked in uv.asked[1:]] == [
        (False, "some[extra]==1.2"),
        (True, "Alone_Package==3"),
    ]


def test_versions_are_those_of_named_packages(tmp_path: Path, uv: Uv) -> None:
    """However a name is written, its installed version is found; what came along is left out."""
    TOY.install(tmp_path)
    assert TOY.versions(tmp_path) == {"python": "3.11", "alone-package": "3", "some": "1.2"}


def test_failed_installation_leaves_no_stamp(tmp_path: Path, uv: Uv) -> None:
    """The words of uv are in the message, and the next run tries again."""
    uv.error = "no such package"
    with pytest.raises(BenchmarkError, match="no such package"):
        TOY.install(tmp_path)
    uv.error = ""
    TOY.install(tmp_path)
    assert TOY.versions(tmp_path)["some"] == "1.2"


def test_too_new_python_is_not_used(tmp_path: Path, uv: Uv) -> None:
    """Where the running Python is too new, uv looks for another, and a failure says which."""
    Environment("toy", ("some==1.2",)).install(tmp_path)
    assert sys.executable in uv.asked[0]
    uv.error = "none found"
    with pytest.raises(BenchmarkError, match=r"with a Python below 3\.11.*none found"):
        Environment("old", ("some==1.2",), before=11).install(tmp_path)
    assert ">=3.11,<3.11" in uv.asked[-1]


def test_missing_environment_is_named(tmp_path: Path) -> None:
    """Asking for the versions of what is not installed is an error with its name."""
    with pytest.raises(BenchmarkError, match="environment of toy"):
        TOY.versions(tmp_path)


def test_engine_is_that_of_the_lock() -> None:
    """Other servers get the engine, NumPy and uvicorn in the very versions that ours is locked to."""
    locked = dict(re.findall(r"^(\S+)==(\S+)", LOCK.read_text(), re.MULTILINE))
    numpy = set(re.findall(r"^numpy==(\S+)", LOCK.read_text(), re.MULTILINE))
    pinned = [line.split(";")[0].split("==") for line in (*ENGINE, *PACKAGES)]
    assert {version for name, version in pinned if name == "numpy"} == numpy
    assert all(locked[name] == version for name, version in pinned if name != "numpy")


def test_own_environment_tells_installed_versions(tmp_path: Path) -> None:
    """Ours is the running interpreter, with the packages of its environment."""
    own = OwnEnvironment(("numpy",))
    own.install(tmp_path)
    assert own.python(tmp_path) == Path(sys.executable)
    assert set(own.versions(tmp_path)) == {"python", "numpy"}
    assert canonical("Some_pkg.Name") == "some-pkg-name"
