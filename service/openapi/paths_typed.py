"""The typed APIs: one record in, its answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.openapi import examples, record_schemas
from service.openapi.operation import CALLED, answer, media, operation
from service.openapi.subject import JSON, Paths, Schema, Subject

TAG = "Typed APIs"
CALL = (400, 404, 405, 408, 413, 415, 431, 500, 503, 504)


def paths(subjects: Sequence[Subject], routes: Mapping[str, str]) -> Paths:
    """The routes whose model is loaded and takes records.

    Args:
        subjects: What is loaded.
        routes: Route of each typed API to the model that it asks.
    """
    takers = _takers(subjects)
    return {path: {"post": _call(path, takers[name])} for path, name in routes.items() if name in takers}


def components(subjects: Sequence[Subject], routes: Mapping[str, str]) -> dict[str, Schema]:
    """The schemas that these paths refer to."""
    takers = _takers(subjects)
    found = [takers[name] for name in routes.values() if name in takers]
    return {one.schema("TypedRecord"): record_schemas.nullable(record_schemas.record(one.interface)) for one in found}


def _takers(subjects: Sequence[Subject]) -> dict[str, Subject]:
    return {one.interface.name: one for one in subjects if one.number is None and one.interface.records is not None}


def _call(path: str, subject: Subject) -> dict[str, Any]:
    pairs = examples.typed(subject)
    given = media(subject.ref("TypedRecord"), {name: body for name, (body, _) in pairs.items()})
    got = media(subject.ref("Result"), {name: body for name, (_, body) in pairs.items()})
    return operation(
        TAG,
        f"typed_{path.strip('/')}",
        f"One record to {subject.title}",
        {"200": answer("Its answer.", {JSON: got})},
        CALL,
        description="A field that is null counts as left out.",
        given=CALLED,
        body={JSON: given},
    )
