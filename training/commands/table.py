"""A table for a person at a terminal of any width, and for a pipe."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_PIPE_COLUMNS = 100_000
"""Width of a pipe: no row is as long, so that none is wrapped."""

_GAP_COLUMNS = 2


def show(
    console: Console, head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), beneath: int = 0
) -> None:
    """Print rows under a head; nothing is cut off, however narrow the terminal.

    Args:
        console: Where to print.
        head: Names of the columns; the first one's cells are the names of the rows.
        rows: As many cells each.
        right: Names of the columns that are aligned to the right.
        beneath: At a terminal, this many of the last cells stand on lines of their own beneath the others, without
            their names; a pipe gets them as columns, so that a row is a line.
    """
    if not console.is_terminal:
        console.width, beneath = _PIPE_COLUMNS, 0
    shown = len(head) - beneath
    widths = _widths(console.width, [row[:shown] for row in (head, *rows)], {head[0], *right})
    for place, row in enumerate((head, *rows)):
        # A table a row: no table has lines across its columns
        line = Table.grid(padding=(0, _GAP_COLUMNS, 0, 0))
        for name, width in zip(head, widths, strict=False):
            line.add_column(justify="right" if name in right else "left", overflow="fold", width=width)
        line.add_row(Text(row[0], style="bold"), *(Text(cell, style="" if place else "bold") for cell in row[1:shown]))
        console.print(line)
        for cell in filter(None, row[shown:] if place else ()):
            console.print(Padding(Text(cell, style="dim"), (0, 0, 0, _GAP_COLUMNS)))


def _widths(room: int, lines: Sequence[Sequence[str]], spared: set[str]) -> list[int]:
    """Widths of columns that fit into the room: those of their cells, and if need be the widest gives way.

    Args:
        room: Width of the terminal.
        lines: Cells, the head first.
        spared: Names of the columns that count as a third of their width, since names and numbers are better whole.
    """
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    weights = [1 / 3 if name in spared else 1.0 for name in lines[0]]
    room = max(room - _GAP_COLUMNS * (len(widths) - 1), len(widths))
    while sum(widths) > room:
        widths[max(range(len(widths)), key=lambda column: widths[column] * weights[column])] -= 1
    return widths
