"""`training.commands.models`."""

import json

import pytest

from tests.training.commands.conftest import call
from tests.training.stored import put, put_bento
from training.commands import models
from training.errors import StoreError
from training.storage.labels import set_label
from training.storage.store import Store


@pytest.fixture
def filled(home: Store) -> Store:
    """Good, below its gate, trained elsewhere, damaged; a label and a bento."""
    put(home)
    put(home, accuracy=0.5)
    put(home, "mine", training=None)
    put(home)
    (home.folder("xor", 3) / "manifest.json").write_text("{}")
    set_label(home, "xor:1", "stable")
    put_bento(home, "service:aaa", ["xor:2"])
    return home


def _lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert call(models, "models", *arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_a_line_a_version(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Tag, date, preset, quality, labels, and what must be known of it."""
    _, mine, good, bad, damaged = _lines(capsys)
    assert good.split()[:5] == ["xor:1", "2026-01-31", "12:00", "test_accuracy", "1"]
    assert "stable" in good
    assert "xor/hidden-16" in good
    assert "Below its gate." not in good
    assert all(part in bad for part in ("xor:2", "test_accuracy 0.5", "Below its gate.", "In bento service:aaa."))
    assert all(part in mine for part in ("mine:1", "trained elsewhere", "latest"))
    assert all(part in damaged for part in ("xor:3", "manifest.json: Field required", "latest"))
    assert "latest" not in good + bad


def test_one_name(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Only its versions; an unknown one is refused."""
    assert [line.split()[0] for line in _lines(capsys, "mine")[1:]] == ["mine:1"]
    with pytest.raises(StoreError, match="mine, xor"):
        call(models, "models", "other")


def test_for_scripts(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as JSON, with every key in every entry."""
    entries = json.loads("\n".join(_lines(capsys, "--json")))
    assert [entry["tag"] for entry in entries] == ["mine:1", "xor:1", "xor:2", "xor:3"]
    assert len({tuple(entry) for entry in entries}) == 1
    mine, good, bad, damaged = entries
    assert (mine["preset"], mine["latest"], mine["fault"]) == (None, True, None)
    assert (good["preset"], good["quality"], good["labels"]) == ("hidden-16", {"test_accuracy": 1.0}, ["stable"])
    assert (good["created"], good["below_gate"]) == ("2026-01-31T12:00:00Z", [])
    assert (len(bad["below_gate"]), bad["bentos"]) == (1, ["service:aaa"])
    assert damaged["created"] is None
    assert damaged["fault"].startswith("manifest.json")


def test_a_damaged_bento_is_told(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The models are listed all the same."""
    path = put_bento(filled, "service:bbb")
    path.write_text("")
    assert call(models, "models") == 0
    captured = capsys.readouterr()
    assert str(path) in captured.err
    assert len(captured.out.splitlines()) == 5


@pytest.mark.parametrize(("arguments", "told"), [((), "No model is stored in"), (("--json",), "[]")])
def test_an_empty_store(home: Store, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str) -> None:
    """It is said that there is nothing, and where that was."""
    (line,) = _lines(capsys, *arguments)
    assert told in line
    assert bool(arguments) or str(home.home) in line
