"""Error answers: drawn from the error tree, whole, with the headers that come with them."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from service.errors import MethodNotAllowed, NotFound, Overloaded, Unauthorized, UnsupportedMediaType, codes
from service.fault import ServiceError
from service.openapi import faults


def test_every_code_word_is_told_where_it_belongs() -> None:
    """Each code word stands in the response of its status, with its sentence, and in no other."""
    responses = faults.responses()
    assert set(responses) == {f"Error{status}" for status in codes().values()}
    for code, status in codes().items():
        telling = [name for name, response in responses.items() if f"* `{code}`: " in response["description"]]
        assert telling == [f"Error{status}"], code
    assert "* `not_found`: No such path, model or version." in responses["Error404"]["description"]


def test_branches_of_the_tree_are_not_told() -> None:
    """A branch that only gathers leaves is no fault that a client can meet."""
    assert faults.responses()["Error400"]["description"].count("internal_error") == 0
    assert faults.responses()["Error500"]["description"].count("internal_error") == 1


def test_the_body_of_an_error_is_valid() -> None:
    """What the service writes has exactly the two keys; a code word that does not exist is not valid."""
    schema = Draft202012Validator(faults.error())
    body = json.loads(NotFound("There is no such model.").body())
    schema.validate(body)
    assert not schema.is_valid({**body, "code": "no_such_code"})
    assert not schema.is_valid({**body, "detail": ""})
    assert not schema.is_valid({"error": ""})


@pytest.mark.parametrize(
    "fault",
    [
        MethodNotAllowed("", expected="GET"),
        Overloaded(""),
        Unauthorized(""),
        UnsupportedMediaType(""),
    ],
)
def test_headers_of_a_fault_are_documented(fault: ServiceError) -> None:
    """Each header that a fault brings along is in its response."""
    documented = faults.responses()[f"Error{fault.status}"]["headers"]
    assert {name.decode() for name, _ in fault.headers()} == {name.lower() for name in documented} - {"x-request-id"}


def test_operations_refer_to_them_in_order() -> None:
    """Statuses come ascending and once, each a reference."""
    found = faults.faults([503, 400, 503])
    assert found == {
        "400": {"$ref": "#/components/responses/Error400"},
        "503": {"$ref": "#/components/responses/Error503"},
    }
