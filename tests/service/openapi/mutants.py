"""JSON bodies that differ from a sound one in one place."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

VALUES: tuple[Any, ...] = (
    None, True, False, "red", "05:15", "2013-05-31", "", -1, 0, 2, 255, 256, 2.5, -120, [], [0], [0, 0], {},
    [[0, 1, 2, 3]] * 3, {"x": [0, 0]}, "serving_default",
)  # fmt: skip
"""What is put in the place of something; no whole number as a fraction, which JSON schemas do not tell apart."""


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a body."""
    found = [at]
    if isinstance(value, dict):
        found += [place for key, inner in value.items() for place in places(inner, (*at, key))]
    elif isinstance(value, list):
        found += [place for index, inner in enumerate(value) for place in places(inner, (*at, index))]
    return found


@st.composite
def mutants(draw: st.DrawFn, body: Any) -> Any:
    """A body with one value replaced, left out or added."""
    changed = copy.deepcopy(body)
    *way, last = draw(st.sampled_from([place for place in places(changed) if place]))
    holder = changed
    for step in way:
        holder = holder[step]
    how = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
    if how == "replace":
        holder[last] = draw(st.sampled_from(VALUES))
    elif how == "remove":
        del holder[last]
    elif isinstance(holder, dict):
        holder[draw(st.sampled_from(["x", "another", "instances"]))] = draw(st.sampled_from(VALUES))
    else:
        holder.append(draw(st.sampled_from(VALUES)))
    return changed
