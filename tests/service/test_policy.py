"""Which versions are loaded follows from what is stored and what the operator wants, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.configuration import ModelConfiguration
from service.policy import wanted

versions = st.integers(1, 12)
policies = st.one_of(
    st.sampled_from(["latest", "all"]),
    st.builds(lambda count: {"latest": count}, st.integers(1, 5)),
    st.lists(versions, unique=True, max_size=5),
)
tried = st.none() | st.builds(lambda number: {"version": number, "percent": 5}, versions)
models = st.builds(
    lambda policy, canary, shadow: ModelConfiguration.model_validate(
        {"versions": policy, "canary": canary, "shadow": shadow}
    ),
    policies,
    tried,
    tried,
)


@given(st.frozensets(versions), models, st.frozensets(versions))
def test_what_is_loaded_is_stored_and_wanted(
    numbers: frozenset[int], model: ModelConfiguration, named: frozenset[int]
) -> None:
    """Only stored versions are loaded, each once; the candidates descend, lead the list, and hold nothing tried out."""
    candidates, load = wanted(numbers, model, named)
    assert set(load) <= numbers
    assert len(set(load)) == len(load)
    assert load[: len(candidates)] == candidates
    assert candidates == sorted(candidates, reverse=True)
    assert not {one.version for one in (model.canary, model.shadow) if one} & set(candidates)
    assert numbers & named <= set(load)
    assert set(load) <= set(candidates) | named


@given(st.frozensets(versions, min_size=1), models, st.randoms())
def test_the_order_in_the_store_does_not_matter(
    numbers: frozenset[int], model: ModelConfiguration, chance: Any
) -> None:
    """However the versions are listed, the same are wanted in the same order."""
    shuffled = list(numbers)
    chance.shuffle(shuffled)
    assert wanted(shuffled, model, frozenset()) == wanted(sorted(numbers), model, frozenset())


@given(st.frozensets(versions), st.integers(1, 15))
def test_the_latest_are_the_highest(numbers: frozenset[int], count: int) -> None:
    """Of the policy's count of versions none is lower than one that is left out."""
    model = ModelConfiguration.model_validate({"versions": {"latest": count}})
    candidates, _ = wanted(numbers, model, frozenset())
    assert len(candidates) == min(count, len(numbers))
    assert not candidates or max(numbers - set(candidates), default=0) < min(candidates)


@pytest.mark.parametrize(
    ("wish", "named", "candidates", "load"),
    [
        ({}, [], [10], [10]),
        ({"versions": "all"}, [], [10, 3, 2, 1], [10, 3, 2, 1]),
        ({"versions": {"latest": 2}}, [], [10, 3], [10, 3]),
        ({"versions": [1, 7, 3]}, [], [3, 1], [3, 1]),
        ({"versions": []}, [], [], []),
        ({"versions": []}, [2], [], [2]),
        ({}, [1, 10, 99], [10], [10, 1]),
        ({"canary": {"version": 10, "percent": 5}}, [10], [3], [3, 10]),
        ({"canary": {"version": 10, "percent": 5}, "shadow": {"version": 3}}, [10, 3], [2], [2, 10, 3]),
        ({"versions": {"latest": 2}, "shadow": {"version": 10}}, [10], [3, 2], [3, 2, 10]),
        ({"versions": [10], "canary": {"version": 10, "percent": 5}}, [10], [], [10]),
    ],
)
def test_policies_by_example(wish: dict[str, Any], named: list[int], candidates: list[int], load: list[int]) -> None:
    """Of versions 1, 2, 3 and 10 each policy takes what its words say."""
    model = ModelConfiguration.model_validate(wish)
    assert wanted([1, 2, 3, 10], model, frozenset(named)) == (candidates, load)
