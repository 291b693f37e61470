"""The steps of a search for the capacity: as a table and a sentence, as CSV and as JSON."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, fields
from pathlib import Path

from loadtests.capacity import Search, Step
from loadtests.report import columns

HEADINGS = ("users", "requests", "failures", "p99 ms", "req/s", "rows/s", "generator busy", "objective")


def text(search: Search) -> str:
    """The table of all steps, and what they amount to."""
    table = columns([HEADINGS, *(_cells(step, search) for step in search.steps)])
    return f"{table}\n\n{conclusion(search)}"


def conclusion(search: Search) -> str:
    """What was found, or why nothing was."""
    if search.found is not None:
        lines = [f"Capacity: {_load(search.found)} (objective {search.objective_p99_ms:g} ms)"]
    else:
        lines = _reasons(search)
    if search.unsteady:
        loads = ", ".join(map(str, search.unsteady))
        lines.append(f"Not steady: {loads} users kept the objective once and missed it another time.")
    return "\n".join(lines)


def _reasons(search: Search) -> list[str]:
    lines = [f"No capacity was found: {search.reason or 'the search was interrupted'}."]
    if search.best is not None:
        lines.append(
            f"The highest load that kept the objective of {search.objective_p99_ms:g} ms: {_load(search.best)}"
        )
    last = search.steps[-1] if search.steps else None
    if last is not None and last.saturated:
        lines.append(
            f"At {last.users} users a Locust process ran, or waited for a core, for {last.busy:.0%} of the time. "
            "Take more processes, or more machines, or a machine that the server does not share."
        )
    return lines


def write(search: Search, prefix: str) -> None:
    """Leave the steps beside Locust's reports.

    Args:
        search: At its end.
        prefix: Path without ``_steps.csv`` and ``_steps.json``.
    """
    page = {
        "objective_p99_ms": search.objective_p99_ms,
        "capacity": None if search.found is None else asdict(search.found),
        "reason": search.reason or None,
        "steps": [asdict(step) for step in search.steps],
    }
    Path(f"{prefix}_steps.json").write_text(json.dumps(page, indent=2) + "\n")
    with Path(f"{prefix}_steps.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Step)])
        writer.writeheader()
        writer.writerows(asdict(step) for step in search.steps)


def _load(step: Step) -> str:
    return (
        f"{step.users} user{'s' if step.users > 1 else ''}, {step.per_s:,.0f} requests/s, "
        f"{step.rows_per_s:,.0f} rows/s at p99 {step.p99_ms:.1f} ms"
    )


def _cells(step: Step, search: Search) -> tuple[str, ...]:
    counts = (f"{step.users}", f"{step.requests}", f"{step.failures}", f"{step.p99_ms:.2f}")
    rates = (f"{step.per_s:.0f}", f"{step.rows_per_s:.0f}", f"{step.busy:.0%}")
    return (*counts, *rates, "kept" if step.keeps(search.objective_p99_ms) else "missed")
