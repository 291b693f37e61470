"""Pieces of Markdown, safe whatever a name in them holds."""

import re
from collections.abc import Sequence

Cell = str | int | float | None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table; columns of numbers are aligned to the right.

    Args:
        head: Names of the columns.
        rows: As many cells each; a number is written short, `None` stays empty.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    columns = zip(*texts, strict=True) if texts else [()] * len(head)
    ruler = ["--:" if any(column) and all(map(_is_number, column)) else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *texts))


def code(text: str) -> str:
    """A name as it is written in code; nothing in it is taken for Markdown."""
    return f"`{_one_line(text).replace('`', chr(39))}`"


def picture(name: str, alternative: str) -> str:
    """A picture beside the card, with what it shows for those who do not see it."""
    return f"![{alternative}]({name})"


def bullets(sentences: Sequence[str]) -> str:
    """A list."""
    return "\n".join(f"* {sentence}" for sentence in sentences)


def number(value: float) -> str:
    """A number as short as it can be read: four digits; whole numbers in full, with commas."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:#.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return _one_line(cell).replace("|", r"\|") if isinstance(cell, str) else number(cell)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_number(text: str) -> bool:
    """Whether it is a number, a span of two, or nothing."""
    return all(re.fullmatch(r"[-+]?[\d,.]+(e[-+]\d+)?", part) for part in text.split(" to ") if part)
