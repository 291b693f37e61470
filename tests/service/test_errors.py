"""The error tree: code words, statuses, and what a fault says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from service import errors
from service.errors import BadInput, ClientFault, MethodNotAllowed, Overloaded, ServerFault, ServiceError, WrongShape


def tree(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """A class and all below it."""
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def drawn() -> dict[str, tuple[str, int]]:
    """The tree in the module's docstring: class to code word and status."""
    found, branch_status = {}, 0
    for line in (errors.__doc__ or "").splitlines():
        match = re.search(r"[├└]── (\w+) +(\d{3})?(?: *([a-z_]+))?$", line)
        if match and match[2] and not match[3]:
            branch_status = int(match[2])
        elif match and match[3]:
            found[match[1]] = (match[3], int(match[2] or branch_status))
    return found


LEAVES = [kind for kind in tree() if "code" in vars(kind) and vars(kind)["code"] != "internal_error"]
LEAVES.append(errors.InternalError)

STATUSES = {
    "malformed_json": 400,
    "wrong_shape": 400,
    "wrong_type": 400,
    "not_finite": 400,
    "out_of_range": 400,
    "unknown_field": 400,
    "unknown_category": 400,
    "ragged_rows": 400,
    "load_failed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "body_timeout": 408,
    "too_large": 413,
    "unsupported_media_type": 415,
    "overloaded": 503,
    "not_ready": 503,
    "deadline_exceeded": 504,
    "inference_failed": 500,
}


def test_the_drawn_tree_is_the_tree() -> None:
    """The docstring names every leaf with its code word and status, and nothing else."""
    assert drawn() == {kind.__name__: (kind.code, kind.status) for kind in LEAVES}


def test_each_leaf_has_a_word_of_its_own() -> None:
    """No two leaves share a code word, and each word is snake_case."""
    words = [kind.code for kind in LEAVES]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", word) for word in words)


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_a_code_word_has_its_status(code: str, status: int) -> None:
    """The statuses are those that the design promises."""
    assert errors.codes()[code] == status


def test_codes_are_those_of_the_leaves() -> None:
    """The list for the docs holds each leaf once, with its own status."""
    assert errors.codes() == {kind.code: kind.status for kind in LEAVES}


@pytest.mark.parametrize("kind", LEAVES)
def test_a_fault_is_the_clients_or_the_servers(kind: type[ServiceError]) -> None:
    """Faults of clients are 4xx, faults of the service 5xx, and no fault is both."""
    assert issubclass(kind, ClientFault) != issubclass(kind, ServerFault)
    assert kind.status // 100 == (4 if issubclass(kind, ClientFault) else 5)


@pytest.mark.parametrize("kind", LEAVES)
def test_a_body_is_one_sentence_and_one_word(kind: type[ServiceError]) -> None:
    """Every error body holds the sentence and the code word, whatever characters the sentence has."""
    sentence = 'Expected "é\n\x00" \U0001f600.'
    assert orjson.loads(kind(sentence).body()) == {"error": sentence, "code": kind.code}


def test_a_message_is_the_rule_then_what_came_then_where() -> None:
    """`at` words the fault and keeps its parts for a dialect to word again."""
    fault = WrongShape.at("records[3].image", "shape [28, 28]", [28, 27])
    assert fault.sentence == "Expected shape [28, 28]. Received [28, 27] at records[3].image."
    assert (fault.expected, fault.received, fault.place) == ("shape [28, 28]", [28, 27], "records[3].image")
    assert str(fault) == fault.sentence


def test_a_message_without_a_place_ends_before_it() -> None:
    """Where there is no place to name, none is named."""
    assert WrongShape.at("", "2", 3).sentence == "Expected 2. Received 3."


@pytest.mark.parametrize("status", [None, 418])
@pytest.mark.parametrize("kind", [WrongShape, Overloaded, MethodNotAllowed])
def test_a_reworded_fault_is_the_same_fault(kind: type[ServiceError], status: int | None) -> None:
    """A dialect changes the sentence, and the status if it fixes one; the rest stays."""
    fault = kind("before", expected="GET", received="PUT", place="here")
    again = fault.reworded("after", status)
    assert type(again) is kind
    assert (again.sentence, again.status) == ("after", status or kind.status)
    assert (again.expected, again.received, again.place) == (fault.expected, fault.received, fault.place)
    assert again.headers() == fault.headers()


def test_a_status_given_to_one_fault_is_its_own() -> None:
    """A dialect's status for one fault does not leak into the next."""
    assert WrongShape("one", status=418).reworded("two").status == 418
    assert WrongShape("three").status == 400


def test_only_those_faults_have_headers_that_need_them() -> None:
    """401 names the scheme, 405 the methods, 415 the encodings, 503 says when to come again, the rest add nothing."""
    found = {kind.code: kind("s", expected="GET, HEAD").headers() for kind in LEAVES}
    assert {code: headers for code, headers in found.items() if headers} == {
        "method_not_allowed": [(b"allow", b"GET, HEAD")],
        "unsupported_media_type": [(b"accept-encoding", b"gzip, deflate")],
        "unauthorized": [(b"www-authenticate", b"Bearer")],
        "overloaded": [(b"retry-after", b"1")],
        "not_ready": [(b"retry-after", b"1")],
    }


def test_the_branches_are_never_made() -> None:
    """`BadInput` and its like have no word of their own: the service makes faults of leaves only."""
    branches = {branch.__name__ for branch in (ServiceError, ClientFault, BadInput, ServerFault)}
    made = set()
    for path in Path(errors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                made.add(ast.unparse(node.func).removesuffix(".at"))
    assert "WrongShape" in made
    assert not made & branches


@pytest.mark.parametrize("kind", [errors.ArtifactError, errors.ConfigurationError, errors.SettingsError])
def test_errors_of_start_and_load_are_no_answers(kind: type[Exception]) -> None:
    """What no client may see cannot be encoded as an answer."""
    assert not issubclass(kind, ServiceError)
