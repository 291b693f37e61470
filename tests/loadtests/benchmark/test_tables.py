"""Results as tables."""

from __future__ import annotations

import pytest

from loadtests.benchmark.results import Entry, Results
from loadtests.benchmark.summary import Summary
from loadtests.benchmark.tables import cell, number, tables
from tests.loadtests.benchmark.canned import ROUNDS, results, sample


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346")],
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    """Neither more digits than a measurement is worth, nor fewer."""
    assert number(value) == text


def test_cells_hold_median_and_spread() -> None:
    """A single measurement has no spread, and a missing one is a dash."""
    assert cell(Summary(100.0, 90.0, 130.0, 3)) == "100 ±20 %"
    assert cell(Summary(2.5, 2.5, 2.5, 1)) == "2.50"
    assert cell(None) == "-"


def test_tables_hold_what_was_measured() -> None:
    """Each figure stands in the row of its server and the column of its case."""
    found = {table.title: table for table in tables(results())}
    requests = found["Requests/s, one row a request"]
    assert requests.header == ["server", "dialect", "1 client", "8 clients", "32 clients", "128 clients", "512 clients"]
    assert ["NVIDIA Triton", "v2-json", *["1,010 ±1 %"] * 5] in requests.rows
    assert not any("ONNX" in row[0] for row in requests.rows)
    rows = found["Rows/s by rows a request, 8 clients"]
    assert rows.header[2:] == ["1 row", "64 rows"]
    assert ["bare uvicorn", "predict-json", "8,080 ±1 %", "-"] in rows.rows
    assert found["Failures"].rows == [["Ray Serve", "not installed: no wheel"]]


def test_ours_with_a_worker_a_core_is_held_to_the_same_bars() -> None:
    """It has a table of its own, with its own ratios, once it was measured; what is measured once stands once."""
    some = results()
    title = "Bars with a worker a core"
    assert title not in {table.title for table in tables(some)}
    some.contenders["keras-serve-workers"] = Entry("keras-serve with a worker a core", ["v2-json"])
    some.samples += [
        sample("keras-serve-workers", "v2-json", 32, 1, number, 6000.0, "dense") for number in range(ROUNDS)
    ]
    (found,) = (table for table in tables(some) if table.title == title)
    assert [row[0] for row in found.rows] == [
        "requests/s at 32 clients, v2-json by Triton's v2-json",
        "p99 at 32 clients, v2-json by Triton's v2-json",
    ]
    assert found.rows[0][1:3] == ["≥ 1.8", "6.00"]


def test_refusals_are_marked() -> None:
    """A reader sees where a server did not answer everything."""
    some = results()
    first = some.samples[0]
    object.__setattr__(first, "refused", 5)
    (table,) = [table for table in tables(some) if table.title == "Requests/s, one row a request"]
    marked = [text for row in table.rows for text in row if "†" in text]
    assert marked == ["4,040 ±1 %†"]


def test_markdown_has_columns_of_one_width() -> None:
    """The same text is readable in a terminal and is a table in Markdown."""
    for table in tables(results()):
        lines = str(table).splitlines()
        assert len({len(line) for line in lines}) == 1
        assert len({line.count("|") for line in lines}) == 1


def test_nothing_measured_gives_bars_only() -> None:
    """Empty tables are left out."""
    assert [table.title for table in tables(Results("2026-01-02", {}, {}))] == ["Bars"]
