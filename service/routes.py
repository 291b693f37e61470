"""Points a model's requests at its versions: the default, the labels, the canary, the shadow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.acceptance import tensors
from service.configuration import Shadow as ShadowWish
from service.intentions import Intention
from service.metrics import Metrics
from service.model import Model
from service.shadow import Shadow
from service.version import Version


def set_routes(model: Model, intention: Intention, candidates: Sequence[int], metrics: Metrics) -> None:
    """Move traffic to the versions that are ready; what cannot be had yet goes into the model's complaints.

    Args:
        model: Changed in place, in one step of the event loop.
        intention: What the operator wants.
        candidates: Versions that may answer requests without a version, the highest first; none: nobody may.
        metrics: Where a shadow counts.
    """
    model.complaints = []
    ready = [number for number in candidates if number in model.ready]
    if ready:
        model.default = model.ready[ready[0]]
    elif not candidates or (model.default is not None and model.default.number not in model.ready):
        model.default = None
    _check_list(model, intention)
    _set_labels(model, {} if intention.unload else intention.labels)
    wish = intention.model
    canary, shadow = (None, None) if intention.unload else (wish.canary, wish.shadow)
    model.canary = _tried(model, canary.version, "canary") if canary is not None else None
    model.share = canary.percent / 100 if canary is not None and model.canary is not None else 0.0
    _set_shadow(model, shadow, metrics)


def _check_list(model: Model, intention: Intention) -> None:
    listed = intention.model.versions
    if isinstance(listed, list) and not intention.unload:
        missing = [number for number in listed if number not in model.ready]
        model.complaints += [f"versions: version {number} is not ready" for number in missing]


def _set_labels(model: Model, labels: Mapping[str, int]) -> None:
    moved = {}
    for label, number in labels.items():
        if number in model.ready:
            moved[label] = number
            continue
        model.complaints.append(f"label {label}: version {number} is not ready")
        if model.labels.get(label) in model.ready:
            moved[label] = model.labels[label]
    model.labels = moved


def _tried(model: Model, number: int, what: str) -> Version | None:
    """The version that is tried out beside the default; None if it cannot be."""
    version, default = model.ready.get(number), model.default
    if version is None:
        model.complaints.append(f"{what}: version {number} is not ready")
    elif default is None or version is default:
        model.complaints.append(f"{what}: version {number} is the serving one")
    elif tensors(version.interface.signature) != tensors(default.interface.signature):
        model.complaints.append(f"{what}: the tensors of version {number} differ from the serving ones")
    else:
        return version
    return None


def _set_shadow(model: Model, wish: ShadowWish | None, metrics: Metrics) -> None:
    shadow = None
    version = _tried(model, wish.version, "shadow") if wish is not None else None
    if wish is not None and version is not None and model.default is not None:
        series = metrics["keras_serve_shadow_rows_total"]
        labels = model.name, str(version.number)

        def count(outcome: str, rows: int) -> None:
            series.labels(*labels, outcome).inc(rows)

        shadow = Shadow(version.scheduler, version.interface, wish, count)
    for one in model.ready.values():
        if one is not model.default or shadow is None:
            one.shadow = None
        elif one.shadow is None or not one.shadow.same(shadow):
            one.shadow = shadow
