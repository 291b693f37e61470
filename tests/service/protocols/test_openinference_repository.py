"""Open Inference Protocol V2: what the bodies of the repository's calls ask for."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from service.configuration import Latest, Versions
from service.errors import BadInput, LoadFailed, MalformedJson, MalformedRequest
from service.protocols.openinference_repository import parse_index, parse_load, parse_unload, version_policy

EMPTY = [b"", b" \n", b"{}"]
MALFORMED: dict[bytes, type[BadInput]] = {
    b"{": MalformedJson,
    b'{"parameters": NaN}': MalformedJson,
    b"[]": MalformedRequest,
    b'"ready"': MalformedRequest,
    b"null": MalformedRequest,
}
CHANGING: dict[bytes, type[BadInput]] = {
    **MALFORMED,
    b'{"parameters": []}': MalformedRequest,
    b'{"parameters": null}': MalformedRequest,
    b'{"parameter": {}}': MalformedRequest,
}


def load(config: Any, **parameters: Any) -> Versions | None:
    """What a load of `xor` with a configuration asks for."""
    text = config if isinstance(config, str) else orjson.dumps(config).decode()
    return parse_load(orjson.dumps({"parameters": {"config": text, **parameters}}), "xor")


@pytest.mark.parametrize("body", EMPTY)
def test_an_empty_body_asks_for_nothing_special(body: bytes) -> None:
    """Without a body, as Triton's clients send them, the calls do their usual."""
    assert parse_index(body) is False
    assert parse_load(body, "xor") is None
    parse_unload(body)


def test_the_index_is_narrowed_by_ready() -> None:
    """Only a true `ready` leaves out what does not answer; keys of other servers are passed over."""
    assert parse_index(b'{"ready": true}') is True
    assert parse_index(b'{"ready": false, "repository_name": ""}') is False


@pytest.mark.parametrize("body", [*MALFORMED, b'{"ready": 1}', b'{"ready": null}', b'{"ready": "true"}'])
def test_a_malformed_index_call_is_refused(body: bytes) -> None:
    """What is no JSON object, or whose `ready` is no truth value, is refused with status 400."""
    with pytest.raises(BadInput) as refused:
        parse_index(body)
    assert type(refused.value) is MALFORMED.get(body, MalformedRequest)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("policy", "versions"),
    [
        ({"latest": {"num_versions": 3}}, Latest(latest=3)),
        ({"latest": {}}, Latest(latest=1)),
        ({"all": {}}, "all"),
        ({"specific": {"versions": [1, 3]}}, [1, 3]),
        ({"specific": {"versions": [3, 1, 3]}}, [3, 1]),
    ],
)
def test_a_load_may_bring_a_policy(policy: dict[str, Any], versions: Versions) -> None:
    """Triton's version policies are understood, with the model's name beside them or without."""
    assert load({"version_policy": policy}) == versions
    assert load({"name": "xor", "version_policy": policy}) == versions
    assert load({"name": "", "version_policy": policy}) == versions


@given(
    versions=st.just("all")
    | st.builds(Latest, latest=st.integers(1, 1000))
    | st.lists(st.integers(1, 2**63 - 1), min_size=1, unique=True)
)
def test_a_policy_that_is_told_can_be_ordered(versions: Versions) -> None:
    """What the configuration page says of the versions, sent with a load, asks for those versions."""
    assert load({"version_policy": version_policy(versions)}) == versions
    TypeAdapter(Versions).validate_python(versions, strict=True)


def test_the_usual_policy_is_the_latest_version() -> None:
    """The word of the configuration file has a form in the dialect."""
    assert version_policy("latest") == {"latest": {"num_versions": 1}}


@pytest.mark.parametrize("config", [{}, {"name": "xor"}, {"version_policy": None}])
def test_a_configuration_may_say_nothing(config: dict[str, Any]) -> None:
    """A configuration without a policy leaves the versions as they are configured."""
    assert load(config) is None


REFUSED: dict[str, Any] = {
    "no JSON": "{",
    "no object": [],
    "another name": {"name": "mnist"},
    "another key": {"max_batch_size": 8},
    "no policy": {"version_policy": {}},
    "an unknown policy": {"version_policy": {"first": {}}},
    "no policy at all": {"version_policy": {"latest": None}},
    "two policies": {"version_policy": {"all": {}, "latest": {"num_versions": 1}}},
    "none of the latest": {"version_policy": {"latest": {"num_versions": 0}}},
    "a key of no policy": {"version_policy": {"all": {"num_versions": 1}}},
    "no versions": {"version_policy": {"specific": {"versions": []}}},
    "version 0": {"version_policy": {"specific": {"versions": [0]}}},
    "a version beyond 64 bits": {"version_policy": {"specific": {"versions": [2**63]}}},
    "a fraction": {"version_policy": {"specific": {"versions": [1.5]}}},
    "a truth value": {"version_policy": {"specific": {"versions": [True]}}},
    "a word": {"version_policy": {"specific": {"versions": ["stable"]}}},
}


@pytest.mark.parametrize("config", REFUSED.values(), ids=REFUSED.keys())
def test_a_configuration_that_cannot_be_obeyed_is_refused(config: Any) -> None:
    """Whatever of a configuration has no meaning here fails the load in words that clients look for."""
    with pytest.raises(LoadFailed, match="failed to load 'xor'") as refused:
        load(config)
    assert refused.value.status == 400


@pytest.mark.parametrize("parameters", [{"file:1/model.onnx": "AAAA"}, {"unload_dependents": True}])
def test_other_parameters_of_a_load_are_refused(parameters: dict[str, Any]) -> None:
    """Files sent along, and parameters that mean nothing here, fail the load and are named."""
    with pytest.raises(LoadFailed, match=f"failed to load 'xor'.*{next(iter(parameters))}"):
        load({}, **parameters)


@pytest.mark.parametrize("config", [b"1", b"{}", b"null"])
def test_a_configuration_is_a_string(config: bytes) -> None:
    """A configuration that is no string is refused, except that null is none."""
    body = b'{"parameters": {"config": ' + config + b"}}"
    if config == b"null":
        assert parse_load(body, "xor") is None
        return
    with pytest.raises(LoadFailed, match="failed to load 'xor'"):
        parse_load(body, "xor")


@pytest.mark.parametrize("body", CHANGING)
def test_malformed_calls_change_nothing(body: bytes) -> None:
    """A load or unload that is not of the call's form is refused with status 400."""
    for parse in (lambda given: parse_load(given, "xor"), parse_unload):
        with pytest.raises(BadInput) as refused:
            parse(body)
        assert type(refused.value) is CHANGING[body]
        assert refused.value.status == 400


@pytest.mark.parametrize("dependents", [b"true", b"false"])
def test_an_unload_may_speak_of_dependents(dependents: bytes) -> None:
    """No model depends on another, so that both answers are fine."""
    parse_unload(b'{"parameters": {"unload_dependents": ' + dependents + b"}}")


@pytest.mark.parametrize(
    "parameters", [b'{"unload_dependents": 1}', b'{"unload_dependent": true}', b'{"config": "{}"}']
)
def test_other_parameters_of_an_unload_are_refused(parameters: bytes) -> None:
    """A misspelt or foreign parameter is refused, not passed over: the call changes what is served."""
    with pytest.raises(MalformedRequest, match="Expected"):
        parse_unload(b'{"parameters": ' + parameters + b"}")
