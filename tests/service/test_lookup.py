"""A route finds its version by number, by label or by chance, and what is not there is told in the dialect's words."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import MalformedRequest, NotFound, ServiceError
from service.lookup import INT64_MAX, find, number_of, unknown
from service.routing import Route, route
from tests.service.kept import Kept

WORDS = st.text(st.characters(exclude_characters="/:", exclude_categories=["Cs"]), min_size=1, max_size=12)
DIALECTS = st.sampled_from(["tfserving", "openinference"])


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Any]:
    """Stands for a runtime: version 3 of the toy serving, 1 labelled stable, 2 its canary, 4 corrupt."""
    kept = Kept(tmp_path, max_batch_rows=2)
    kept.store(1, 2, 3)
    kept.store_corrupt(4)
    kept.label(stable=1)
    kept.configure("[models.toy]\ncanary = { version = 2, percent = 50 }")
    await kept.keeper.start()
    yield SimpleNamespace(repository=kept.repository)
    await kept.close()


def asked(path: str) -> Route:
    """The route of a path."""
    found = route(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/v1/models/toy/versions/1:predict", 1),
        ("/v1/models/toy/versions/003:predict", 3),
        ("/v1/models/toy/labels/stable:predict", 1),
        ("/v2/models/toy/versions/2/infer", 2),
        ("/v2/models/toy/versions/stable/infer", 1),
    ],
)
async def test_what_is_named_is_found(runtime: Any, path: str, number: int) -> None:
    """In both dialects a number and a label mean the same."""
    assert find(runtime, asked(path)).number == number


@pytest.mark.parametrize(("drawn", "number"), [(0.1, 2), (0.9, 3)])
async def test_what_is_not_named_is_drawn(
    runtime: Any, monkeypatch: pytest.MonkeyPatch, drawn: float, number: int
) -> None:
    """A request without version or label gets the canary or the default."""
    monkeypatch.setattr(random, "random", lambda: drawn)
    for path in ("/v1/models/toy:predict", "/v2/models/toy/infer"):
        assert find(runtime, asked(path)).number == number


TOO_LONG = "Failed to convert version: 99999999999999999999 to numeric."


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/v1/models/toy/labels/next:predict", MalformedRequest, "Unrecognized servable version label: next"),
        ("/v1/models/nope/labels/next:predict", MalformedRequest, "Unrecognized servable version label: next"),
        ("/v2/models/toy/versions/next/infer", NotFound, "Request for unknown model: 'toy' version next is not found"),
        ("/v1/models/toy/versions/4:predict", NotFound, "Servable not found for request: Specific(toy, 4)"),
        ("/v2/models/toy/versions/4/infer", NotFound, "Request for unknown model: 'toy' version 4 is not found"),
        ("/v1/models/nope:predict", NotFound, "Servable not found for request: Latest(nope)"),
        ("/v2/models/nope/infer", NotFound, "Request for unknown model: 'nope' is not found"),
        ("/v1/models/toy/versions/99999999999999999999:predict", MalformedRequest, TOO_LONG),
    ],
)
async def test_what_is_not_there_has_the_dialects_words(
    runtime: Any, path: str, kind: type[ServiceError], text: str
) -> None:
    """Clients match these texts and statuses."""
    with pytest.raises(kind) as caught:
        find(runtime, asked(path))
    assert caught.value.sentence == text


async def test_a_known_model_without_a_version_is_told_apart(runtime: Any) -> None:
    """In V2 a model of which nothing serves is known, and has no available versions."""
    runtime.repository.models["toy"].default = runtime.repository.models["toy"].canary = None
    with pytest.raises(NotFound, match=r"^Request for unknown model: 'toy' has no available versions$"):
        find(runtime, asked("/v2/models/toy/infer"))


@given(DIALECTS, st.integers(-INT64_MAX, INT64_MAX))
def test_every_number_of_64_bits_is_a_version(dialect: Any, number: int) -> None:
    """A version in decimal digits is that number."""
    assert number_of(Route(dialect, "infer", "toy", str(number))) == number


@given(DIALECTS, st.integers(INT64_MAX + 1) | st.integers(max_value=-(10**20)))
def test_a_longer_number_is_none(dialect: Any, number: int) -> None:
    """What does not fit into 64 bits is refused as the dialect has it."""
    with pytest.raises(MalformedRequest if dialect == "tfserving" else NotFound):
        number_of(Route(dialect, "infer", "toy", str(number)))


@given(DIALECTS, st.sampled_from(["status", "infer", "model"]), WORDS, WORDS, st.booleans())
def test_a_sentence_names_what_was_asked_for(dialect: Any, action: str, name: str, version: str, known: bool) -> None:
    """Whatever is asked for, the model's name is in the sentence."""
    for one in (Route(dialect, action, name), Route(dialect, action, name, version)):
        assert name in unknown(one, known)
