"""Triton's environment and model repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders import triton
from loadtests.benchmark.contenders.recipe import Place
from loadtests.benchmark.environments import Environment
from loadtests.errors import BenchmarkError


@pytest.fixture
def packages(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without anything in it."""
    monkeypatch.setattr(Environment, "install", lambda *_: None)
    monkeypatch.setattr(triton, "library_folder", lambda _: "/lib/python")
    folder = triton.HOME.folder(place.root) / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def test_stub_is_laid_where_the_backend_looks(place: Place, packages: Path) -> None:
    """The stub of the environment's Python lies beside the backend, and can be run."""
    server = packages / "pytriton" / "tritonserver"
    for folder in (server / "python_backend_stubs" / "3.11", server / "backends" / "python"):
        folder.mkdir(parents=True)
    (server / "python_backend_stubs" / "3.11" / triton.STUB).write_text("stub")
    triton.HOME.install(place.root)
    laid = server / "backends" / "python" / triton.STUB
    assert laid.read_text() == "stub"
    assert laid.stat().st_mode & 0o111


def test_missing_stub_is_said(place: Place, packages: Path) -> None:
    """A package without a stub for this Python is no reason to guess."""
    with pytest.raises(BenchmarkError, match=r"stub of Triton's backend for Python 3\.11"):
        triton.HOME.install(place.root)


def test_repository_holds_every_copy(place: Place, packages: Path, subject: Subject) -> None:
    """Each copy has its configuration, its model and its code; the server listens on this machine only."""
    command = triton.prepare(replace(subject, copies=2), place)
    for name in ("sum", "sum-2"):
        folder = place.scratch / "models" / name
        assert "max_batch_size: 64" in (folder / "config.pbtxt").read_text()
        assert sorted(path.name for path in (folder / "1").iterdir()) == ["model.onnx", "model.py"]
    assert {"--http-address=127.0.0.1", "--http-port=4711", "--allow-grpc=false"} <= {*command.command}
    assert command.variables["LD_LIBRARY_PATH"].endswith("nvidia_pytriton.libs:/lib/python")
    assert command.variables["PATH"].startswith(str(place.python.parent))


def test_static_python_is_refused(tmp_path: Path) -> None:
    """A Python without a shared library is refused with what it has instead; the folder of a shared one is told."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho \'["/usr/lib", "libpython3.11.a"]\'\n')
    python.chmod(0o755)
    with pytest.raises(BenchmarkError, match=r"has libpython3\.11\.a"):
        triton.library_folder(python)
    python.write_text('#!/bin/sh\necho \'["/usr/lib", "libpython3.11.so.1.0"]\'\n')
    assert triton.library_folder(python) == "/usr/lib"
