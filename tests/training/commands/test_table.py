"""`training.commands.table`."""

import io

import pytest
from rich.console import Console

from training.commands.table import show

HEAD = ("name", "count", "what it is")
ROWS = [("first-with-a-long-name", "1", "A sentence [of] many words. " * 5), ("second", "20,000", "")]


def _shown(width: int | None, *, beneath: int = 0) -> str:
    """What is printed to a terminal of a width, or to a pipe."""
    console = Console(file=io.StringIO(), width=width, force_terminal=width is not None, color_system=None)
    show(console, HEAD, ROWS, right=("count",), beneath=beneath)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("beneath", [0, 1])
def test_a_pipe_gets_a_line_a_row(beneath: int) -> None:
    """Whatever the length of the cells; every column has its place, and there is nothing but text."""
    lines = _shown(None, beneath=beneath).splitlines()
    assert len(lines) == 1 + len(ROWS)
    assert lines[0].split() == ["name", "count", "what", "it", "is"]
    assert lines[1].strip().startswith("first-with-a-long-name")
    assert ROWS[0][2].strip() in lines[1]
    assert all(ord(letter) < 128 for letter in "".join(lines))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("beneath", [0, 1])
def test_a_terminal_loses_nothing(width: int, beneath: int) -> None:
    """No line is longer than the terminal is wide, and every letter of every cell is there."""
    shown = _shown(width, beneath=beneath)
    assert max(map(len, shown.splitlines())) <= width
    for row in ROWS:
        for cell in row:
            assert all(shown.count(letter) >= cell.count(letter) for letter in set(cell) - {" "})
    assert "…" not in shown


def test_details_stand_beneath() -> None:
    """The last cells of a row follow its first one, with the width of the terminal to themselves."""
    lines = [line.strip() for line in _shown(80, beneath=1).splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("first-with"))
    assert lines[first].split() == ["first-with-a-long-name", "1"]
    assert lines[first + 1].startswith("A sentence [of] many words.")
    assert "what it is" not in lines[1]
