"""The golden cases hold on a real server."""

from __future__ import annotations

import dataclasses

import pytest

from tests.conformance import golden
from tests.conformance.case import Case, Reply
from tests.conformance.cases.groups import GROUPS
from tests.conformance.cases.tfserving_predict import XOR_PATH
from tests.conformance.expectation import Known
from tests.conformance.target import Target

CASES = [pytest.param(case, id=f"{name}: {case.name}") for name, group in GROUPS.items() for case in group]
OPEN = ("key", "label")
"""What only the server with everything on can do."""


def ask(case: Case, target: Target) -> Reply:
    """The plain reply to a case."""
    return target.ask(case.verb, target.text(case.path), case.content, case.headers)


def told(case: Case, reply: Reply, target: Target) -> str:
    """The first fault of a reply; empty if it has none."""
    return next((fault for fault in golden.faults(case, reply, target) if fault), "")


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, target: Target, request: pytest.FixtureRequest) -> None:
    """The server answers the case as it should."""
    asked = request.getfixturevalue("open_target") if case.needs in OPEN else target
    outcome = golden.run(case, asked)
    assert not outcome.skipped
    assert not outcome.fault, golden.curl(case, asked)


def test_names_are_unique() -> None:
    """No two cases of a dialect have one name, so that a report names each."""
    for group in GROUPS.values():
        names = [case.name for case in group]
        assert sorted(set(names)) == sorted(names)


GOOD = Case("a row", XOR_PATH, {"instances": [[0, 1]]}, answer={"predictions": Known("xor", (1,))})


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"status": 201}, "expected status 201, received 200"),
        ({"answer": {"predictions": Known("xor", (0,))}}, "$.predictions[0][0]"),
        ({"answer": {"outputs": Known("xor", (1,))}}, "keys missing ['outputs']"),
        ({"head": {"content-type": "text/html"}}, "header content-type"),
        ({"text": "nothing of the kind"}, "expected the text"),
        ({"tensors": {"probability": [1.0]}}, "keys missing ['probability']"),
        ({"lines": []}, "expected 0 elements"),
        ({"table": [["loyal"]]}, "$[0]"),
    ],
)
def test_a_wrong_answer_is_noticed(changed: dict[str, object], part: str, target: Target) -> None:
    """A case that expects anything else than what a sound reply holds has a fault that says so."""
    reply = ask(GOOD, target)
    assert told(GOOD, reply, target) == ""
    assert part in told(dataclasses.replace(GOOD, **changed), reply, target)  # type: ignore[arg-type]


BAD = Case("no rows", XOR_PATH, {}, status=400, error="Missing 'inputs'", code="malformed_request")


@pytest.mark.parametrize(("changed", "part"), [({"error": "Missing 'rows'"}, "error"), ({"code": "not_found"}, "code")])
def test_a_wrong_error_is_noticed(changed: dict[str, str], part: str, target: Target) -> None:
    """A case that expects another sentence or code word has a fault."""
    reply = ask(BAD, target)
    assert told(BAD, reply, target) == ""
    assert part in told(dataclasses.replace(BAD, **changed), reply, target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        (
            Reply(400, {"content-type": "application/json", "x-request-id": "1"}, b'{"error": "a"}'),
            "keys missing ['code']",
        ),
        (
            Reply(400, {"content-type": "text/plain", "x-request-id": "1"}, b"a"),
            "expected an error as application/json",
        ),
        (Reply(400, {"content-type": "application/json"}, b'{"error": "a", "code": "b"}'), "X-Request-Id"),
    ],
)
def test_every_error_has_its_form(reply: Reply, part: str, target: Target) -> None:
    """An error without content type, code word or request id is a fault, whatever the case says."""
    assert part in told(Case("anything", "/", status=400), reply, target)


def test_what_a_server_lacks_is_skipped(target: Target) -> None:
    """A case about a model that is not there is skipped with the reason, not failed."""
    outcome = golden.run(Case("a stranger", "/v1/models/stranger", model="stranger"), target)
    assert (outcome.fault, outcome.skipped) == ("", "the server has no model stranger with this project's tensors")
