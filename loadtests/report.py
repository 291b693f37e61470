"""The report: a table of what was measured, the failures, and the verdict on each threshold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from loadtests.measurements import Measurements
from loadtests.thresholds import Line, Verdict

HEADINGS = ("model", "form", "requests", "failures", "p50 ms", "p95 ms", "p99 ms", "req/s", "rows/s")
TEXT_COLUMNS = 2
SHOWN_FAILURES = 2
"""Failures shown of each model and form, the most frequent first: one that fails often hides no other."""


def table(lines: Iterable[Line], total: Line) -> str:
    """One row for each model and form, and one for all of them."""
    return columns([HEADINGS, *(_cells(line) for line in lines), _cells(total)], TEXT_COLUMNS)


def columns(rows: Sequence[Sequence[str]], text_columns: int = 0) -> str:
    """Rows of cells, lined up: the first columns to the left as texts, the others to the right as numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < text_columns else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    model, _, form = line.name.partition(" ")
    times = (f"{value:.2f}" for value in (line.p50_ms, line.p95_ms, line.p99_ms))
    return (model, form, f"{line.requests}", f"{line.failures}", *times, f"{line.per_s:.1f}", f"{line.rows_per_s:.0f}")


def report(measurements: Measurements, verdicts: Iterable[Verdict]) -> str:
    """Everything a person reads at the end of a run."""
    parts = [table(measurements.lines(), measurements.total())]
    if measurements.messages:
        parts.append(failures(measurements))
    parts.append("\n".join(str(verdict) for verdict in verdicts))
    return "\n\n".join(parts)


def failures(measurements: Measurements) -> str:
    """The most frequent failures of each model and form, and how many others there were."""
    return "\n".join(["Failures:", *_failures(measurements)])


def _failures(measurements: Measurements) -> Iterator[str]:
    for name, messages in sorted(measurements.messages.items()):
        for message, count in messages.most_common(SHOWN_FAILURES):
            yield f"{count} x {name}: {message}"
        if (more := len(messages) - SHOWN_FAILURES) > 0:
            yield f"and {more} other failures of {name}"
