"""The repository's paths: those that change something are described only where they are on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.errors import ServiceError
from service.openapi import paths_repository
from service.protocols import openinference_repository as repository
from tests.service.openapi.described import component

CHANGES = {"/v2/repository/models/{model}/load", "/v2/repository/models/{model}/unload"}
CONFIG = '{"version_policy": {"latest": {"num_versions": 2}}}'


def test_changes_are_described_where_they_are_on() -> None:
    """Without a key there is the index alone, and no scheme of security."""
    assert paths_repository.paths(False).keys() == {"/v2/repository/index"}
    assert paths_repository.paths(True).keys() == {"/v2/repository/index"} | CHANGES
    assert paths_repository.components(False) == paths_repository.security(False) == {}


def test_changes_need_the_key() -> None:
    """Both name the scheme that the document defines, and what comes without it."""
    for path in CHANGES:
        call = paths_repository.paths(True)[path]["post"]
        assert [list(one) for one in call["security"]] == [list(paths_repository.security(True))]
        assert {"401", "400"} <= call["responses"].keys()
        assert "content" not in call["responses"]["200"]
        assert not call["requestBody"]["required"]


@pytest.mark.parametrize(
    ("name", "body", "sound"),
    [
        ("LoadRequest", {}, True),
        ("LoadRequest", {"parameters": {}}, True),
        ("LoadRequest", {"parameters": {"config": CONFIG}}, True),
        ("LoadRequest", {"parameters": {"config": 1}}, False),
        ("LoadRequest", {"parameters": {"file:1/model.onnx": ""}}, False),
        ("LoadRequest", {"config": CONFIG}, False),
        ("UnloadRequest", {"parameters": {"unload_dependents": True}}, True),
        ("UnloadRequest", {"parameters": {"unload_dependents": "no"}}, False),
        ("UnloadRequest", {"parameters": {"config": CONFIG}}, False),
    ],
)
def test_a_body_is_taken_as_its_schema_says(name: str, body: Any, sound: bool) -> None:
    """What is valid is read, and what is not is refused."""
    assert component(paths_repository.components(True), name).is_valid(body) == sound
    text = json.dumps(body).encode()
    try:
        repository.parse_load(text, "toy") if name == "LoadRequest" else repository.parse_unload(text)
    except ServiceError:
        assert not sound
    else:
        assert sound
