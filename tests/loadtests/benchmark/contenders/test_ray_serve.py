"""Ray Serve's command."""

from __future__ import annotations

from importlib.util import find_spec

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.ray_serve import prepare
from loadtests.benchmark.contenders.recipe import Place

APP = "loadtests.benchmark.apps.ray_deployment"


def test_command_serves_the_app(subject: Subject, place: Place) -> None:
    """The environment's own Python serves an app that is there, on the given port and the given model."""
    command = prepare(subject, place)
    assert command.command[0] == str(place.python)
    assert APP in command.command
    assert find_spec(APP.partition(":")[0])
    assert command.command[command.command.index("--port") + 1] == "4711"
    assert command.variables["BENCHMARK_MODEL"].endswith("model.onnx")
