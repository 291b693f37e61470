"""Examples of requests and answers, from an artifact's own rows.

A request is read and its answer written by the very functions that serve it, so that no number is made up and none
can differ from what a client gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from service.errors import ServiceError
from service.openapi.subject import Subject
from service.protocols import openinference, tfserving, tfserving_examples
from service.request import InferResult

MAX_SHOWN = 64
"""Most numbers of an example's input tensors, if one row has not more already."""

Pairs = dict[str, tuple[Any, Any]]
"""Request and answer by name."""


def predict(subject: Subject) -> Pairs:
    """Every form of predict."""
    bodies: dict[str, Any] = {}
    rows = _rows(subject)
    if subject.interface.records is not None:
        bodies["records"] = subject.examples.records[:rows]
    if subject.readable:
        columns = _columns(subject, rows)
        named = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        bodies.setdefault("records", named)
        several = len(columns) > 1
        bodies["instances"] = named if several else next(iter(columns.values()))
        bodies["inputs"] = columns if several else next(iter(columns.values()))
    return dict(_answered(subject, tfserving, rows, {form: {form: value} for form, value in bodies.items()}))


def with_examples(subject: Subject, verb: str) -> Pairs:
    """Classify or regress."""
    rows = _rows(subject)
    model = subject.interface
    shown = subject.examples.records[:rows]
    if model.records is None:  # lists of numbers are flat there
        shown = [
            {name: _plain(subject.examples.inputs[name][row].reshape(-1)) for name in model.inputs}
            for row in range(rows)
        ]
    dialect = tfserving_examples.CLASSIFY if verb == "classify" else tfserving_examples.REGRESS
    return dict(_answered(subject, dialect, rows, {"examples": {"examples": shown}}))


def infer(subject: Subject) -> Pairs:
    """Infer with JSON."""
    rows = _rows(subject)
    bodies: dict[str, Any] = {}
    if subject.readable:
        tensors = [
            {
                "name": name,
                "shape": [rows, *tensor.shape],
                "datatype": tensor.dtype,
                "data": _plain(subject.examples.inputs[name][:rows].reshape(-1)),
            }
            for name, tensor in subject.interface.inputs.items()
        ]
        bodies["inputs"] = {"id": "1", "inputs": tensors}
    if subject.interface.records is not None:
        bodies["records"] = {"id": "1", "records": subject.examples.records[:rows]}
    return dict(_answered(subject, openinference, rows, bodies))


def typed(subject: Subject) -> Pairs:
    """One record, and its answer alone."""
    pairs = predict(subject)
    if subject.interface.records is None or "records" not in pairs:
        return {}
    request, answer = pairs["records"]
    return {"record": (request["records"][0], answer["predictions"][0])}


def _answered(subject: Subject, dialect: Any, rows: int, bodies: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each body with the answer to it; a body that the model itself refuses is no example."""
    model = subject.interface
    outputs = {name: array[:rows] for name, array in subject.examples.outputs.items()}
    for name, body in bodies.items():
        try:
            request = dialect.decode(orjson.dumps(body), model, {})
        except ServiceError:
            continue
        answer = dialect.encode(request, InferResult(model.name, model.version, outputs), model)
        yield name, (body, orjson.loads(answer.body))


def _rows(subject: Subject) -> int:
    size = sum(tensor.size for tensor in subject.interface.inputs.values())
    return min(len(subject.examples.records), subject.interface.max_rows, max(1, MAX_SHOWN // size))


def _columns(subject: Subject, rows: int) -> dict[str, Any]:
    return {name: _plain(subject.examples.inputs[name][:rows]) for name in subject.interface.inputs}


def _plain(array: np.ndarray) -> Any:
    """An array as JSON has it, single precision in its shortest decimal form."""
    return orjson.loads(orjson.dumps(np.ascontiguousarray(array), option=orjson.OPT_SERIALIZE_NUMPY))
