"""The table, client by client: for the terminal, and for the docs between two marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.conformance.outcome import Result

BEGIN = "<!-- report: written by the kit -->"
END = "<!-- end of report -->"
NAMED = 3
"""Most cases that are named behind one reason for skipping them."""
HEAD = ("client", "version", "cases", "passed", "failed", "skipped")


def markdown(results: Sequence[Result]) -> str:
    """The table, what failed, what was skipped, and who could not be run."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(_cells(result)) + " |" for result in results if not result.unavailable]
    total = [sum(counts) for counts in zip(*map(_counts, results), strict=True)]
    lines.append("| **together** | | " + " | ".join(f"**{count}**" for count in total) + " |")
    lines += _section("Failed", [f"{r.client}: {o.case}: {o.fault}" for r in results for o in r.failed])
    lines += _section("Skipped", [entry for result in results for entry in _skipped(result)])
    lines += _section("Not run", [f"{r.client} {r.version}: {r.unavailable}" for r in results if r.unavailable])
    return "\n".join(lines) + "\n"


def terminal(results: Sequence[Result]) -> str:
    """The same with columns in line."""
    rows = [HEAD, *(_cells(result) for result in results if not result.unavailable)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    rest = markdown(results).partition("**together**")[2].partition("\n")[2]
    return "\n".join(table) + "\n" + rest


def _counts(result: Result) -> tuple[int, int, int, int]:
    return len(result.outcomes), result.passed, len(result.failed), len(result.skipped)


def _cells(result: Result) -> list[str]:
    return [result.client, result.version, *map(str, _counts(result))]


def _skipped(result: Result) -> list[str]:
    """A line for each reason, with its cases where they are few."""
    found: dict[str, list[str]] = {}
    for outcome in result.skipped:
        found.setdefault(outcome.skipped, []).append(outcome.case)
    named = {why: "; ".join(cases) if len(cases) <= NAMED else f"{len(cases)} cases" for why, cases in found.items()}
    return [f"{result.client}: {cases}: {why}" for why, cases in named.items()]


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return ["", f"{title}:", "", *(f"* {_flat(entry)}" for entry in entries)] if entries else []


def _flat(text: str) -> str:
    return " ".join(text.split())


def write(page: Path, results: Sequence[Result]) -> None:
    """Put the report between a page's marks.

    Raises:
        ValueError: The page does not have them.
    """
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected the marks {BEGIN!r} and {END!r} in {page}")
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}")
