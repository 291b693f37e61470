"""Every version that is known, with all that an operator asks about it: the page ``/models``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.model import Model
from service.runtime import Runtime


def entries(runtime: Runtime) -> list[dict[str, Any]]:
    """One entry a version, by name, the highest version first.

    Returns:
        Keys ``name``, ``version``, ``labels``, ``state`` (TensorFlow Serving's word), ``reason``, ``default`` (whether
        it answers requests without a version); of those that are ready ``engine``, ``device``, ``rows`` (answered so
        far, over all workers); where there are any, ``canary_percent`` and ``shadow`` (rows compared by outcome).
    """
    models = sorted(runtime.repository.models.items())
    return [entry for _, model in models for entry in _entries(model, runtime)]


def _entries(model: Model, runtime: Runtime) -> Iterator[dict[str, Any]]:
    for number, state in sorted(model.states.items(), reverse=True):
        version = model.ready.get(number)
        entry: dict[str, Any] = {
            "name": model.name,
            "version": number,
            "labels": sorted(label for label, target in model.labels.items() if target == number),
            "state": state.state,
            "reason": state.reason,
            "default": version is not None and version is model.default,
        }
        if version is not None:
            totals = version.statistics.totals()
            entry |= {"engine": version.engine, "device": version.device, "rows": totals.inference_count}
        if version is not None and version is model.canary:
            entry["canary_percent"] = round(model.share * 100, 6)
        shadow = model.default.shadow if model.default is not None else None
        if version is not None and shadow is not None and shadow.scheduler is version.scheduler:
            entry["shadow"] = shadow.rows
        yield entry


def complaints(runtime: Runtime) -> list[str]:
    """What the operator wants and cannot have as things are: files that are refused, wishes that wait."""
    waiting = [
        f"{name}: {complaint}"
        for name, model in sorted(runtime.repository.models.items())
        for complaint in model.complaints
    ]
    unknown = sorted(runtime.intentions.configured - runtime.repository.models.keys())
    return [*runtime.intentions.complaints, *waiting, *(f"{name}: no such model is stored" for name in unknown)]
