"""The whole document: held to the standard, to itself and to the routes that it describes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from service import __version__, routing
from service.openapi.subject import Subject
from tests.service.openapi.described import (
    SUBJECTS,
    bodies,
    image_classes,
    operations,
    the_toy,
    validator,
    whole,
)

EVERY = [subject for name, subject in SUBJECTS.items() if name != "toy without fields"]
"""Of different names."""


@pytest.mark.parametrize("subjects", [[], *([one] for one in SUBJECTS.values()), EVERY], ids=["none", *SUBJECTS, "all"])
@pytest.mark.parametrize("changes", [False, True])
def test_it_is_valid(subjects: list[Subject], changes: bool) -> None:
    """The standard's own validator finds nothing, whatever is loaded and however it is set."""
    assert list(OpenAPIV31SpecValidator(whole(*subjects, changes=changes)).iter_errors()) == []


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_examples_are_of_their_own_schemas(subject: Subject) -> None:
    """Every example of a request, an answer and a parameter is valid where it stands, and there are some."""
    parsed = whole(subject)
    shown = 0
    for where, kind, body in bodies(parsed):
        for name, example in body.get("examples", {}).items():
            validator(body["schema"], parsed["components"]).validate(example["value"])
            shown += 1
            assert example["value"] not in (None, "", {}, []), (where, kind, name)
    for _, _, one in operations(parsed):
        for parameter in one["parameters"]:
            if "example" in parameter:
                validator(parameter["schema"], parsed["components"]).validate(parameter["example"])
    assert shown


def test_every_request_with_json_shows_an_example() -> None:
    """Each call of a model that takes JSON, CSV or JSON lines can be tried out as it stands."""
    parsed = whole(SUBJECTS["toy"], SUBJECTS["several inputs and outputs"], SUBJECTS["image"])
    own = [one for path, method, one in operations(parsed) if method == "post" and "{" not in path]
    kinds = [(kind, body) for one in own for kind, body in one["requestBody"]["content"].items()]
    assert {kind for kind, body in kinds if "examples" not in body} == {"application/octet-stream"}


def schemas(value: Any) -> list[dict[str, Any]]:
    """Every object inside a value that is a reference."""
    if isinstance(value, list):
        return [one for inner in value for one in schemas(inner)]
    if not isinstance(value, dict):
        return []
    return ([value] if "$ref" in value else []) + [one for inner in value.values() for one in schemas(inner)]


def test_references_lead_somewhere_and_components_are_used() -> None:
    """No reference dangles, and no schema, parameter or header is there that nothing refers to."""
    parsed = whole(*EVERY, changes=True)
    named = {one["$ref"] for one in schemas(parsed)}
    present = {f"#/components/{kind}/{name}" for kind, held in parsed["components"].items() for name in held}
    assert named <= present
    assert {
        name for name in present - named if not name.startswith(("#/components/security", "#/components/resp"))
    } == set()


def test_schemas_are_schemas() -> None:
    """Every component schema is one of JSON Schema 2020-12."""
    for schema in whole(*EVERY, changes=True)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_ids_of_their_own() -> None:
    """No two operations share an id, though a model may be called like a part of one."""
    names = ["version", "label", "predict", "models", "version_predict", "a.b", "a-b", "a_b", "a b", "ä"]
    parsed = whole(*(image_classes(name) for name in names))
    ids = [one["operationId"] for _, _, one in operations(parsed)]
    assert len(set(ids)) == len(ids)


def test_every_path_is_routed_as_it_is_documented() -> None:
    """The router knows each path of the three dialects, with the method and the action that its id names."""
    for path, method, one in operations(whole(*EVERY, changes=True)):
        filled = path.replace("{model}", "toy").replace("{version}", "3").replace("{label}", "stable")
        found = routing.route(filled)
        if one["tags"] == ["Typed APIs"] or path in ("/", "/docs.json", "/schema.json"):
            assert found is None
            continue
        assert found is not None, path
        assert found.method == method.upper(), path
        assert found.action != "unknown", path
        assert bool(found.version) == ("{version}" in path)
        assert bool(found.label) == ("{label}" in path)
        if found.dialect != "service":
            assert found.action in one["operationId"].split("_"), path


def test_every_page_of_the_router_is_documented() -> None:
    """Health, metrics and lists: what the router knows by its whole path is in the document."""
    documented = whole(changes=True)["paths"].keys()
    listed = {path for path in [*routing.SERVICE_PAGES, *routing.V2_PAGES] if not path.endswith(("/v2/", ".js"))}
    assert listed <= documented


def test_templated_paths_do_not_clash() -> None:
    """No two templated paths are the same but for the names of their parameters."""
    paths = [re.sub(r"\{[^}]*\}", "{}", path) for path in whole(*EVERY, changes=True)["paths"]]
    assert len(set(paths)) == len(paths)


def test_it_names_the_service_and_its_limits() -> None:
    """Version and limits are those of the service; the server is wherever the document came from."""
    parsed = whole()
    assert parsed["openapi"] == "3.1.0"
    assert parsed["info"]["version"] == __version__
    assert parsed["servers"] == [{"url": "/"}]
    assert "8388608 bytes" in parsed["info"]["description"]
    used = {tag for _, _, one in operations(whole(the_toy())) for tag in one["tags"]}
    assert used == {tag["name"] for tag in parsed["tags"]}
