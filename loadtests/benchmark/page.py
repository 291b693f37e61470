"""``docs/benchmarks.md``: what is measured goes between two markers; what is written by hand stays around them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from loadtests.benchmark.bars import bars
from loadtests.benchmark.results import Results
from loadtests.benchmark.tables import REFUSED, Table, tables
from loadtests.errors import BenchmarkError

BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"
ALTERNATIVES = {
    "benchmark-throughput.png": "Requests a second over clients, for all servers",
    "benchmark-p99.png": "p99 over clients, for all servers",
    "benchmark-rows.png": "Rows a second over rows a request, for all servers",
}
"""What each plot shows, for people who cannot see it."""


def write(page: Path, results: Results, images: Sequence[Path]) -> None:
    """Put the results into the page.

    Raises:
        BenchmarkError: The page lacks the markers.
    """
    try:
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
    except (OSError, ValueError):
        raise BenchmarkError(f"Expected {page} with one {BEGIN} and one {END}. Received none or more.") from None
    links = [(Path(os.path.relpath(image, page.parent)).as_posix(), ALTERNATIVES[image.name]) for image in images]
    text = "\n\n".join(part for part in sections(results, links) if part)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def sections(results: Results, images: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The parts of the generated text."""
    plan = results.plan
    quick = " This was a quick run: too short to quote." if plan["quick"] else ""
    yield "## Hardware"
    yield str(Table("", ["", ""], [[name, value] for name, value in results.machine.items()]))
    yield (
        f"Taken on {results.taken}: {plan['rounds']} rounds of {plan['seconds']} s a measurement, in an order shuffled "
        f"with seed {plan['seed']}.{quick}"
    )
    yield "## Servers, and how each is tuned"
    yield str(_servers(results))
    yield verdict(results)
    found = tables(results)
    yield from _shown(found[:1])
    yield "## Plots"
    yield from (f"![{text}]({link})" for link, text in images)
    yield "## Figures"
    yield (
        "Median of the rounds ± half the way from the least to the greatest. "
        f"{REFUSED}: some requests were refused; they are not counted in requests/s."
    )
    yield from _shown(found[1:], "###")


def _servers(results: Results) -> Table:
    rows = []
    for entry in results.contenders.values():
        versions = ", ".join(f"{name} {version}" for name, version in entry.versions.items())
        if entry.notes:
            rows.append([entry.title, ", ".join(entry.dialects), versions, entry.notes])
    return Table("", ["server", "dialects", "versions", "how"], rows)


def verdict(results: Results) -> str:
    """How many bars were met, as a sentence."""
    found = [bar.met for bar in bars(results)]
    measured = [met for met in found if met is not None]
    missing = f"; {len(found) - len(measured)} were not measured" if None in found else ""
    return f"**{sum(measured)} of {len(measured)} measured bars are met{missing}.**"


def _shown(found: Sequence[Table], level: str = "##") -> Iterator[str]:
    for table in found:
        yield f"{level} {table.title}"
        yield str(table)
