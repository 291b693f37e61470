"""JSON schemas of records and of the answers to them."""

from __future__ import annotations

from service.interface import Interface
from service.openapi.subject import Schema
from service.openapi.tensor_schemas import element, exactly
from service.signature import AnyResult, DateField, LabelResult, NumberResult, OutputTensor, ThresholdResult


def record(interface: Interface) -> Schema:
    """A record as the service itself checks it; the model must have fields."""
    assert interface.records is not None
    schema = interface.records.record.model_json_schema()
    properties = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema["properties"].items()
    }
    for field in interface.signature.fields:
        if isinstance(field, DateField):  # no keyword of JSON schemas bounds a date
            properties[field.name]["description"] += _span(field)
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def _span(field: DateField) -> str:
    low = "" if field.minimum is None else f" From {field.minimum}."
    high = "" if field.maximum is None else f" Until {field.maximum}."
    return low + high


def nullable(schema: Schema) -> Schema:
    """A record in which a field with a default may be null as well, as the typed APIs take it."""
    properties = {
        name: field if name in schema["required"] else {"anyOf": [field, {"type": "null"}]}
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def result(interface: Interface) -> Schema:
    """The answer to one record."""
    entries = interface.signature.result
    properties = {entry.name: _entry(entry, interface.outputs[entry.output]) for entry in entries}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _entry(entry: AnyResult, tensor: OutputTensor) -> Schema:
    described = {"description": entry.description}
    if isinstance(entry, LabelResult):
        kind = "string" if isinstance(entry.labels[0], str) else "integer"
        return {"type": kind, "enum": entry.labels, **described}
    if isinstance(entry, ThresholdResult):
        return {"type": "boolean", "description": f"{entry.description} True from {entry.threshold:g}."}
    if isinstance(entry, NumberResult):
        unit = f" Unit: {entry.unit}." if entry.unit else ""
        return {**element(tensor.dtype), "description": entry.description + unit}
    return {**exactly(element(tensor.dtype), tensor.size), **described}
