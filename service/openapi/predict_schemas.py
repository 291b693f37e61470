"""JSON schemas of TensorFlow Serving's predict, for one model and for any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.openapi import record_schemas
from service.openapi.subject import Schema, Subject
from service.openapi.tensor_schemas import answered, listed, row

SIGNATURE_NAME: Schema = {"type": "string", "enum": ["", "serving_default"]}


def components(subject: Subject) -> dict[str, Schema]:
    """The schemas that a model's predict calls are made of, by component name."""
    model = subject.interface
    found: dict[str, Schema] = {}
    if subject.readable:
        found |= {
            subject.schema("input", name): row(tensor, model.bounds.get(name)) for name, tensor in model.inputs.items()
        }
        found |= {subject.schema("output", name): answered(tensor) for name, tensor in model.outputs.items()}
        found[subject.schema("Row")] = _named(subject, "input", model.inputs)
        if len(model.outputs) > 1:
            found[subject.schema("OutputRow")] = _named(subject, "output", model.outputs)
    if model.records is not None:
        found[subject.schema("Record")] = record_schemas.record(model)
        found[subject.schema("Result")] = record_schemas.result(model)
    if takes_json(subject):
        found[subject.schema("PredictRequest")] = _request(subject)
        found[subject.schema("PredictAnswer")] = _answer(subject)
    return found


def takes_json(subject: Subject) -> bool:
    """Whether any form of predict can be written for the model."""
    return subject.readable or subject.interface.records is not None


def generic() -> dict[str, Schema]:
    """The forms of predict of whatever model."""
    rows: Schema = {"type": "array", "minItems": 1}
    forms = {
        "records": {**rows, "items": {"type": "object"}, "description": "Objects of the model's fields."},
        "instances": {**rows, "description": "Rows; with several inputs, objects by input name."},
        "inputs": {"type": ["array", "object"], "description": "The column of the one input, or columns by name."},
    }
    return {
        "PredictRequest": one_of(forms, {"signature_name": SIGNATURE_NAME}),
        "PredictAnswer": {
            "anyOf": [
                _object({"predictions": {**rows, "description": "One answer a record or row."}}),
                _object({"outputs": {"type": ["array", "object"], "description": "As the request's inputs."}}),
            ]
        },
    }


def one_of(forms: dict[str, Schema], shared: dict[str, Schema]) -> Schema:
    """An object with exactly one of several keys.

    Args:
        forms: The keys.
        shared: Keys that may stand beside any of them.
    """
    required = [{"required": [form]} for form in forms]
    return {
        "type": "object",
        "properties": {**forms, **shared},
        **({"oneOf": required} if len(required) > 1 else required[0]),
    }


def _object(properties: dict[str, Schema], *, closed: bool = True) -> Schema:
    end = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": properties, "required": list(properties), **end}


def _named(subject: Subject, side: str, names: Iterable[str]) -> Schema:
    """An object of one row of every tensor of a side."""
    return _object({name: subject.ref(side, name) for name in names})


def _request(subject: Subject) -> Schema:
    model = subject.interface
    forms: dict[str, Schema] = {}
    if model.records is not None:
        forms["records"] = listed(subject.ref("Record"), model.max_rows)
    elif subject.readable:
        forms["records"] = listed(subject.ref("Row"), model.max_rows)
    if subject.readable:
        forms |= {"instances": _instances(subject), "inputs": _inputs(subject)}
    return one_of(forms, {"signature_name": SIGNATURE_NAME})


def _instances(subject: Subject) -> Schema:
    model = subject.interface
    named = listed(subject.ref("Row"), model.max_rows)
    if len(model.inputs) > 1:
        return named
    return {"oneOf": [listed(subject.ref("input", *model.inputs), model.max_rows), named]}


def _inputs(subject: Subject) -> Schema:
    model = subject.interface
    columns = {name: listed(subject.ref("input", name), model.max_rows) for name in model.inputs}
    named = _object(columns, closed=False)
    return named if len(columns) > 1 else {"oneOf": [*columns.values(), named]}


def _answer(subject: Subject) -> Schema:
    model = subject.interface
    columns = {name: listed(subject.ref("output", name)) for name in model.outputs}
    several = len(columns) > 1
    rows: list[Any] = [subject.ref("OutputRow") if several else subject.ref("output", *model.outputs)]
    if model.records is not None:
        rows.insert(0, subject.ref("Result"))
    if not subject.readable:
        rows = rows[:1]
    found = [_object({"predictions": listed(items)}) for items in rows]
    if subject.readable:
        found.append(_object({"outputs": _object(columns) if several else next(iter(columns.values()))}))
    return {"anyOf": found} if len(found) > 1 else found[0]
