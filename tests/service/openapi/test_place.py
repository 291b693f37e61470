"""Where operations stand: a subject's own paths, and the templated ones."""

from __future__ import annotations

from service.openapi.place import own, templated
from tests.service.openapi.described import image_classes, the_toy


def test_a_subject_stands_under_its_own_name() -> None:
    """Path, title and id come from the subject; it needs no parameters."""
    place = own(the_toy(number=3))
    assert (place.path, place.title, place.given) == ("toy/versions/3", "toy, version 3", ())
    assert place.identity("v1", "predict") == "v1_predict_toy.v3"


def test_templated_places_ask_for_model_and_version_or_label() -> None:
    """Each has the parameters that its path names, over the models that are loaded, once each."""
    found = templated([image_classes("b"), the_toy(), the_toy(number=2)])
    assert {kind: place.path for kind, place in found.items()} == {
        "version": "{model}/versions/{version}",
        "label": "{model}/labels/{label}",
    }
    for kind, place in found.items():
        assert [parameter["name"] for parameter in place.given] == ["model", kind]
        assert place.given[0]["schema"]["enum"] == ["b", "toy"]
        assert place.identity("v1", "predict") == f"v1_{kind}_predict"


def test_without_models_there_is_nothing_to_ask_for() -> None:
    """A document of a service that is still loading has no templated paths."""
    assert templated([]) == {}
