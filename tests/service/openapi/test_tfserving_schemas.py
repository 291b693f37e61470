"""Schemas of the pages under /v1: what the service writes is valid, and only that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.openapi import tfserving_schemas
from service.openapi.tfserving_schemas import closed
from service.protocols import tfserving_pages
from tests.service.openapi.described import SUBJECTS, component

SCHEMAS = tfserving_schemas.components()


def test_what_is_written_is_valid() -> None:
    """Lists, every state of a version, and the metadata of every kind of model."""
    component(SCHEMAS, "V1Models").validate(json.loads(tfserving_pages.model_list(["a", "b"])))
    component(SCHEMAS, "V1Models").validate(json.loads(tfserving_pages.model_list([])))
    states = {1: "END", 2: "AVAILABLE", 3: "LOADING", 4: "START", 5: "UNLOADING"}
    status = json.loads(tfserving_pages.status("a", states, True, {1: "It has changed."}))
    component(SCHEMAS, "V1Status").validate(status)
    for subject in SUBJECTS.values():
        component(SCHEMAS, "V1Metadata").validate(json.loads(tfserving_pages.metadata(subject.interface)))


@pytest.mark.parametrize(
    "change",
    [{"ready": "yes"}, {"model_version_status": []}, {"model_version_status": [{"version": 2}]}, {"more": 1}],
)
def test_another_status_is_not(change: dict[str, Any]) -> None:
    """Versions are texts of digits with a state; nothing else stands beside them."""
    status = json.loads(tfserving_pages.status("a", {2: "AVAILABLE"}, True))
    schema = component(SCHEMAS, "V1Status")
    assert schema.is_valid(status)
    assert not schema.is_valid({**status, **change})
    status["model_version_status"][0]["state"] = "READY"
    assert not schema.is_valid(status)


def test_a_closed_object_has_its_keys_and_no_others() -> None:
    """Keys are there unless they are optional."""
    schema = component({"A": closed({"a": {}}, {"b": {}})}, "A")
    assert schema.is_valid({"a": 1})
    assert schema.is_valid({"a": 1, "b": 2})
    assert not schema.is_valid({"b": 2})
    assert not schema.is_valid({"a": 1, "c": 3})
