"""`training.storage.provenance`."""

import platform
import subprocess
from pathlib import Path

import pytest

from training.storage import provenance
from training.storage.provenance import machine, package_versions, revision


def _git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, from which the code seems to run."""
    code = tmp_path / "training" / "provenance.py"
    code.parent.mkdir()
    code.write_text("first\n")
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message", "first")
    monkeypatch.setattr(provenance, "_HERE", code)
    return tmp_path


def test_revision_is_that_of_the_checkout(checkout: Path) -> None:
    """It is the commit in full; a tag does not change how it is written, an untracked file does not mark it."""
    _git(checkout, "tag", "--annotate", "--message", "release", "v1")
    (checkout / "notes.txt").write_text("untracked")
    assert revision() == _git(checkout, "rev-parse", "HEAD")


def test_a_changed_file_marks_the_revision(checkout: Path) -> None:
    """A tracked file that differs from the commit, anywhere in the checkout, is told."""
    (checkout / "training" / "provenance.py").write_text("second\n")
    assert revision() == f"{_git(checkout, 'rev-parse', 'HEAD')}-dirty"


def test_code_that_nobody_tracks_has_no_revision(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither in a folder without repository, nor copied into the repository of something else."""
    for place in (tmp_path_factory.mktemp("bare"), checkout):
        copied = place / "copied.py"
        copied.write_text("")
        monkeypatch.setattr(provenance, "_HERE", copied)
        assert revision() is None


def test_without_git(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git trains all the same."""
    monkeypatch.setenv("PATH", str(checkout))
    assert revision() is None


def test_packages_that_decide_weights() -> None:
    """Their versions are those installed, as the packages themselves tell."""
    import keras
    import numpy as np

    versions = package_versions()
    assert (versions["keras"], versions["numpy"]) == (keras.__version__, np.__version__)


def test_machine_is_named_by_its_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux tells the processor's name on most machines; where it does not, Python's word stands there."""
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr(provenance, "_CPUINFO", cpuinfo)
    elsewhere = machine()
    cpuinfo.write_text(
        "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n\nprocessor\t: 1\nmodel name\t: Some CPU @ 2 GHz\n"
    )
    assert machine().startswith("Some CPU @ 2 GHz, ")
    assert elsewhere.startswith(platform.processor() or platform.machine())
    assert machine().split(", ")[1:] == elsewhere.split(", ")[1:]
