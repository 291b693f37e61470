"""A fault is a sentence for people, a status for clients and a code word for both."""

from __future__ import annotations

import json

from service.errors import TooLarge


def test_a_leaf_has_its_status_and_word() -> None:
    """The line that names a leaf gives them; an instance may have another status, and the leaf keeps its own."""
    assert (TooLarge("No.").status, TooLarge.code) == (413, "too_large")
    assert TooLarge("No.", status=400).status == 400
    assert TooLarge.status == 413


def test_the_body_has_the_sentence_and_the_word() -> None:
    """Two keys, and no more."""
    fault = TooLarge.at("records[0]", "tea", "coffee")
    assert json.loads(fault.body()) == {"error": "Expected tea. Received coffee at records[0].", "code": "too_large"}


def test_rewording_keeps_everything_else() -> None:
    """A dialect's own words change neither kind, place nor what was expected and came."""
    fault = TooLarge.at("records[0]", "tea", "coffee").reworded("Nein.", status=400)
    assert isinstance(fault, TooLarge)
    assert (fault.sentence, fault.status, fault.place) == ("Nein.", 400, "records[0]")
    assert (fault.expected, fault.received) == ("tea", "coffee")
    assert TooLarge.at("", "tea", "coffee").sentence == "Expected tea. Received coffee."
