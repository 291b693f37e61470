"""Models to describe, of every kind that a document must cover, and ways to hold JSON against what it says."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator

from service.artifact import Examples
from service.interface import Interface
from service.openapi.document import document
from service.openapi.subject import Subject
from service.settings import Settings
from service.signature import Signature
from tests import toy
from tests.toy_signatures import every_kind, interface, output, result, tensor, wide_deep

ROUTES = {"/ask_toy": "toy", "/ask_kinds": "kinds", "/ask_nobody": "nobody"}
KINDS: list[dict[str, Any]] = [
    {"size": -2.5, "count": 3, "colour": "blue", "start": "05:15", "day": "2013-05-31", "picture": [[7] * 4] * 3},
    {"size": 0, "count": 0, "start": "23:59", "day": "2013-01-01", "picture": [[0, 1, 254, 255]] * 3},
]


def described(model: Interface, records: list[dict[str, Any]] | None = None, number: int | None = None) -> Subject:
    """A subject with two example rows: the records', or some that differ."""
    counted = {
        name: (np.arange(2 * one.size) % 5).reshape(2, *one.shape).astype(one.numpy)
        for name, one in model.inputs.items()
    }
    inputs = model.records.decode(records) if model.records is not None and records else counted
    plain = [{name: array[row].tolist() for name, array in inputs.items()} for row in range(2)]
    outputs = {
        name: (np.arange(2 * one.size).reshape(2, *one.shape) / 8).astype(one.numpy)
        for name, one in model.outputs.items()
    }
    return Subject(model, Examples(inputs, outputs, records or plain), number)


def the_toy(*, fields: bool = True, number: int | None = None) -> Subject:
    """The toy: one input, two outputs, a regression."""
    model = Interface(Signature.model_validate(toy.signature(fields=fields)), number or 1, 8)
    return described(model, [{"size": -9.0, "colour": "red"}, {"size": 2.5}] if fields else None, number)


def image_classes(name: str = "images") -> Subject:
    """A picture in, three classes out, of a model without fields."""
    picture = {**tensor("picture", "UINT8", (3, 4)), "minimum": 0, "maximum": 200}
    return described(interface(name=name, inputs=[picture], outputs=[output("y", (3,))]))


SUBJECTS: dict[str, Subject] = {
    "toy": the_toy(),
    "toy without fields": the_toy(fields=False),
    "several inputs and outputs": described(wide_deep()),
    "every kind of field and result": described(every_kind(name="kinds"), KINDS),
    "image": image_classes(),
    "numbers without an axis": described(
        interface(
            name="bare",
            task="regression",
            inputs=[tensor("x", "INT64", ()), tensor("on", "BOOL", (2,))],
            outputs=[output("y", ()), output("yes", (2,), "BOOL"), output("n", (1,), "UINT8")],
        )
    ),
    "half precision": described(interface(name="half", inputs=[tensor("x", "FP16", (2,))])),
    "half precision behind fields": described(
        interface(
            name="half.fields",
            inputs=[tensor("x", "FP16", (1,))],
            outputs=[output("y", (1,), "FP16")],
            fields=[
                {
                    "name": "size",
                    "kind": "number",
                    "description": "How large it is.",
                    "fills": [{"input": "x", "index": 0}],
                    "default": None,
                    "unit": "m",
                    "minimum": None,
                    "maximum": None,
                    "whole": False,
                }
            ],
            result=[result("number", "value", index=0, unit="")],
        ),
        [{"size": 1.5}, {"size": -2}],
    ),
}
"""By what is special about them."""


def whole(*subjects: Subject, changes: bool = False) -> dict[str, Any]:
    """The document of some subjects, as a client parses it."""
    settings = Settings(repository_key="0123456789abcdef" if changes else None)
    parsed: dict[str, Any] = json.loads(json.dumps(document(subjects, ROUTES, settings)))
    return parsed


def validator(schema: dict[str, Any], components: dict[str, Any]) -> Draft202012Validator:
    """Holds values against a schema of a document.

    Args:
        schema: May refer to components.
        components: The document's.
    """
    return Draft202012Validator({**schema, "components": components})


def component(schemas: dict[str, Any], name: str) -> Draft202012Validator:
    """Holds values against one of some component schemas."""
    return validator({"$ref": f"#/components/schemas/{name}"}, {"schemas": schemas})


def operations(parsed: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation, of all."""
    return [(path, method, one) for path, item in parsed["paths"].items() for method, one in item.items()]


def bodies(parsed: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Where it stands, media type and what is said, of every body of a document."""
    found = []
    for _, _, one in operations(parsed):
        places = {"request": one.get("requestBody", {}), **one["responses"]}
        for place, holder in places.items():
            for kind, body in holder.get("content", {}).items():
                found.append((f"{one['operationId']} {place}", kind, body))
    return found
