"""JSON schemas of the Open Inference Protocol's infer, for one model and for any."""

from __future__ import annotations

from typing import Any

from service.openapi.predict_schemas import one_of, takes_json
from service.openapi.subject import Schema, Subject
from service.openapi.tensor_schemas import element, exactly, listed, loosest
from service.signature import DTYPES, Tensor
from service.tensors import Bounds

PARAMETERS: Schema = {
    "type": "object",
    "description": "`timeout` in µs shortens the deadline; `binary_data_output`: all outputs as raw bytes.",
    "properties": {
        "timeout": {"type": "integer", "minimum": 0},
        "binary_data_output": {"type": "boolean"},
    },
}
OUTPUT_PARAMETERS: Schema = {
    "type": "object",
    "properties": {
        "binary_data": {"type": "boolean", "description": "This output as raw bytes behind the JSON."},
        "classification": {"type": "integer", "minimum": 0, "description": "So many best classes; 0: numbers."},
    },
}
LENGTH: Schema = {"type": "integer", "minimum": 0}


def components(subject: Subject) -> dict[str, Schema]:
    """The schemas of a model's infer calls, by component name."""
    found = {subject.schema("InferAnswer"): _answer(subject)}
    if takes_json(subject):
        found[subject.schema("InferRequest")] = _request(subject)
    return found


def generic() -> dict[str, Schema]:
    """Infer of whatever model."""
    tensor: dict[str, Any] = {
        "name": {"type": "string"},
        "datatype": {"type": "string", "enum": [*DTYPES, "BYTES"]},
        "shape": {"type": "array", "items": LENGTH, "minItems": 1},
        "data": {"type": "array", "description": "Row-major, flat or nested; answers are flat."},
        "parameters": {"type": "object"},
    }
    given = {"type": "object", "properties": tensor, "required": ["name", "datatype", "shape", "data"]}
    answered = {**given, "required": ["name", "datatype", "shape"]}
    forms = {"inputs": listed(given), "records": listed({"type": "object"})}
    return {
        "InferRequest": _request_of(forms, _wanted({"type": "string"})),
        "InferAnswer": _answer_of({"type": "string"}, listed(answered)),
    }


def _request_of(forms: dict[str, Schema], wanted: Schema) -> Schema:
    """A request whose rows come in one of several forms."""
    shared = {
        "id": {"type": "string", "description": "Comes back with the answer."},
        "parameters": PARAMETERS,
        "outputs": {"type": "array", "items": wanted, "description": "Absent or empty: all, in the model's order."},
    }
    return one_of(forms, shared)


def _answer_of(name: Schema, outputs: Schema) -> Schema:
    properties = {
        "id": {"type": "string"},
        "model_name": name,
        "model_version": {"type": "string", "pattern": "^[0-9]+$"},
        "parameters": {"type": "object"},
        "outputs": outputs,
    }
    return {"type": "object", "properties": properties, "required": ["model_name", "model_version", "outputs"]}


def _request(subject: Subject) -> Schema:
    model = subject.interface
    forms = {"inputs": _inputs(subject)} if subject.readable else {}
    kind = "Record" if model.records is not None else "Row"
    forms["records"] = listed(subject.ref(kind), model.max_rows)
    return _request_of(forms, _wanted({"type": "string", "enum": list(model.outputs)}))


def _wanted(name: Schema) -> Schema:
    properties = {"name": name, "parameters": OUTPUT_PARAMETERS}
    return {"type": "object", "properties": properties, "required": ["name"]}


def _inputs(subject: Subject) -> Schema:
    model = subject.interface
    tensors = [_given(subject, tensor, model.bounds.get(name)) for name, tensor in model.inputs.items()]
    if len(tensors) == 1:
        return exactly(tensors[0], 1)
    return {
        **exactly({"oneOf": tensors}, len(tensors)),
        "description": "Every input once, in any order, all of the same number of rows.",
        "allOf": [{"contains": {"properties": {"name": {"const": name}}}} for name in model.inputs],
    }


def _given(subject: Subject, tensor: Tensor, bounds: Bounds | None) -> Schema:
    """One input, its data flat or as rows."""
    rows = subject.interface.max_rows
    flat = listed(loosest(tensor, bounds), rows * tensor.size)
    nested = listed(subject.ref("input", tensor.name), rows)
    properties = {
        "name": {"type": "string", "const": tensor.name},
        "datatype": {"type": "string", "const": tensor.dtype},
        "shape": _shape(tensor, {"type": "integer", "minimum": 1, "maximum": rows}),
        "data": {"anyOf": [flat, nested]} if tensor.shape else flat,
        "parameters": {"type": "object"},
    }
    return {
        "title": tensor.name,
        "description": tensor.description,
        "type": "object",
        "properties": properties,
        "required": ["name", "datatype", "shape", "data"],
    }


def _answer(subject: Subject) -> Schema:
    model = subject.interface
    outputs = [kind for tensor in model.outputs.values() for kind in (_numbers(tensor), _classes(tensor))]
    return _answer_of({"type": "string", "const": model.name}, listed({"oneOf": outputs}, len(model.outputs)))


def _numbers(tensor: Tensor) -> Schema:
    shape = _shape(tensor, {"type": "integer", "minimum": 1})
    return _answered(tensor, tensor.dtype, shape, element(tensor.dtype), tensor.description)


def _classes(tensor: Tensor) -> Schema:
    shape: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1}
    text = {"type": "string", "description": "`score:index`, and `:label` where the model has labels."}
    return _answered(tensor, "BYTES", shape, text, "Where classes are asked for, the best first.")


def _answered(tensor: Tensor, datatype: str, shape: Schema, items: Schema, description: str) -> Schema:
    properties = {
        "name": {"type": "string", "const": tensor.name},
        "datatype": {"type": "string", "const": datatype},
        "shape": shape,
        "data": listed(items),
        "parameters": {"type": "object", "properties": {"binary_data_size": LENGTH}},
    }
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": ["name", "datatype", "shape"],
    }


def _shape(tensor: Tensor, rows: Schema) -> Schema:
    sizes = [rows, *({"type": "integer", "const": size} for size in tensor.shape)]
    return {"type": "array", "prefixItems": sizes, "minItems": len(sizes), "maxItems": len(sizes)}
