"""Traffic moves to what is ready only; what cannot be had is told, and what was stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from service.configuration import ModelConfiguration
from service.intentions import Intention
from service.metrics import Metrics
from service.model import Model
from service.routes import set_routes
from tests.toy_signatures import interface, tensor

CANARY = {"version": 3, "percent": 5}
SHADOW = {"version": 3, "percent": 50, "atol": 1}


def version(number: int, **changes: Any) -> Any:
    """Stands for a version that is ready."""
    return SimpleNamespace(
        number=number, interface=interface(version=number, **changes), scheduler=object(), shadow=None
    )


def ready(*numbers: int) -> Model:
    """A model with these versions."""
    found = Model("xor")
    found.ready = {number: version(number) for number in numbers}
    return found


def intention(unload: bool = False, **wish: Any) -> Intention:
    """What an operator wants, as a table of the configuration file says it."""
    model = ModelConfiguration.model_validate(wish)
    return Intention(model, model.labels, model.named, model.accepted, unload)


def route(model: Model, *candidates: int, unload: bool = False, **wish: Any) -> int | None:
    """Set the routes; the default's number."""
    set_routes(model, intention(unload, **wish), candidates, Metrics())
    return model.default.number if model.default else None


def test_the_highest_candidate_that_is_ready_is_the_default() -> None:
    """Candidates that are not ready yet are passed over, and versions that are no candidates too."""
    model = ready(1, 2, 9)
    assert route(model, 3, 2, 1) == 2
    model.ready[3] = version(3)
    assert route(model, 3, 2, 1) == 3
    assert model.complaints == []


def test_the_default_stays_until_a_candidate_is_ready() -> None:
    """What serves goes on until what should serve can; a default that is gone itself does not."""
    model = ready(1)
    assert route(model, 1) == 1
    assert route(model, 3, 2) == 1
    model.ready = {}
    assert route(model, 3, 2) is None


def test_without_candidates_nothing_is_the_default() -> None:
    """A model that nobody may ask has no default."""
    model = ready(1)
    route(model, 1)
    assert route(model) is None


@pytest.mark.parametrize(("what", "wish"), [("canary", CANARY), ("shadow", SHADOW)])
def test_what_serves_is_not_tried(what: str, wish: dict[str, Any]) -> None:
    """A version is no canary and no shadow of itself."""
    model = ready(2, 3)
    assert route(model, 3, **{what: wish}) == 3
    assert model.canary is model.ready[3].shadow is None
    assert model.complaints == [f"{what}: version 3 is the serving one"]


def test_versions_that_are_listed_and_absent_are_told() -> None:
    """Each version of a list that is not ready has a complaint, unless the model is unloaded; a count has none."""
    model = ready(2)
    route(model, 2, versions=[2, 7, 1])
    assert model.complaints == ["versions: version 7 is not ready", "versions: version 1 is not ready"]
    for wish in ({"unload": True, "versions": [7]}, {"versions": {"latest": 3}}, {"versions": []}):
        route(model, **wish)
        assert model.complaints == []


def test_a_label_moves_to_a_ready_version_only() -> None:
    """Until then it stays where it was, or nowhere, and the complaint says what it waits for."""
    model = ready(1, 2)
    route(model, 2, labels={"stable": 1, "next": 3})
    assert model.labels == {"stable": 1}
    assert model.complaints == ["label next: version 3 is not ready"]
    route(model, 2, labels={"stable": 3, "next": 2})
    assert model.labels == {"stable": 1, "next": 2}
    assert model.complaints == ["label stable: version 3 is not ready"]
    model.ready[3] = version(3)
    route(model, 3, labels={"stable": 3, "next": 2})
    assert model.labels == {"stable": 3, "next": 2}
    assert model.complaints == []


def test_a_label_goes_with_its_wish_its_version_or_its_model() -> None:
    """A label that is no longer wanted goes; so does one whose old version is gone, and all of an unloaded model."""
    model = ready(1, 2)
    route(model, 2, labels={"stable": 1, "old": 2})
    route(model, 2, labels={"stable": 1})
    assert model.labels == {"stable": 1}
    del model.ready[1]
    route(model, 2, labels={"stable": 3})
    assert model.labels == {}
    route(model, 2, labels={"stable": 2})
    route(model, unload=True, labels={"stable": 2})
    assert model.labels == {}
    assert model.complaints == []


def test_a_canary_is_tried_beside_the_default() -> None:
    """A canary that is ready gets its share; one that goes, or waits, leaves none."""
    model = ready(2, 3)
    assert route(model, 2, canary=CANARY) == 2
    assert model.canary is model.ready[3]
    assert model.share == 0.05
    route(model, 2)
    assert (model.canary, model.share) == (None, 0)
    route(model, 2, canary={"version": 4, "percent": 5})
    assert (model.canary, model.share) == (None, 0)
    assert model.complaints == ["canary: version 4 is not ready"]


def test_an_unloaded_model_has_no_canary_and_no_complaint() -> None:
    """What was ordered away is missed by nobody."""
    model = ready(2, 3)
    route(model, 2, canary=CANARY, shadow=SHADOW)
    assert route(model, unload=True, canary=CANARY, shadow=SHADOW) is None
    assert (model.canary, model.complaints) == (None, [])
    model.ready = {}
    route(model, unload=True, canary=CANARY, shadow=SHADOW)
    assert model.complaints == []


@pytest.mark.parametrize("what", ["canary", "shadow"])
def test_a_version_with_other_tensors_is_not_tried(what: str) -> None:
    """Neither a canary nor a shadow may have other tensors than the version that serves."""
    model = ready(2)
    model.ready[3] = version(3, inputs=[tensor(shape=(3,))])
    assert route(model, 2, **{what: CANARY if what == "canary" else SHADOW}) == 2
    assert model.canary is model.ready[2].shadow is None
    assert model.complaints == [f"{what}: the tensors of version 3 differ from the serving ones"]


def test_only_the_default_has_a_shadow() -> None:
    """The shadow follows the default, and goes with the wish."""
    model = ready(1, 2, 3)
    route(model, 2, 1, shadow=SHADOW)
    first = model.ready[2].shadow
    assert first is not None
    assert first.scheduler is model.ready[3].scheduler
    assert model.ready[1].shadow is model.ready[3].shadow is None
    route(model, 1, shadow=SHADOW)
    assert model.ready[2].shadow is None
    assert model.ready[1].shadow is not None
    route(model, 1)
    assert model.ready[1].shadow is None


def test_a_shadow_goes_on_until_its_wish_changes() -> None:
    """A look that changes nothing keeps the counts; another wish, version or engine begins anew."""
    model = ready(2, 3, 4)
    route(model, 2, shadow=SHADOW)
    first = model.ready[2].shadow
    for _ in range(2):
        route(model, 2, shadow=SHADOW)
        assert model.ready[2].shadow is first
    shadows = [first]
    for wish in ({**SHADOW, "percent": 51}, {**SHADOW, "atol": 2}, {**SHADOW, "version": 4}, SHADOW):
        route(model, 2, shadow=wish)
        shadows.append(model.ready[2].shadow)
    model.ready[3] = version(3)
    route(model, 2, shadow=SHADOW)
    shadows.append(model.ready[2].shadow)
    assert len({id(shadow) for shadow in shadows}) == len(shadows)
    assert all(shadow is not None for shadow in shadows)


def test_a_shadow_counts_in_the_metrics() -> None:
    """Its rows are counted under the model, its own version and the outcome."""
    model, metrics = ready(2, 3), Metrics()
    set_routes(model, intention(shadow=SHADOW), [2], metrics)
    model.ready[2].shadow._count("agree", 4)
    labels = 'model="xor",outcome="agree",version="3"'
    assert f"keras_serve_shadow_rows_total{{{labels}}} 4.0" in metrics.exposition().decode()
