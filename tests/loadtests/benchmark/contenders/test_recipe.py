"""What all contenders are put together from, and what they must agree on."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders import CONTENDERS
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.contenders.uvicorn import UVICORN
from loadtests.benchmark.environments import OwnEnvironment
from loadtests.errors import BenchmarkError

DIALECTS = {"predict-json", "v2-json", "v2-binary"}
SUBJECT = Subject("mnist", Path("/models/mnist"))


@pytest.mark.parametrize("name", CONTENDERS)
def test_contenders_keep_the_interface(name: str) -> None:
    """Each is named as it is found, speaks known dialects at paths of its own, and cites its documentation."""
    contender = CONTENDERS[name]
    assert contender.name == name
    assert contender.title
    assert {*contender.dialects} <= DIALECTS
    assert contender.dialects
    assert all(contender.path(dialect, "mnist").startswith("/") for dialect in contender.dialects)
    assert "https://" in contender.notes or "docs/" in contender.notes


def test_start_runs_the_command_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """The server starts in an empty folder, with the variables and the port it was given, and the folder goes."""
    seen: list[Place] = []

    def prepare(subject: Subject, place: Place) -> Command:
        seen.append(place)
        code = "import os, sys; print(os.getcwd(), os.environ['WHO'], sys.argv[1])"
        return Command((str(place.python), "-c", code, str(place.port)), {"WHO": subject.name})

    recipe = Recipe("toy", "Toy", "", {"v2-json": "/m/{model}"}, "/ready/{model}", OwnEnvironment(()), prepare)
    running = recipe.start(SUBJECT, tmp_path, tmp_path / "logs" / "toy.log")
    try:
        with pytest.raises(BenchmarkError, match="/ready/mnist"):
            running.wait_ready(20)
    finally:
        running.stop()
    (place,) = seen
    assert (tmp_path / "logs" / "toy.log").read_text().split() == [str(place.scratch), "mnist", str(place.port)]
    assert place.python == Path(sys.executable)
    assert not place.scratch.exists()


def test_failed_preparation_leaves_no_folder(tmp_path: Path) -> None:
    """What was begun for a start that fails is removed."""
    seen: list[Path] = []

    def prepare(_: Subject, place: Place) -> Command:
        seen.append(place.scratch)
        raise BenchmarkError("no")

    with pytest.raises(BenchmarkError, match="no"):
        Recipe("toy", "Toy", "", {}, "/", OwnEnvironment(()), prepare).start(SUBJECT, tmp_path, tmp_path / "log")
    assert not seen[0].exists()


def test_copies_are_refused_where_one_model_is_served(tmp_path: Path) -> None:
    """A server set up for one model says so instead of serving it once."""
    with pytest.raises(BenchmarkError, match="Received 3"):
        UVICORN.start(replace(SUBJECT, copies=3), tmp_path, tmp_path / "log")


def test_apps_are_told_their_model() -> None:
    """The environment of an app names the ONNX file in full."""
    assert app_variables(SUBJECT)["BENCHMARK_MODEL"] == "/models/mnist/model.onnx"
