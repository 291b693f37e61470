"""Bars: how fast we mean to be beside others, in one run, and whether we were.

A ratio is taken within each round, ours by theirs; the median over the rounds decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadtests.benchmark.block import OURS
from loadtests.benchmark.engine_lane import ENGINE
from loadtests.benchmark.plan import Case
from loadtests.benchmark.results import Results
from loadtests.benchmark.summary import Summary, ratio, summarise

TRITON, FLOOR = "triton", "uvicorn"
AGAINST_TRITON = {
    "predict-json": ("v2-json", {8: 1.4, 32: 1.8, 128: 2.2}, 3.0),
    "v2-json": ("v2-json", {8: 1.4, 32: 1.8, 128: 2.2}, 3.0),
    "v2-binary": ("v2-binary", {8: 1.2, 32: 1.5, 128: 1.6}, 1.2),
}
"""By our dialect: theirs, least ratio of requests/s by clients, least ratio of rows/s with 64 rows a request."""
PEERS = {"mlserver": 7.0, "litserve": 7.0, "fastapi": 7.0, "bentoml": 25.0}
"""Least ratio of requests/s at 32 clients."""
ONE, PEER_CASE, SATURATED, MANY_ROWS = Case(1, 1), Case(32, 1), Case(128, 1), Case(8, 64)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        name: What is compared with what.
        limit: Where the bar lies.
        at_most: Whether less is better.
        unit: Of limit and measurement; empty for a ratio.
        measured: None where a side was not measured.
    """

    name: str
    limit: float
    at_most: bool
    unit: str
    measured: Summary | None

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the limit; None if not measured."""
        if self.measured is None:
            return None
        return self.measured.median <= self.limit if self.at_most else self.measured.median >= self.limit


def bars(results: Results, us: str = OURS) -> list[Bar]:
    """All bars, in the order of the table; ``us`` is which of our contenders is held to them."""
    beside = [*_triton(results, us), *_floor(results, us), *_peers(results, us), *_engine(results, us)]
    return [*beside, *_alone(results)] if us == OURS else beside


def _ratio(results: Results, us: str, ours: str, name: str, theirs: str, case: Case, figure: str) -> Summary | None:
    mine = results.series("dense", us, ours, case, figure)
    return ratio(mine, results.series("dense", name, theirs, case, figure))


def _triton(results: Results, us: str) -> Iterator[Bar]:
    for ours, (theirs, requests, rows) in AGAINST_TRITON.items():
        pair = f"{ours} by Triton's {theirs}"
        p50 = _ratio(results, us, ours, TRITON, theirs, ONE, "p50_ms")
        yield Bar(f"p50 at 1 client, {pair}", 0.5, True, "", p50)
        for clients, limit in requests.items():
            found = _ratio(results, us, ours, TRITON, theirs, Case(clients, 1), "requests_per_s")
            yield Bar(f"requests/s at {clients} clients, {pair}", limit, False, "", found)
        for clients in (1, *requests):
            p99 = _ratio(results, us, ours, TRITON, theirs, Case(clients, 1), "p99_ms")
            yield Bar(f"p99 at {clients} client{'s'[: clients > 1]}, {pair}", 1.0, True, "", p99)
        found = _ratio(results, us, ours, TRITON, theirs, MANY_ROWS, "rows_per_s")
        yield Bar(f"rows/s with 64 rows a request, {pair}", rows, False, "", found)


def _floor(results: Results, us: str) -> Iterator[Bar]:
    entry = results.contenders.get(FLOOR)
    for dialect in entry.dialects if entry else ("predict-json",):
        found = _ratio(results, us, dialect, FLOOR, dialect, SATURATED, "requests_per_s")
        yield Bar(f"requests/s at 128 clients, {dialect} by bare uvicorn", 0.6, False, "", found)


def _peers(results: Results, us: str) -> Iterator[Bar]:
    for name, limit in PEERS.items():
        entry = results.contenders.get(name)
        dialect = entry.dialects[0] if entry else "predict-json"
        found = _ratio(results, us, dialect, name, dialect, PEER_CASE, "requests_per_s")
        title = entry.title if entry else name
        yield Bar(f"requests/s at 32 clients, {dialect} by {title}", limit, False, "", found)


def _engine(results: Results, us: str) -> Iterator[Bar]:
    for case in (SATURATED, MANY_ROWS):
        for dialect in ("predict-json", "v2-binary"):
            mine = results.series("convolutional", us, dialect, case, "rows_per_s")
            alone = results.series("convolutional", ENGINE, ENGINE, case, "rows_per_s")
            name = f"rows/s of the convolutional model, {case}, {dialect} by the engine alone"
            yield Bar(name, 0.9, False, "", ratio(mine, alone))


def _alone(results: Results) -> Iterator[Bar]:
    yield Bar("seconds from process start to ready", 3.0, True, "s", summarise(results.ready("start", OURS)))
    memory = summarise(results.memory_mb("memory-4", OURS, "after"))
    yield Bar("memory of one worker with four models", 250.0, True, "MB", memory)
