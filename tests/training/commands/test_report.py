"""`training.commands.report`."""

from pathlib import Path

import pytest

from tests.training.commands.conftest import call
from tests.training.stored import put
from training.commands import report
from training.errors import StoreError
from training.storage.store import Store

CARD = "# xor\n\n## Data\n\n| a |\n| --- |\n| 1 |\n"


@pytest.fixture
def cards(home: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two versions with cards in the store; the folder that the command is called in."""
    for number in (1, 2):
        put(home)
        folder = home.folder("xor", number) / "report"
        (folder / "card.md").write_text(f"{CARD}\nThis is number {number}.\n", encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_a_pipe_gets_the_card_as_it_is(cards: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--html` the card is printed, that of the version asked for, or of the latest; no file is written."""
    assert call(report, "report", "xor:1") == 0
    assert capsys.readouterr().out == f"{CARD}\nThis is number 1.\n"
    assert call(report, "report", "xor") == 0
    assert "number 2" in capsys.readouterr().out
    assert list(cards.iterdir()) == []


def test_a_terminal_gets_it_laid_out(
    cards: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No Markdown is left for a person to read."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert call(report, "report", "xor:1") == 0
    out = capsys.readouterr().out
    assert "number 1" in out
    assert "##" not in out
    assert "| --- |" not in out


def test_a_page_in_the_current_folder(cards: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--html` alone writes NAME-VERSION.html here, and says so."""
    assert call(report, "report", "xor", "--html") == 0
    assert "xor-2.html" in capsys.readouterr().out
    page = (cards / "xor-2.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "This is number 2." in page
    assert "stored 2026-01-31T12:00:00Z" in page


def test_a_page_elsewhere(cards: Path) -> None:
    """`--html FILE` writes that file."""
    assert call(report, "report", "xor:1", "--html", "a.html") == 0
    assert [path.name for path in cards.iterdir()] == ["a.html"]


@pytest.mark.parametrize("tag", ["xor:3", "nope", "nope:1", "xor:", "xor:1:1"])
def test_what_is_not_stored(cards: Path, tag: str) -> None:
    """Another tag is refused with what there is."""
    with pytest.raises(StoreError, match=r"Expected .*xor.* Received"):
        call(report, "report", tag)


def test_what_cannot_be_read_or_written(cards: Path, home: Store) -> None:
    """A missing card or a folder that is not there is one sentence with the file."""
    with pytest.raises(StoreError, match=r"^Could not report on xor:1: No such file.*nowhere/a\.html\.$"):
        call(report, "report", "xor:1", "--html", "nowhere/a.html")
    (home.folder("xor", 2) / "report" / "card.md").unlink()
    for options in ((), ("--html",)):
        with pytest.raises(StoreError, match=r"^Could not report on xor:2: No such file.*card\.md\.$"):
            call(report, "report", "xor", *options)
