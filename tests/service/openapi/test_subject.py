"""What a document describes: which versions have paths of their own, and the names that they get."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.openapi.subject import nameable, subjects
from tests.service.openapi.described import SUBJECTS, image_classes, the_toy
from tests.service.openapi.described import described as describe
from tests.toy_signatures import interface, output

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


def repository(*versions: Any, defaults: tuple[Any, ...]) -> Any:
    """A repository as far as it is read."""
    ready = {version.interface.name: version for version in defaults}
    return SimpleNamespace(ready=ready, every=lambda: list(versions))


def version(number: int, **changes: Any) -> Any:
    """A loaded version as far as it is read."""
    subject = describe(interface(version=number, **changes))
    return SimpleNamespace(interface=subject.interface, examples=subject.examples)


@given(NAMES, NAMES)
def test_names_of_components_keep_names_apart(one: str, other: str) -> None:
    """Any two names of models or tensors stay different, in letters that a component's name may have."""
    assert (nameable(one) == nameable(other)) == (one == other)
    assert nameable(one).replace(".", "").replace("_", "").replace("-", "").isascii()
    assert nameable(one).replace(".", "").replace("_", "").replace("-", "").isalnum() or set(one) <= set("_-")


def test_defaults_have_paths_without_a_version() -> None:
    """The version that answers requests without a version stands under the model's name alone."""
    one = version(3)
    (found,) = subjects(repository(one, defaults=(one,)))
    assert (found.path, found.title, found.number) == ("xor", "xor", None)
    assert found.examples is one.examples


def test_only_versions_of_another_signature_have_paths_of_their_own() -> None:
    """A further version with the default's signature is left to the templated paths; one with another is not."""
    default, same, other = version(3), version(2), version(1, outputs=[output("y", (2,))])
    found = subjects(repository(other, same, default, defaults=(default,)))
    assert [one.path for one in found] == ["xor", "xor/versions/1"]
    assert found[1].key != found[0].key
    assert found[1].title == "xor, version 1"


def test_a_model_without_a_default_is_described_by_its_versions() -> None:
    """A version that serves only requests that name it has paths with its number."""
    assert [one.path for one in subjects(repository(version(2), defaults=()))] == ["xor/versions/2"]


def test_subjects_come_by_name() -> None:
    """The order does not depend on what was loaded first."""
    one, other = version(1, name="b"), version(1, name="a")
    assert [found.path for found in subjects(repository(one, other, defaults=(one, other)))] == ["a", "b"]


def test_names_are_quoted_in_paths() -> None:
    """A name with a blank, a slash or a brace is no other path, and no template."""
    assert image_classes("a b/{c}").path == "a%20b%2F%7Bc%7D"


def test_references_are_json_pointers() -> None:
    """A reference names the component that `schema` names."""
    subject = the_toy(number=7)
    assert subject.schema("output", "a/b") == "toy.v7.output.a.2fb"
    assert json.dumps(subject.ref("Record")) == '{"$ref": "#/components/schemas/toy.v7.Record"}'


def test_half_precision_has_no_json_form() -> None:
    """Only models with an input in half precision are unreadable as JSON tensors."""
    assert {name for name, subject in SUBJECTS.items() if not subject.readable} == {
        "half precision",
        "half precision behind fields",
    }
