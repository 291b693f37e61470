"""`training.commands.reproduce`, the training itself replaced."""

from typing import Any

import pytest

from tests.training.commands.conftest import call
from tests.training.stored import put
from training.commands import reproduce
from training.errors import StoreError
from training.reproduce import Comparison, Run
from training.storage.manifest import read_manifest
from training.storage.store import Store


@pytest.fixture
def again(home: Store, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A store with xor:1; what is put here differs in the manifest, or under `metrics`, when it is trained again."""
    changes: dict[str, Any] = {}

    def train(store: Store, tag: str, *_: Any) -> Comparison:
        manifest = read_manifest(store.folder(*store.find(tag)))
        changed = {key: value for key, value in changes.items() if key != "metrics"}
        metrics = {"test_accuracy": 0.5, "loss": 0.25}
        now = Run(manifest.model_copy(update=changed), metrics | changes.get("metrics", {}))
        return Comparison(Run(manifest, metrics), now)

    put(home)
    monkeypatch.setattr("training.reproduce.reproduce", train)
    return changes


def test_identical(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """One line, status 0; where it was trained does not matter then."""
    again["machine"] = "another one"
    assert call(reproduce, "reproduce", "xor:1") == 0
    assert capsys.readouterr().out == "xor:1 trained again: identical weights, identical metrics.\n"


def test_different(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, with what was not the same, and how far the metrics are apart."""
    again |= {"weights": "1" * 64, "machine": "another one", "metrics": {"test_accuracy": 0.75}}
    assert call(reproduce, "reproduce", "xor:1") == 1
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert " ".join(lines[0]) == "xor:1 trained again: different weights, different metrics."
    assert ["machine", "a", "toy's", "another", "one"] in lines
    assert ["test_accuracy", "0.5", "0.75", "+0.25"] in lines
    assert not any(line[:1] in (["loss"], ["revision"]) for line in lines)


def test_different_for_no_known_reason(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """It is said that nothing known explains it."""
    again["weights"] = "1" * 64
    assert call(reproduce, "reproduce", "xor:1") == 1
    told, known = capsys.readouterr().out.splitlines()
    assert told == "xor:1 trained again: different weights, identical metrics."
    assert known.startswith("Packages, data, revision and machine are the same.")


def test_a_metric_that_is_no_longer_taken(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Identical weights judged otherwise are a difference too."""
    again["metrics"] = {"newer": 1.0}
    assert call(reproduce, "reproduce", "xor:1") == 1
    out = capsys.readouterr().out
    assert out.startswith("xor:1 trained again: identical weights, different metrics.\n")
    assert ["newer", "none", "1"] in [line.split() for line in out.splitlines()]


def test_what_is_not_stored(again: dict[str, Any]) -> None:
    """Refused before anything is trained."""
    with pytest.raises(StoreError, match="Received 'xor:2'"):
        call(reproduce, "reproduce", "xor:2")
