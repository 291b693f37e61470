"""The OpenAPI document is sound, and tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.conformance.expectation import mismatch
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import Target

JSON = "application/json"


class Operation(NamedTuple):
    """A path and a method of the document."""

    path: str
    method: str
    entry: dict[str, Any]


def document(target: Target) -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = target.json("/openapi.json")
    return found


def operations(page: dict[str, Any]) -> Iterator[Operation]:
    """All operations of paths without parameters."""
    for path, item in page["paths"].items():
        for method in ("get", "post"):
            if method in item and "{" not in path:
                yield Operation(path, method, item[method])


def valid(target: Target) -> None:
    """It keeps to the standard."""
    from openapi_spec_validator import validate

    validate(document(target))


def checked(value: Any, schema: dict[str, Any], page: dict[str, Any], place: str) -> None:
    """Hold a value to a schema of the document."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator({**schema, "components": page["components"]})
    fault = next(iter(validator.iter_errors(value)), None)
    assert fault is None, f"{place}: {fault.message[:200]} at {fault.json_path}" if fault else ""


def pages_fit(target: Target) -> None:
    """Every page that the document describes answers 200, and as described."""
    page = document(target)
    asked = 0
    for path, method, entry in operations(page):
        if method == "get":
            reply = target.ask("GET", path)
            assert reply.status == 200, f"GET {path}: expected 200, received {reply.status}"
            content = entry["responses"]["200"].get("content", {})
            if JSON in content and reply.headers["content-type"] == JSON:
                checked(reply.json(), content[JSON].get("schema", {}), page, f"GET {path}")
            asked += 1
    assert asked > 10, f"expected the pages of all dialects, received {asked}"


def examples_hold(target: Target) -> None:
    """Every example of a request is answered, as its example of an answer says; both fit their schemas."""
    page = document(target)
    asked = 0
    for path, method, entry in operations(page):
        content = entry.get("requestBody", {}).get("content", {}).get(JSON, {})
        if method != "post" or path.startswith("/v2/repository"):
            continue
        answers = entry["responses"]["200"]["content"][JSON]
        for name, example in content.get("examples", {}).items():
            place = f"POST {path} ({name})"
            checked(example["value"], content["schema"], page, place)
            body = json.dumps(example["value"]).encode()
            reply = target.ask("POST", path, body, {"Content-Type": JSON})
            assert reply.status == 200, f"{place}: expected 200, received {reply.status} {reply.body[:200]!r}"
            checked(reply.json(), answers["schema"], page, place)
            if name in answers.get("examples", {}):
                fault = mismatch(answers["examples"][name]["value"], reply.json(), target)
                assert not fault, f"{place}: {fault}"
            asked += 1
    assert asked, "expected examples"


def docs_are_offline(target: Target) -> None:
    """The docs page needs nothing from elsewhere."""
    text = target.ask("GET", "/docs").body.decode()
    for mark in ('src="http', 'href="http', "src='http", "//cdn", "@import"):
        assert mark not in text, f"expected nothing from elsewhere, received {mark}"


SCENARIOS = [
    Scenario("the OpenAPI document is valid", valid, model="", slow=True),
    Scenario("pages are as the OpenAPI document says", pages_fit, model=""),
    Scenario("examples of the OpenAPI document hold", examples_hold, model=""),
    Scenario("the docs page works offline", docs_are_offline, model=""),
]
