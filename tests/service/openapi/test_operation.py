"""One operation: its parts stand where the standard has them."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from service.openapi import operation as one
from service.openapi.operation import answer, media, operation


def test_an_operation_has_its_parts() -> None:
    """Tag, id, summary, parameters, body and answers; what answers itself is not overwritten by an error answer."""
    own = answer("Not yet.")
    found = operation("T", "id", "Sum.", {"200": answer("Done."), "503": own}, (503, 400), body={"text/csv": {}})
    assert (found["tags"], found["operationId"], found["summary"]) == (["T"], "id", "Sum.")
    assert list(found["responses"]) == ["200", "503", "400"]
    assert found["responses"]["503"] is own
    assert found["requestBody"] == {"required": True, "content": {"text/csv": {}}}
    assert found["parameters"] == [{"$ref": "#/components/parameters/RequestId"}]


def test_what_is_not_given_is_not_there() -> None:
    """Without a body or a description there is no such key."""
    found = operation("T", "id", "Sum.", {"200": answer("Done.")}, ())
    assert set(found) == {"tags", "operationId", "summary", "parameters", "responses"}
    assert "description" in operation("T", "id", "Sum.", {}, (), description="More.")


def test_an_answer_has_bodies_by_media_type() -> None:
    """A schema alone is that of a JSON body; several media types are taken as they are; there may be no body."""
    assert answer("Done.", {"type": "object"})["content"] == {"application/json": {"schema": {"type": "object"}}}
    several = {"text/csv": media({}), "application/json": media({})}
    assert answer("Done.", several)["content"] == several
    assert "content" not in answer("Done.")
    assert answer("Done.", headers={"Allow": "Allow"})["headers"] == {
        "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
        "Allow": {"$ref": "#/components/headers/Allow"},
    }


def test_examples_are_named_values() -> None:
    """An example's value is what is given, whatever it is; none leave no trace."""
    assert media({}, {"a": None})["examples"] == {"a": {"value": None}}
    assert "examples" not in media({}, {})


def test_the_deadline_is_told() -> None:
    """The parameter that shortens the deadline says what it shortens."""
    assert "own of 1234," in one.parameters(1234)["TimeoutMs"]["description"]


def test_every_header_and_parameter_has_a_schema_and_a_sentence() -> None:
    """Nothing is left without a description, and each schema is one."""
    for described in [*one.HEADERS.values(), *one.parameters(1).values(), one.label_parameter()]:
        assert described["description"].endswith(".")
        Draft202012Validator.check_schema(described["schema"])


def test_parameters_of_a_path_are_required() -> None:
    """A model is one of those that are loaded, a version a number from 1, a label a word."""
    model, version, label = one.model_parameter(["a", "b"], "a"), one.version_parameter(3), one.label_parameter()
    assert all(parameter["required"] and parameter["in"] == "path" for parameter in (model, version, label))
    assert (model["schema"]["enum"], model["example"], version["example"]) == (["a", "b"], "a", 3)
    assert not Draft202012Validator(version["schema"]).is_valid(0)
    assert Draft202012Validator(label["schema"]).is_valid("stable")
    assert not Draft202012Validator(label["schema"]).is_valid("3")
