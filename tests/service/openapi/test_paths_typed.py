"""The typed APIs: described where their model is loaded and takes records."""

from __future__ import annotations

from service.openapi import paths_typed
from tests.service.openapi.described import KINDS, SUBJECTS, component, the_toy

ROUTES = {"/ask_toy": "toy", "/ask_image": "images", "/ask_nobody": "nobody"}


def test_only_models_that_are_loaded_and_take_records() -> None:
    """A route to a model that is not there, has no fields, or serves only by its number would answer 404."""
    subjects = [the_toy(), SUBJECTS["image"]]
    assert list(paths_typed.paths(subjects, ROUTES)) == ["/ask_toy"]
    assert paths_typed.paths([the_toy(number=2)], ROUTES) == {}
    assert list(paths_typed.components(subjects, ROUTES)) == ["toy.TypedRecord"]


def test_one_record_is_sent_and_one_answer_comes_back() -> None:
    """JSON only, with the artifact's first record, and no list around either."""
    call = paths_typed.paths([the_toy()], ROUTES)["/ask_toy"]["post"]
    (kind,) = call["requestBody"]["content"]
    assert kind == "application/json"
    given = call["requestBody"]["content"][kind]["examples"]["record"]["value"]
    got = call["responses"]["200"]["content"][kind]["examples"]["record"]["value"]
    assert given == the_toy().examples.records[0]
    assert set(got) == {"total", "large"}
    assert "415" in call["responses"]


def test_null_stands_for_what_is_left_out() -> None:
    """A field with a default may be null, one without may not."""
    subject = SUBJECTS["every kind of field and result"]
    schema = component(paths_typed.components([subject], {"/ask": "kinds"}), "kinds.TypedRecord")
    assert schema.is_valid({**KINDS[0], "colour": None})
    assert not schema.is_valid({**KINDS[0], "count": None})
