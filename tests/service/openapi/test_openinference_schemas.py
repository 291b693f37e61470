"""Schemas of the pages under /v2: what the service writes is valid, and only that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.counts import Counts
from service.openapi import openinference_schemas
from service.protocols import openinference_pages as pages
from tests.service.openapi.described import SUBJECTS, component

SCHEMAS = openinference_schemas.components()
POLICY: dict[str, Any] = {"latest": {"num_versions": 1}}
COUNTS = Counts(sizes={4: (1, 2, 3, 4)})
ENTRIES = [{"name": "a", "version": 2, "state": state, "reason": ""} for state in ("AVAILABLE", "LOADING", "END")]

WRITTEN: list[tuple[str, bytes]] = [
    ("V2Server", pages.server("1.0")),
    ("V2Live", pages.live(True)),
    ("V2Ready", pages.ready(False, True)),
    ("V2Models", pages.model_list(["a"])),
    ("V2ModelReady", pages.model_ready("a", True)),
    ("V2Index", pages.index(ENTRIES, only_ready=False)),
    ("V2Statistics", pages.statistics([("a", 2, COUNTS), ("b", 1, Counts())])),
    *(("V2Model", pages.model(one.interface, [1, 2], "p", {"engine": "e"})) for one in SUBJECTS.values()),
    *(("V2Config", pages.config(one.interface, "onnxruntime", "CPU", [1, 2], POLICY)) for one in SUBJECTS.values()),
]


@pytest.mark.parametrize(("name", "page"), WRITTEN)
def test_what_is_written_is_valid(name: str, page: bytes) -> None:
    """Every page of the dialect, as the service writes it, is of its schema."""
    component(SCHEMAS, name).validate(json.loads(page))


@pytest.mark.parametrize(("name", "page"), WRITTEN)
def test_a_page_that_lacks_something_is_not(name: str, page: bytes) -> None:
    """No schema is so wide that it would accept a page without one of its keys, or another page."""
    written = json.loads(page)
    schema = component(SCHEMAS, name)
    assert not schema.is_valid({"error": "", "code": ""})
    holder = written[0] if isinstance(written, list) else written
    removed = next(iter(holder))
    del holder[removed]
    assert not schema.is_valid(written), removed
