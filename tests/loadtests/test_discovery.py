"""What is found on a server, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.discovery import discover
from loadtests.errors import BadExamples, ServerGone
from loadtests.server import free_port
from loadtests.target import Target
from tests import toy
from tests.loadtests.double import Double


def test_examples_are_those_of_the_version_that_serves(double: Double, home: Path) -> None:
    """Answers are compared with those of the highest available version, by number, not by text."""
    for version in (9, 10, 11):
        toy.write(home, version=version)
    double.versions = {"11": "LOADING", "10": "AVAILABLE", "9": "AVAILABLE", "1": "END"}
    found = discover(Target(double.url), home / "models", seed=0)
    assert found.models["toy"].version == "10"
    assert found.models["toy"].goldens
    assert "toy:10: 5 rows, answers checked with the stored answers" in found.notes


def test_absent_models_get_a_line(double: Double, home: Path) -> None:
    """A model with a user of its own that the server lacks is named, and is no error."""
    found = discover(Target(double.url), home / "models", seed=0)
    assert list(found.models) == ["toy"]
    assert "xor: left out, the server does not have it" in found.notes


@pytest.mark.parametrize("folder", [None, Path("no/such/folder")])
def test_without_examples_rows_are_invented(double: Double, folder: Path | None) -> None:
    """A server without a folder of examples is still loaded, and its answers are checked by shape."""
    found = discover(Target(double.url), folder, seed=0)
    assert not found.models["toy"].goldens
    assert any("by shape, count and range" in note for note in found.notes)


def test_model_that_refuses_invented_rows_is_left_out(double: Double) -> None:
    """Rows that the server may rightly refuse do not become its failures."""
    double.status = 400
    found = discover(Target(double.url), None, seed=0)
    assert not found.models
    assert any(note.startswith("toy: left out.") and "400" in note for note in found.notes)


def test_model_without_available_version_is_left_out(double: Double, home: Path) -> None:
    """A model that is still loading is named with its states."""
    double.versions = {"1": "LOADING"}
    found = discover(Target(double.url), home / "models", seed=0)
    assert not found.models
    assert any(note.startswith("toy: left out.") and "LOADING" in note for note in found.notes)


def test_broken_examples_end_the_run(double: Double, home: Path) -> None:
    """Examples that are there and broken are an error: the check would silently be weaker."""
    (home / "models" / "toy" / "1" / "examples.npz").unlink()
    with pytest.raises(BadExamples, match="toy:1"):
        discover(Target(double.url), home / "models", seed=0)


def test_silent_server_is_an_error() -> None:
    """Without a server there is nothing to find."""
    with pytest.raises(ServerGone, match="/v1/models"):
        discover(Target(f"http://127.0.0.1:{free_port()}"), None, seed=0)
