"""What was aimed at."""

from __future__ import annotations

import pytest

from loadtests.benchmark.bars import Bar, bars
from loadtests.benchmark.results import Results
from loadtests.benchmark.summary import Summary
from tests.loadtests.benchmark.canned import results


def found(results: Results) -> dict[str, Bar]:
    """The bars by name."""
    return {bar.name: bar for bar in bars(results)}


def test_ratios_are_ours_by_theirs() -> None:
    """Four times as many requests are a ratio of 4, a quarter of the time one of 0.25."""
    measured = found(results())
    for dialect, limit in (("predict-json", 1.8), ("v2-json", 1.8)):
        bar = measured[f"requests/s at 32 clients, {dialect} by Triton's v2-json"]
        assert (bar.limit, bar.measured, bar.met) == (limit, Summary(4.0, 4.0, 4.0, 3), True)
    p50 = measured["p50 at 1 client, v2-binary by Triton's v2-binary"]
    assert p50.measured is not None
    assert p50.measured.median == pytest.approx(0.25)
    assert (p50.limit, p50.at_most, p50.met) == (0.5, True, True)


def test_missed_bars_are_missed() -> None:
    """Half of the floor is less than 0.6 of it, and 251 MB are more than 250."""
    measured = found(results())
    floor = measured["requests/s at 128 clients, predict-json by bare uvicorn"]
    assert floor.measured is not None
    assert floor.measured.median == pytest.approx(0.5)
    assert floor.met is False
    assert measured["memory of one worker with four models"].met is False
    assert measured["seconds from process start to ready"].met is True


def test_every_bar_of_the_table_is_there() -> None:
    """Three pairs with Triton of nine bars each, the floor, four peers, four of the engine, start and memory."""
    assert len(found(results())) == 3 * 9 + 1 + 4 + 4 + 2


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    """A server that is missing cannot be outdone."""
    empty = Results("2026-01-02", {}, {})
    assert {bar.met for bar in bars(empty)} == {None}
