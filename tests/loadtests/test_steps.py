"""The steps of a search as people and programs read them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from loadtests.capacity import Search, Step
from loadtests.steps import conclusion, text, write


def search(busy: float = 0.5, *, over: bool = True) -> Search:
    """A search on a server for two users."""
    found = Search(50.0, 256)
    while not found.over and (over or len(found.steps) < 2):
        users = found.users
        found.observe(Step(users, 1234, 0, 20.0 * users, 1000.0 * users, 3000.0 * users, busy))
    return found


def test_capacity_is_one_sentence() -> None:
    """Users, rates, the measured time and the objective stand in one line, below the table of every step."""
    page = text(search())
    assert page.endswith("Capacity: 2 users, 2,000 requests/s, 6,000 rows/s at p99 40.0 ms (objective 50 ms)")
    assert [line.split()[0] for line in page.splitlines()[1:6]] == ["1", "2", "4", "3", "2"]
    assert [line.split()[-1] for line in page.splitlines()[1:6]] == ["kept", "kept", "missed", "missed", "kept"]


def test_saturated_generator_is_said_plainly() -> None:
    """Where Locust was the limit, no line calls the load a capacity of the server, and a way out is named."""
    page = conclusion(search(busy=0.97))
    assert not page.startswith("Capacity")
    assert "97%" in page
    assert "more processes" in page


def test_interrupted_search_says_what_it_had() -> None:
    """A search that was cut short reports the highest load that kept the objective so far."""
    page = conclusion(search(over=False))
    assert "interrupted" in page
    assert "2 users" in page


def test_unsteady_loads_are_named() -> None:
    """A load that kept the objective once and missed it another time is named beside the capacity."""
    found, times = Search(50.0, 256), iter([1.0, 1.0, 99.0, 1.0, 99.0, 1.0])
    while not found.over:
        found.observe(Step(found.users, 1000, 0, next(times), 1.0, 1.0, 0.5))
    assert conclusion(found).splitlines()[1].startswith("Not steady: 3 users kept the objective once")


def test_files_hold_every_step(tmp_path: Path) -> None:
    """CSV and JSON hold all steps, and the JSON the capacity or the reason."""
    for name, done in (("found", search()), ("not", search(busy=0.97))):
        write(done, str(tmp_path / name))
        page = json.loads((tmp_path / f"{name}_steps.json").read_text())
        with (tmp_path / f"{name}_steps.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["users"]) for row in rows] == [step["users"] for step in page["steps"]]
        assert len(rows) == len(done.steps)
        assert (page["capacity"] is None) is (done.found is None) is (page["reason"] is not None)
