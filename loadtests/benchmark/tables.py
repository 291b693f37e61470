"""The tables of the page, which also end a run in the terminal.

A cell is the median over the rounds, and after ± half the way from the least to the greatest as a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtests.benchmark.bars import Bar, bars
from loadtests.benchmark.block import OURS_WORKERS
from loadtests.benchmark.plan import Case
from loadtests.benchmark.results import Results, Sample
from loadtests.benchmark.summary import Summary, summarise

NONE = "-"
BARS = "Bars"
REFUSED = "†"
MOST_REASON = 300
"""Characters of a reason that are shown; logs have more."""
FIGURES = {
    "requests_per_s": "Requests/s",
    "p50_ms": "p50, ms",
    "p95_ms": "p95, ms",
    "p99_ms": "p99, ms",
    "cpu_s_per_1000": "CPU seconds of the server per 1,000 requests",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        title: Above it.
        header: First row.
        rows: All others.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        """As Markdown, with columns of one width each: readable in a terminal as well."""
        lines = [list(self.header), *map(list, self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        text = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines]
        text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join(text)


def number(value: float) -> str:
    """Three digits that count, and a comma in thousands."""
    if value >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.{1 if value >= 10 else 2 if value >= 1 else 3}f}"


def cell(summary: Summary | None, mark: str = "") -> str:
    """Median and spread."""
    if summary is None:
        return NONE
    spread = f" ±{100 * summary.spread:.0f} %" if summary.count > 1 else ""
    return f"{number(summary.median)}{spread}{mark}"


def tables(results: Results) -> list[Table]:
    """All tables, in the order of the page; those without a figure are left out."""
    found = [
        bars_table(bars(results)),
        bars_table([bar for bar in bars(results, OURS_WORKERS) if bar.measured], f"{BARS} with a worker a core")
        if OURS_WORKERS in results.contenders
        else Table("", [], []),
        *(_clients(results, figure) for figure in FIGURES),
        _rows(results),
        _convolutional(results),
        _starts(results),
        _growth(results),
        _failures(results),
    ]
    return [table for table in found if table.rows]


def bars_table(found: Sequence[Bar], title: str = BARS) -> Table:
    """Each bar with its verdict."""
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [
        [
            bar.name,
            f"{'≤' if bar.at_most else '≥'} {bar.limit:g} {bar.unit}".strip(),
            f"{number(bar.measured.median)} {bar.unit}".strip() if bar.measured else NONE,
            f"{number(bar.measured.low)} to {number(bar.measured.high)}" if bar.measured else NONE,
            words[bar.met],
        ]
        for bar in found
    ]
    return Table(title, ["ours by theirs", "bar", "median", "least to greatest", "verdict"], rows)


def pairs(results: Results, section: str) -> Iterator[tuple[str, str]]:
    """Contender and dialect of all that was measured in a section, in the order of the tables."""
    seen = {(s.contender, s.dialect) for s in results.samples if s.section == section}
    for name, entry in results.contenders.items():
        yield from ((name, dialect) for dialect in entry.dialects if (name, dialect) in seen)


def cases(samples: Sequence[Sample], section: str) -> list[Case]:
    """The cases of a section in order."""
    found = {Case(s.clients, s.rows) for s in samples if s.section == section}
    return sorted(found, key=lambda case: (case.rows, case.clients))


def figure_cells(
    results: Results, section: str, pair: tuple[str, str], asked: Sequence[Case], figure: str
) -> list[str]:
    """One cell a case."""
    cells = []
    for case in asked:
        refused = sum(results.series(section, *pair, case, "refused").values())
        values = results.series(section, *pair, case, figure).values()
        cells.append(cell(summarise(values), REFUSED if refused else ""))
    return cells


def _lines(results: Results, section: str, asked: Sequence[Case], figure: str) -> list[list[str]]:
    rows = []
    for pair in pairs(results, section):
        cells = figure_cells(results, section, pair, asked, figure)
        if any(text != NONE for text in cells):
            rows.append([results.contenders[pair[0]].title, pair[1], *cells])
    return rows


def _clients(results: Results, figure: str) -> Table:
    asked = [case for case in cases(results.samples, "dense") if case.rows == 1]
    # the engine has no clients
    rows = [row for row in _lines(results, "dense", asked, figure) if row[1] != "engine"]
    header = ["server", "dialect", *(f"{case.clients} client{'s'[: case.clients > 1]}" for case in asked)]
    return Table(f"{FIGURES[figure]}, one row a request", header, rows)


def _rows(results: Results) -> Table:
    every = cases(results.samples, "dense")
    clients = next((case.clients for case in every if case.rows > 1), 0)
    asked = [case for case in every if case.clients == clients]
    header = ["server", "dialect", *(f"{case.rows:,} row{'s'[: case.rows > 1]}" for case in asked)]
    title = f"Rows/s by rows a request, {clients} clients"
    return Table(title, header, _lines(results, "dense", asked, "rows_per_s") if clients else [])


def _convolutional(results: Results) -> Table:
    asked = cases(results.samples, "convolutional")
    header = ["server", "dialect", *map(str, asked)]
    return Table("Rows/s of the convolutional model", header, _lines(results, "convolutional", asked, "rows_per_s"))


def _starts(results: Results) -> Table:
    rows = []
    for name, entry in results.contenders.items():
        ready = results.ready("start", name) or results.ready("dense", name)
        ready_cell = cell(summarise(ready))
        memory = [cell(summarise(results.memory_mb("dense", name, moment))) for moment in ("ready", "after")]
        if ready or memory != [NONE, NONE]:
            rows.append([entry.title, ready_cell, str(len(ready)), *memory])
    header = ["server", "ready after, s", "starts", "memory when ready, MB", "memory after the load, MB"]
    return Table("Start and memory, one dense model", header, rows)


def _growth(results: Results) -> Table:
    sections = dict.fromkeys(s.section for s in results.samples if s.section.startswith("growth-"))
    rows = []
    for section in sections:
        for name, dialect in pairs(results, section):
            figures = ((Case(1, 1), "p50_ms"), (Case(32, 1), "requests_per_s"))
            measured = [figure_cells(results, section, (name, dialect), [case], figure)[0] for case, figure in figures]
            ready = cell(summarise(results.ready(section, name)))
            memory = cell(summarise(results.memory_mb(section, name, "after")))
            models = section.removeprefix("growth-")
            rows.append([results.contenders[name].title, models, ready, memory, *measured])
    header = ["server", "models", "ready after, s", "memory, MB", "p50 at 1 client, ms", "requests/s at 32 clients"]
    return Table("Cost as models grow, v2-binary, all models asked in turn", header, rows)


def _failures(results: Results) -> Table:
    rows = []
    for entry in results.contenders.values():
        told = [f"crashed and started again: {reason}" for reason in entry.restarts]
        told += [entry.failure] if entry.failure else []
        rows += [[entry.title, " ".join(reason.split())[:MOST_REASON]] for reason in told]
    return Table("Failures", ["server", "what happened"], rows)
