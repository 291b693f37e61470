"""Clients of this environment, each in a process of its own: one registry cannot hold their messages and ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.conformance import foreign
from tests.conformance.foreign import Script
from tests.conformance.target import Target


@pytest.mark.parametrize("module", ["triton", "health_probe", "curl"])
def test_client(module: str, open_target: Target) -> None:
    """The client gets what it asks for, in all its kinds."""
    results = foreign.run(Script(module), Path(sys.executable), open_target)
    faults = [f"{result.client}: {one.case}: {one.fault}" for result in results for one in result.failed]
    assert faults == []
    assert all(result.passed and not result.unavailable for result in results)


def test_a_script_that_ends_early_has_failed(target: Target) -> None:
    """A script that cannot even begin is a failure that says how it ended."""
    (result,) = foreign.run(Script("nobody"), Path(sys.executable), target)
    assert "No module named" in result.failed[0].fault


def test_an_environment_that_cannot_be_made_is_told(
    target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the program that makes environments, a client is not run, and the reason is told."""
    monkeypatch.setattr(foreign, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr("shutil.which", lambda name: None)
    (result,) = foreign.results(target, [Script("kserve", "kserve")])
    assert (result.client, result.outcomes) == ("kserve", ())
    assert "uv is not installed" in result.unavailable


def test_lines_are_read_by_client() -> None:
    """Each client's cases are its own; what is no JSON is passed over."""
    told = [
        {"client": "a", "version": "1", "unavailable": ""},
        {"case": "one", "fault": "", "skipped": ""},
        {"client": "b", "version": "2", "unavailable": "no way"},
    ]
    first, second = foreign.read("chatter\n" + "\n".join(map(json.dumps, told)))
    assert (first.client, first.version, first.passed) == ("a", "1", 1)
    assert (second.client, second.unavailable, list(second.outcomes)) == ("b", "no way", [])


@pytest.mark.parametrize("file", sorted(foreign.REQUIREMENTS.glob("*.txt")), ids=lambda file: file.stem)
def test_requirements_are_pinned_and_hashed(file: Path) -> None:
    """Every foreign requirement has one version and a hash, and what its source names is among them."""
    entries = [line for line in file.read_text().splitlines() if line and line[0] not in "# "]
    assert entries
    assert all("==" in entry and entry.endswith("\\") for entry in entries)
    wanted = file.with_suffix(".in").read_text().splitlines()
    assert all(any(entry.startswith(line) for entry in entries) for line in wanted if line[0] != "#")
