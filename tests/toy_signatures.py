"""Signatures and interfaces for tests, each told in one line."""

from __future__ import annotations

import json
from typing import Any

from service.interface import Interface
from service.signature import Signature, Tensor

KEYS: dict[str, dict[str, Any]] = {
    "number": {"unit": "", "minimum": None, "maximum": None, "whole": False},
    "category": {"vocabulary": ["red", "green", "blue"]},
    "time": {},
    "date": {"minimum": "2013-01-01", "maximum": "2013-12-31"},
    "image": {"height": 3, "width": 4},
}
"""The further keys of each kind of field."""


def tensor(name: str = "x", dtype: str = "FP32", shape: tuple[int, ...] = (2,)) -> dict[str, Any]:
    """An input of a `signature.json`."""
    return {"name": name, "dtype": dtype, "shape": list(shape), "description": "Numbers."}


def output(name: str = "y", shape: tuple[int, ...] = (1,), dtype: str = "FP32") -> dict[str, Any]:
    """An output of a `signature.json`."""
    return {**tensor(name, dtype, shape), "rtol": 1e-6, "atol": 1e-6}


def field(kind: str, name: str, *fills: tuple[str, int | None], **keys: Any) -> dict[str, Any]:
    """A field of a `signature.json`; without fills, the first place of `x`."""
    places = [{"input": where, "index": index} for where, index in fills or (("x", 0),)]
    common = {"name": name, "kind": kind, "description": "One thing.", "fills": places, "default": None}
    return {**common, **KEYS[kind], **keys}


def result(kind: str, name: str, **keys: Any) -> dict[str, Any]:
    """A key of the answer, read from `y` unless told otherwise."""
    return {"name": name, "kind": kind, "description": "One thing.", "output": "y", **keys}


def document(**changes: Any) -> dict[str, Any]:
    """A `signature.json` of the model `xor`, with some keys of its top changed."""
    whole = {"format": 1, "name": "xor", "task": "classification", "fields": [], "result": []}
    return {**whole, "inputs": [tensor()], "outputs": [output()], **changes}


def signature(**changes: Any) -> Signature:
    """`document` as the service reads it."""
    return Signature.model_validate_json(json.dumps(document(**changes)))


def interface(*, version: int = 3, max_rows: int = 8, **changes: Any) -> Interface:
    """The interface of a `document`."""
    return Interface(signature(**changes), version, max_rows)


def one_tensor(dtype: str = "FP32", shape: tuple[int, ...] = (2,)) -> Tensor:
    """An input as the service reads it."""
    return signature(inputs=[tensor("x", dtype, shape)]).inputs[0]


def wide_deep(**changes: Any) -> Interface:
    """Two inputs and two outputs."""
    tensors = {"inputs": [tensor("wide"), tensor("deep")], "outputs": [output("main"), output("aux")]}
    return interface(name="wide_deep", **{**tensors, **changes})


def every_kind(**changes: Any) -> Interface:
    """Every kind of field, and every kind of result."""
    return interface(
        inputs=[tensor("x", "FP32", (5,)), tensor("picture", "UINT8", (3, 4))],
        outputs=[output("y", (3,))],
        fields=[
            field("number", "size", ("x", 0), minimum=-10.0, maximum=10.0, unit="m"),
            field("number", "count", ("x", 1), minimum=0, whole=True),
            field("category", "colour", ("x", 2), default="green"),
            field("time", "start", ("x", 3)),
            field("date", "day", ("x", 4)),
            field("image", "picture", ("picture", None)),
        ],
        result=[
            result("label", "winner", labels=["a", "b", "c"]),
            result("values", "all"),
            result("number", "second", index=1, unit="m"),
            result("threshold", "large", index=2, threshold=0.5),
        ],
        **changes,
    )
