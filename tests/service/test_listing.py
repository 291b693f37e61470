"""The page of models tells of every version all that an operator asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.counts import Counts
from service.listing import complaints, entries
from tests import toy
from tests.raw_asgi import ask
from tests.service.conftest import Served, until

CONFIGURATION = """
[models.toy]
labels = { stable = 1, first = 1, next = 9 }
canary = { version = 3, percent = 12.5 }
shadow = { version = 2, percent = 100 }
"""


@pytest.fixture
async def served(make_served: Callable[..., Any], tmp_path: Path) -> Served:
    """Version 4 of the toy serving, 3 its canary, 2 its shadow, 1 labelled, 5 corrupt; and another model."""
    for version in (1, 2, 3, 4):
        toy.write(tmp_path, version=version, scale=2.0 if version == 2 else 1.0)
    toy.write(tmp_path, version=5, sound=False)
    toy.write(tmp_path, "another")
    (tmp_path / "serve.toml").write_text(CONFIGURATION)
    found: Served = await make_served(tmp_path, config=tmp_path / "serve.toml", poll_interval_ms=0, max_batch_rows=2)
    return found


def toys(served: Served) -> dict[int, dict[str, Any]]:
    """The entries of the toy by version."""
    return {entry["version"]: entry for entry in entries(served.runtime) if entry["name"] == "toy"}


async def test_the_order_of_the_page(served: Served) -> None:
    """Models by name, and of each the highest version first."""
    found = [(entry["name"], entry["version"]) for entry in entries(served.runtime)]
    assert found == [("another", 1), ("toy", 5), ("toy", 4), ("toy", 3), ("toy", 2), ("toy", 1)]


async def test_each_version_tells_what_it_does(served: Served) -> None:
    """The default, the canary, the shadow and the labels stand at the versions that they are, and nowhere else."""
    found = toys(served)
    assert [number for number, entry in found.items() if entry["default"]] == [4]
    assert {number: entry["labels"] for number, entry in found.items() if entry["labels"]} == {1: ["first", "stable"]}
    assert {number: entry.get("canary_percent") for number, entry in found.items()} == {
        **dict.fromkeys((1, 2, 4, 5)),
        3: 12.5,
    }
    assert [number for number, entry in found.items() if "shadow" in entry] == [2]


async def test_states_and_engines(served: Served) -> None:
    """Versions that are ready name engine and device; a refused one its reason, and no engine."""
    found = toys(served)
    for number in (1, 2, 3, 4):
        assert (found[number]["state"], found[number]["reason"]) == ("AVAILABLE", "")
        assert (found[number]["engine"], found[number]["device"], found[number]["rows"]) == ("onnxruntime", "CPU", 0)
    assert found[5]["state"] == "END"
    assert "model.onnx has changed" in found[5]["reason"]
    assert not {"engine", "device", "rows"} & found[5].keys()


async def test_rows_are_counted_where_they_were_computed(served: Served) -> None:
    """Each version has the rows that it answered, those of a shadow included, and how often that one agreed."""
    for path in ("/v1/models/toy/versions/4:predict", "/v1/models/toy/labels/stable:predict"):
        served.runtime.repository.models["toy"].canary = None
        assert (await ask(served.front, "POST", path, b'{"inputs": [[1, 2], [0, 0], [3, 0]]}')).status == 200
    await until(lambda: sum(toys(served)[2]["shadow"].values()) == 3)
    found = toys(served)
    assert [found[number]["rows"] for number in (4, 3, 2, 1)] == [3, 0, 3, 3]
    assert found[2]["shadow"] == {"agree": 1, "disagree": 2, "failed": 0, "skipped": 0}


async def test_rows_of_all_workers_are_added_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is that of the whole service."""
    monkeypatch.setattr(served.version.statistics.__class__, "totals", lambda _: Counts(inference_count=77))
    assert {entry["rows"] for entry in entries(served.runtime) if "rows" in entry} == {77}


async def test_what_cannot_be_had_is_told(served: Served, tmp_path: Path) -> None:
    """Wishes that wait stand with their model's name; a file that is refused stands before them."""
    assert complaints(served.runtime) == ["toy: label next: version 9 is not ready"]
    (tmp_path / "serve.toml").write_text("[models.toy]\nversions = 1")
    await served.runtime.keeper.look()
    refused, waiting = complaints(served.runtime)
    assert "at models.toy.versions" in refused
    assert waiting == "toy: label next: version 9 is not ready"


async def test_the_page(served: Served) -> None:
    """`/models` is both lists as JSON, for GET and HEAD, and nothing else is taken."""
    answer = await ask(served.front, "GET", "/models")
    assert (answer.status, answer.header("content-type")) == (200, b"application/json")
    assert answer.json == {"models": entries(served.runtime), "complaints": complaints(served.runtime)}
    assert (await ask(served.front, "HEAD", "/models")).status == 200
    assert (await ask(served.front, "POST", "/models")).status == 405


async def test_a_name_that_is_not_stored_is_a_complaint(make_served: Callable[..., Any], tmp_path: Path) -> None:
    """A misspelt name in the configuration does not pass in silence."""
    file = tmp_path / "serve.toml"
    file.write_text("[models.tyo]\nversions = [1]\n")
    served = await make_served(config=file)
    assert complaints(served.runtime) == ["tyo: no such model is stored"]
