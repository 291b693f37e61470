"""The study as tables: Markdown for people, CSV for programs."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from training.presets import presets_of
from training.study.convergence import Epochs, quantile, share_by, share_ordered
from training.study.xor import SEEN, Study


@dataclass(frozen=True)
class Table:
    """Cells under a head, as text.

    Attributes:
        title: One line.
        head: Names of the columns.
        rows: As many cells each.
    """

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def markdown(tables: Iterable[Table]) -> str:
    """Each table under its title."""
    parts = []
    for table in tables:
        lines = (table.head, ("---",) * len(table.head), *table.rows)
        parts.append(f"### {table.title}\n\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines))
    return "\n".join(parts)


def study_tables(study: Study) -> tuple[Table, ...]:
    """The tables of the study, in the order to read them."""
    return _epochs(study), _places(study), _orders(study), _presets(study)


def write_csv(path: Path, study: Study) -> None:
    """Write the epochs of every net, a line per seed; an empty cell: not within its run."""
    columns: dict[str, Epochs] = {}
    for name, found in (study.tutorial | study.presets).items():
        columns |= {f"{name} first": found.first, f"{name} for good": found.for_good}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", *columns])
        for seed, row in enumerate(zip(*columns.values(), strict=True)):
            writer.writerow([seed, *(int(epoch) if np.isfinite(epoch) else "" for epoch in row)])


def _epochs(study: Study) -> Table:
    rows = [
        (name, what, *_five_numbers(epochs), _reached(epochs))
        for name, found in study.tutorial.items()
        for what, epochs in (("first", found.first), ("for good", found.for_good))
    ]
    numbers = ("fastest", "25 %", "median", "75 %", "slowest")
    return Table("Epochs until all four rows are right", ("net", "right", *numbers, "got there"), rows)


def _five_numbers(epochs: Epochs) -> tuple[str, ...]:
    """A seed that never got there counts as later than any in the quartiles; the slowest is one that did."""
    slowest = epochs[np.isfinite(epochs)].max(initial=epochs.min())
    return tuple(map(_epoch, (*(quantile(epochs, share) for share in (0, 0.25, 0.5, 0.75)), slowest)))


def _places(study: Study) -> Table:
    rows = []
    for name, seen in SEEN.items():
        first = study.tutorial[name].first
        rows.append((name, _epoch(seen), _epoch(quantile(first, 0.5)), _percent(share_by(first, seen))))
    head = ("net", "epoch in the tutorial", "median of the seeds", "seeds right by the tutorial's epoch")
    return Table("Where the tutorial's runs lie", head, rows)


def _orders(study: Study) -> Table:
    order = sorted(SEEN, key=SEEN.__getitem__)
    rows = []
    for names in (*combinations(order, 2), tuple(order)):
        samples = [study.tutorial[name].first for name in names]
        shares = share_ordered(*samples), share_ordered(*reversed(samples))
        rows.append((" before ".join(names), *map(_percent, shares)))
    head = ("the tutorial's order", "runs in this order", "runs in the reverse order")
    return Table("How single runs, one of each net, come in", head, rows)


def _presets(study: Study) -> Table:
    rows = []
    for name, found in study.presets.items():
        config, epochs = presets_of("xor")[name], found.for_good
        settings = (name, f"{config.learning_rate:g}", str(config.epochs))
        _, _, median, _, slowest = _five_numbers(epochs)
        rows.append((*settings, median, slowest, _reached(epochs)))
    head = ("preset", "learning rate", "epochs", "right for good: median", "slowest", "seeds right at the end")
    return Table("The presets of this project", head, rows)


def _reached(epochs: Epochs) -> str:
    return f"{np.isfinite(epochs).sum():,} of {len(epochs):,}"


def _epoch(epoch: float) -> str:
    return f"{epoch:,.0f}" if np.isfinite(epoch) else "never"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
