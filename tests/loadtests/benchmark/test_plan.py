"""What is measured."""

from __future__ import annotations

from dataclasses import asdict

from loadtests.benchmark.bars import FLOOR, PEERS, TRITON
from loadtests.benchmark.block import OURS
from loadtests.benchmark.plan import FULL, QUICK, Case


def test_full_plan_is_what_was_promised() -> None:
    """Five rounds of two seconds at least, and every number of clients and rows, for every server."""
    assert FULL.rounds >= 5
    assert FULL.seconds >= 2
    assert {case.clients for case in FULL.dense if case.rows == 1} >= {1, 8, 32, 128, 512}
    assert {case.rows for case in FULL.dense if case.clients == 8} >= {1, 8, 64, 256, 1024}
    assert FULL.peers == FULL.dense


def test_quick_plan_has_what_the_bars_need() -> None:
    """It asks less of everything, but the pairs of every ratio."""
    assert {Case(1, 1), Case(8, 1), Case(32, 1), Case(128, 1), Case(8, 64)} <= set(QUICK.dense)
    assert Case(32, 1) in QUICK.peers
    assert not {OURS, TRITON, FLOOR, *PEERS} & set(QUICK.left_out)
    assert set(QUICK.dense) < set(FULL.dense)
    assert all(asdict(QUICK)[key] <= asdict(FULL)[key] for key in ("rounds", "seconds", "starts", "other_starts"))


def test_cases_read_as_english() -> None:
    """One client, many clients."""
    assert str(Case(1, 1)) == "1 client, 1 row a request"
    assert str(Case(8, 64)) == "8 clients, 64 rows a request"
