"""Our own server's store."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.keras_serve import prepare, write_store
from loadtests.benchmark.contenders.recipe import REPOSITORY, Place
from tests import toy

PAGES = ("signature", "manifest")


def test_copies_are_sound_artifacts(tmp_path: Path) -> None:
    """Each copy bears its own name and version 1 on every page, and every file has the sum in its manifest."""
    toy.write(tmp_path / "source", version=3)
    write_store(Subject("toy", tmp_path / "source" / "models" / "toy" / "3", copies=2), tmp_path / "home")
    for name in ("toy", "toy-2"):
        folder = tmp_path / "home" / "models" / name
        assert (folder / "latest").read_text() == "1"
        signature, manifest = (json.loads((folder / "1" / f"{page}.json").read_text()) for page in PAGES)
        assert (signature["name"], manifest["name"], manifest["version"]) == (name, name, 1)
        for file, expected in manifest["files"].items():
            assert hashlib.sha256((folder / "1" / file).read_bytes()).hexdigest() == expected


def test_settings_stay_at_their_defaults(tmp_path: Path, place: Place) -> None:
    """The command is the one that people type; of the settings only the log's, workers' and queue's are set."""
    toy.write(tmp_path / "source")
    command = prepare(Subject("toy", tmp_path / "source" / "models" / "toy" / "1"), place)
    assert command.folder == REPOSITORY
    assert command.command[1:3] == ("-m", "service")
    set_here = {name for name in command.variables if name.startswith("KERAS_SERVE_")}
    assert set_here == {"KERAS_SERVE_LOG_LEVEL", "KERAS_SERVE_WORKERS", "KERAS_SERVE_MAX_QUEUE_ROWS"}
    assert command.variables["KERAS_SERVE_WORKERS"] == "1"
