"""Which versions of a model should be loaded. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Iterable

from service.configuration import Latest, ModelConfiguration


def wanted(numbers: Iterable[int], model: ModelConfiguration, named: frozenset[int]) -> tuple[list[int], list[int]]:
    """The versions to load.

    Args:
        numbers: Versions that are stored and sound as far as is known.
        model: What the operator wants.
        named: Versions named one by one, in the configuration or by a label of the store.

    Returns:
        The candidates for requests that name no version, the highest first, and all to load: these and the named.
    """
    tried = {one.version for one in (model.canary, model.shadow) if one is not None}
    present = sorted(numbers, reverse=True)
    candidates = [number for number in present if number not in tried]
    if isinstance(model.versions, list):
        candidates = [number for number in candidates if number in model.versions]
    elif model.versions != "all":
        count = model.versions.latest if isinstance(model.versions, Latest) else 1
        candidates = candidates[:count]
    return candidates, candidates + [number for number in present if number in named and number not in candidates]
