"""MLServer's settings."""

from __future__ import annotations

import json
from dataclasses import replace

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.mlserver import prepare
from loadtests.benchmark.contenders.recipe import Place


def test_every_copy_has_its_settings(subject: Subject, place: Place) -> None:
    """The server listens on this machine only; each model batches 64 requests and loads our runtime."""
    command = prepare(replace(subject, copies=2), place)
    settings = json.loads((place.scratch / "settings.json").read_text())
    assert (settings["host"], settings["http_port"]) == ("127.0.0.1", 4711)
    for name in ("sum", "sum-2"):
        model = json.loads((place.scratch / name / "model-settings.json").read_text())
        assert (model["name"], model["max_batch_size"]) == (name, 64)
    assert command.command == (str(place.python.with_name("mlserver")), "start", str(place.scratch))
