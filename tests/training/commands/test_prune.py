"""`training.commands.prune`."""

import pytest

from tests.training.commands.conftest import call
from tests.training.stored import put
from training.commands import prune
from training.storage.labels import set_label
from training.storage.store import Store


@pytest.fixture
def filled(home: Store) -> Store:
    """A store with xor:1 to xor:3, the first of them labelled."""
    for _ in range(3):
        put(home)
    set_label(home, "xor:1", "stable")
    return home


def test_a_line_a_version(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """What was removed with its size, what was kept with the reason."""
    assert call(prune, "prune", "xor", "--keep", "1") == 0
    kept, removed, newest = capsys.readouterr().out.splitlines()
    assert kept == "Kept xor:1: label stable"
    assert removed.startswith("Removed xor:2: ")
    assert newest == "Kept xor:3: among the newest 1"
    assert filled.versions("xor") == [1, 3]


def test_dry_run(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The same lines, but nothing is removed."""
    assert call(prune, "prune", "xor", "--keep", "1", "--dry-run") == 0
    assert "Would remove xor:2: " in capsys.readouterr().out
    assert filled.versions("xor") == [1, 2, 3]


@pytest.mark.parametrize("arguments", [["xor"], ["xor", "--keep", "all"], ["--keep", "1"]])
def test_how_many_must_be_said(filled: Store, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There is no default for what is deleted."""
    with pytest.raises(SystemExit) as end:
        call(prune, "prune", *arguments)
    assert end.value.code == 2
    assert "--keep" in capsys.readouterr().err or "NAME" in capsys.readouterr().err
