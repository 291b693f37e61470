"""The service's own pages are described, each by what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from service.openapi import paths_service
from tests.service.openapi.described import component

ENTRY: dict[str, Any] = {
    "name": "toy",
    "version": 2,
    "labels": ["stable"],
    "state": "AVAILABLE",
    "reason": "",
    "default": True,
    "engine": "onnxruntime",
    "device": "CPU",
    "rows": 7,
}


@pytest.mark.parametrize(
    ("change", "sound"),
    [
        ({}, True),
        ({"canary_percent": 2.5}, True),
        ({"shadow": {"agree": 3, "disagree": 0}}, True),
        ({"canary_percent": 101}, False),
        ({"shadow": {"agree": -1}}, False),
        ({"state": "READY"}, False),
        ({"version": "2"}, False),
        ({"device": "TPU"}, False),
        ({"size": 1}, False),
    ],
)
def test_an_entry_of_the_list_of_models(change: dict[str, Any], sound: bool) -> None:
    """A version that is ready has engine and rows, one that is tried out its share or what was compared."""
    schema = component(paths_service.components(), "Models")
    assert schema.is_valid({"models": [{**ENTRY, **change}], "complaints": []}) == sound


def test_a_version_that_does_not_answer_has_no_engine() -> None:
    """What is only known of a version that is ready may be absent, the rest may not."""
    schema = component(paths_service.components(), "Models")
    waiting = {key: value for key, value in ENTRY.items() if key not in ("engine", "device", "rows")}
    assert schema.is_valid({"models": [waiting], "complaints": ["toy: label next: version 3 is not ready"]})
    assert not schema.is_valid({"models": [{key: value for key, value in ENTRY.items() if key != "state"}]})


def test_health_says_when_it_is_bad() -> None:
    """Liveness and readiness have an error answer of 503, the pages that only tell have none."""
    found = {path: item["get"]["responses"] for path, item in paths_service.paths().items()}
    assert {path for path, answers in found.items() if "503" in answers} == {"/livez", "/healthz", "/readyz"}


def test_media_types_are_those_of_the_pages() -> None:
    """Metrics are text, the page is HTML, the root is either."""
    found = {path: list(item["get"]["responses"]["200"]["content"]) for path, item in paths_service.paths().items()}
    assert found["/metrics"] == found["/monitoring/prometheus/metrics"] == ["text/plain"]
    assert found["/docs"] == ["text/html"]
    assert found["/"] == ["application/json", "text/html"]
