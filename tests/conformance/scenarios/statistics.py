"""The counters of the statistics extension move as they should."""

from __future__ import annotations

import time
from typing import Any

from tests.conformance.cases.openinference_infer import FLAT
from tests.conformance.cases.rows import XOR
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import Target

INFER = "/v2/models/xor/infer"


def of_xor(target: Target) -> dict[str, Any]:
    """The counters of the serving version of ``xor``."""
    entries = target.json(target.text("/v2/models/xor/versions/$XOR/stats"))["model_stats"]
    assert len(entries) == 1, f"expected one entry for one version, received {len(entries)}"
    found: dict[str, Any] = entries[0]
    return found


def moved(target: Target, *bodies: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The counters before and after some infer calls."""
    before = of_xor(target)
    for body in bodies:
        target.json(INFER, body)
    return before, of_xor(target)


def counts(before: dict[str, Any], after: dict[str, Any], key: str) -> int:
    """By how much a counter has grown."""
    of, _, name = key.rpartition(".")
    if of:
        return int(after["inference_stats"][of][name] - before["inference_stats"][of][name])
    return int(after[key] - before[key])


def expect(before: dict[str, Any], after: dict[str, Any], **grown: int) -> None:
    """Hold counters to what was done; ``success`` stands for how often a call succeeded, and so on."""
    for key, expected in grown.items():
        name = key if key.endswith("_count") else f"{key}.count"
        received = counts(before, after, name)
        assert received == expected, f"expected {name} to grow by {expected}, received {received}"


def rows_and_requests(target: Target) -> None:
    """Three calls of 4, 4 and 1 rows."""
    one = {**FLAT, "shape": [1, 2], "data": [0, 1]}
    before, after = moved(target, {"inputs": [FLAT]}, {"inputs": [FLAT]}, {"inputs": [one]})
    expect(before, after, inference_count=9, success=3, fail=0, queue=3, compute_infer=3, execution_count=3)
    assert counts(before, after, "success.ns") >= counts(before, after, "compute_infer.ns") > 0, "time did not pass"


def failures(target: Target) -> None:
    """A call that is refused counts as a failure, and as no row."""
    before, after = moved(target, {"inputs": [{**FLAT, "datatype": "FP64"}]})
    expect(before, after, inference_count=0, success=0, fail=1, execution_count=0, compute_infer=0)


def last_inference(target: Target) -> None:
    """The last inference is told in milliseconds from 1970."""
    start = time.time() * 1000
    _, after = moved(target, {"inputs": [FLAT]})
    apart = after["last_inference"] - start
    assert abs(apart) < 60_000, f"expected now in milliseconds, received {apart} ms from it"


def batches(target: Target) -> None:
    """A batch of four rows is counted as such, and all batches are the executions."""
    before, after = moved(target, {"inputs": [FLAT]})
    sizes = [
        {one["batch_size"]: one["compute_infer"]["count"] for one in page["batch_stats"]} for page in (before, after)
    ]
    grown = sizes[1].get(4, 0) - sizes[0].get(4, 0)
    assert grown == 1, f"expected one more batch of 4 rows, received {grown}"
    assert sum(sizes[1].values()) == after["execution_count"], "expected as many batches as executions"


def every_dialect(target: Target) -> None:
    """A predict call counts like an infer call."""
    before = of_xor(target)
    target.json("/v1/models/xor:predict", {"instances": XOR})
    expect(before, of_xor(target), inference_count=4, success=1)


def pages_agree(target: Target) -> None:
    """The page of all models and that of one say the same."""
    everything = target.json("/v2/models/stats")["model_stats"]
    version = target.text("$XOR")
    found = [one for one in everything if one["name"] == "xor" and one["version"] == version]
    assert found == [of_xor(target)], "expected the same counters on both pages"


SCENARIOS = [
    Scenario("statistics count rows and requests", rows_and_requests, needs=("alone",)),
    Scenario("statistics count failures", failures, needs=("alone",)),
    Scenario("statistics tell the time of the last inference", last_inference, needs=("alone",)),
    Scenario("statistics count batches by size", batches, needs=("alone",)),
    Scenario("statistics count every dialect", every_dialect, needs=("alone",)),
    Scenario("statistics of all models and of one agree", pages_agree, needs=("alone",)),
]
