"""A model is unloaded and loaded while its server serves, in the words of every dialect."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.conformance.case import Reply
from tests.conformance.cases.openinference_infer import FLAT
from tests.conformance.cases.rows import XOR
from tests.conformance.expectation import Known, mismatch
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import Target

DRAIN_S = 20
"""Longest time that an unloaded version may take to answer its last requests."""


def change(target: Target, action: str, body: bytes = b"") -> Reply:
    """Load or unload ``xor``."""
    headers = {"Authorization": f"Bearer {target.key}"}
    return target.ask("POST", f"/v2/repository/models/xor/{action}", body, headers)


def indexed(target: Target) -> dict[str, Any]:
    """The entry of the version of ``xor`` that serves, or did."""
    entries = target.json("/v2/repository/index", {})
    version = target.text("$XOR")
    found: dict[str, Any] = next(one for one in entries if one["name"] == "xor" and one["version"] == version)
    return found


def answers(target: Target) -> str:
    """What is wrong with the answer to the golden rows; empty if nothing is."""
    return mismatch(
        {"predictions": Known("xor", range(4))}, target.json("/v1/models/xor:predict", {"instances": XOR}), target
    )


def unload_and_load(target: Target) -> None:
    """Unloaded, the model is unavailable everywhere; loaded again, it answers as before."""
    try:
        done = change(target, "unload", b'{"parameters": {"unload_dependents": false}}')
        assert (done.status, done.body) == (200, b""), f"expected an empty 200, received {done.status} {done.body!r}"
        _gone(target)
    finally:
        done = change(target, "load")
    assert (done.status, done.body) == (200, b""), f"expected an empty 200, received {done.status} {done.body!r}"
    entry = indexed(target)
    assert entry["state"] == "READY", f"expected READY in the index, received {entry}"
    assert not (fault := answers(target)), fault


def _gone(target: Target) -> None:
    deadline = time.monotonic() + DRAIN_S
    while (entry := indexed(target))["state"] == "UNLOADING" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (entry["state"], entry["reason"]) == ("UNAVAILABLE", "unloaded"), f"unexpected in the index: {entry}"
    expected = {
        ("GET", "/v2/models/xor/ready"): (400, 404, 503),
        ("GET", "/v1/models/xor"): (503,),
        ("POST", "/v2/models/xor/infer"): (404, 503),
        ("POST", "/v1/models/xor:predict"): (404, 503),
    }
    for (method, path), statuses in expected.items():
        reply = target.ask(method, path, b"{}" if method == "POST" else None)
        assert reply.status in statuses, f"{method} {path}: expected one of {statuses}, received {reply.status}"
    assert target.json("/v2/health/live") == {"live": True}, "expected the server to live without the model"


def versions_by_config(target: Target) -> None:
    """The configuration of a load may name the versions."""
    version = target.text("$XOR")
    config = json.dumps({"version_policy": {"specific": {"versions": [int(version)]}}})
    body = json.dumps({"parameters": {"config": config}})
    try:
        done = change(target, "load", body.encode())
        assert done.status == 200, f"expected 200, received {done.status} {done.body!r}"
        policy = target.json("/v2/models/xor/config")["version_policy"]
        assert policy == {"specific": {"versions": [int(version)]}}, f"unexpected policy {policy}"
        assert not (fault := answers(target)), fault
    finally:
        change(target, "load")


def failed_load(target: Target) -> None:
    """A load of a version that is not there fails with a reason, and what served goes on serving."""
    body = b'{"parameters": {"config": "{\\"version_policy\\": {\\"specific\\": {\\"versions\\": [999999]}}}"}}'
    try:
        done = change(target, "load", body)
        assert done.status == 400, f"expected 400, received {done.status} {done.body!r}"
        assert "failed to load" in done.json()["error"], f"expected 'failed to load', received {done.body!r}"
        reply = target.ask("POST", "/v2/models/xor/infer", json.dumps({"inputs": [FLAT]}).encode())
        assert reply.status == 200, f"expected the old version to answer, received {reply.status} {reply.body!r}"
    finally:
        change(target, "load")
    assert not (fault := answers(target)), fault


SCENARIOS = [
    Scenario("a model is unloaded and loaded again", unload_and_load, needs=("key", "alone")),
    Scenario("a load names its versions", versions_by_config, needs=("key", "alone")),
    Scenario("a load that fails leaves the old version serving", failed_load, needs=("key", "alone")),
]
