"""JSON schemas of TensorFlow Serving's classify and regress, for one model and for any."""

from __future__ import annotations

from service.openapi.predict_schemas import SIGNATURE_NAME, takes_json
from service.openapi.subject import Schema, Subject
from service.openapi.tensor_schemas import exactly, listed, loosest
from service.signature import LabelResult

CONTEXT: Schema = {"type": "object", "description": "Features of every example that does not have its own."}
SCORE: Schema = {"type": "number", "format": "float"}


def verbs(subject: Subject) -> tuple[str, ...]:
    """Which of the two calls a model answers."""
    model = subject.interface
    if not takes_json(subject):
        return ()
    if model.signature.task == "classification":
        return ("classify",)
    return ("regress",) if _numbers(subject) else ()


def components(subject: Subject) -> dict[str, Schema]:
    """The schemas of a model's calls with examples, by component name."""
    found: dict[str, Schema] = {}
    if not verbs(subject):
        return found
    kinds = [subject.ref("Record")] if subject.interface.records is not None else []
    if subject.readable:
        found[subject.schema("Features")] = _features(subject)
        kinds.append(subject.ref("Features"))
    found[subject.schema("ExamplesRequest")] = _request(subject, kinds)
    labels = _scores(_labels(subject))
    found[subject.schema("ExamplesAnswer")] = _results(labels if verbs(subject) == ("classify",) else SCORE)
    return found


def _request(subject: Subject, kinds: list[Schema]) -> Schema:
    """Examples that are whole and all of one kind, or a context that completes them."""
    most = subject.interface.max_rows
    names = list(SIGNATURE_NAME["enum"])
    if verbs(subject) == ("regress",):
        names += [name for name in _numbers(subject) if name not in names]
    complete = {"examples": {"anyOf": [listed(kind, most) for kind in kinds]}}
    return {
        "type": "object",
        "properties": {
            "signature_name": {"type": "string", "enum": names},
            "context": CONTEXT,
            "examples": listed({"type": "object"}, most),
        },
        "required": ["examples"],
        "anyOf": [{"title": "whole examples", "properties": complete}, {"title": "context", "required": ["context"]}],
    }


def generic() -> dict[str, Schema]:
    """Classify and regress of whatever model."""
    return {
        "ExamplesRequest": {
            "type": "object",
            "properties": {
                "signature_name": {"type": "string"},
                "context": CONTEXT,
                "examples": listed({"type": "object"}),
            },
            "required": ["examples"],
        },
        "ClassifyAnswer": _results(_scores([])),
        "RegressAnswer": _results(SCORE),
    }


def _results(items: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"results": listed(items)},
        "required": ["results"],
        "additionalProperties": False,
    }


def _scores(labels: list[str]) -> Schema:
    """Every class of one example with its score."""
    label: Schema = {"type": "string", **({"enum": labels} if labels else {})}
    pair = {"type": "array", "prefixItems": [label, SCORE], "minItems": 2, "maxItems": 2}
    return exactly(pair, len(labels)) if labels else listed(pair)


def _labels(subject: Subject) -> list[str]:
    for entry in subject.interface.signature.result:
        if isinstance(entry, LabelResult):
            return [str(label) for label in entry.labels]
    return []


def _numbers(subject: Subject) -> list[str]:
    """The outputs of one number a row."""
    return [name for name, tensor in subject.interface.outputs.items() if tensor.size == 1]


def _features(subject: Subject) -> Schema:
    """An example of inputs by name: a flat list of numbers, or nested as the input is."""
    model = subject.interface
    properties = {}
    for name, tensor in model.inputs.items():
        forms = [subject.ref("input", name)]
        element = loosest(tensor, model.bounds.get(name))
        if len(tensor.shape) != 1:
            forms.append(exactly(element, tensor.size))
        if tensor.size == 1 and tensor.shape:
            forms.append(element)
        properties[name] = {"anyOf": forms} if len(forms) > 1 else forms[0]
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
