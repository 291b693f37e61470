"""A toy model whose answer is obvious: `double` is twice the row, `total` its sum. Written without TensorFlow."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

FIELDS: list[dict[str, Any]] = [
    {
        "name": "size",
        "kind": "number",
        "description": "How large it is.",
        "fills": [{"input": "x", "index": 0}],
        "default": None,
        "unit": "m",
        "minimum": -100.0,
        "maximum": 100.0,
        "whole": False,
    },
    {
        "name": "colour",
        "kind": "category",
        "description": "Which colour it has.",
        "fills": [{"input": "x", "index": 1}],
        "default": "red",
        "vocabulary": ["red", "green", "blue"],
    },
]
RESULT: list[dict[str, Any]] = [
    {"name": "total", "kind": "number", "description": "The sum.", "output": "total", "index": 0, "unit": "m"},
    {"name": "large", "kind": "threshold", "description": "Is it?", "output": "total", "index": 0, "threshold": 10.0},
]


def signature(name: str = "toy", *, fields: bool = True) -> dict[str, Any]:
    """The toy's `signature.json`."""
    output = {"dtype": "FP32", "rtol": 1e-6, "atol": 1e-6, "description": "An answer."}
    return {
        "format": 1,
        "name": name,
        "task": "regression",
        "inputs": [{"name": "x", "dtype": "FP32", "shape": [2], "description": "Two numbers."}],
        "outputs": [{"name": "double", "shape": [2], **output}, {"name": "total", "shape": [1], **output}],
        "fields": FIELDS if fields else [],
        "result": RESULT if fields else [],
    }


def onnx_model(scale: float = 1.0) -> onnx.ModelProto:
    """The toy's ONNX graph, with a free batch axis; `total` times `scale`."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 2])
    outputs = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, ["rows", w]) for n, w in (("double", 2), ("total", 1))
    ]
    nodes = [
        helper.make_node("Add", ["x", "x"], ["double"]),
        helper.make_node("ReduceSum", ["x", "axis"], ["sum"], keepdims=1),
        helper.make_node("Mul", ["sum", "scale"], ["total"]),
    ]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
    factor = helper.make_tensor("scale", TensorProto.FLOAT, [1], [scale])
    graph = helper.make_graph(nodes, "toy", [x], outputs, [axis, factor])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def examples(rows: int = 5, scale: float = 1.0) -> dict[str, np.ndarray]:
    """Arrays of `examples.npz`; the second number is a colour's index."""
    x = np.stack([np.linspace(-9, 9, rows), np.arange(rows) % 3], axis=1).astype(np.float32)
    return {"inputs/x": x, "outputs/double": x + x, "outputs/total": np.float32(scale) * x.sum(axis=1, keepdims=True)}


def write(
    home: Path, name: str = "toy", version: int = 1, *, fields: bool = True, scale: float = 1.0, sound: bool = True
) -> Path:
    """Write the toy as an artifact into the BentoML home `home` and return its folder.

    The folder is built elsewhere and renamed into place, as training does it. `total` is `scale` times the sum; an
    unsound one has a changed byte in its model.
    """
    place = home / "models" / name / str(version)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = home / f"draft-{name}-{version}"
    (folder / "saved_model").mkdir(parents=True)
    (folder / "report").mkdir()
    (folder / "model.keras").write_bytes(b"not read by the service")
    (folder / "report" / "card.md").write_text("# toy\n")
    (folder / "signature.json").write_text(json.dumps(signature(name, fields=fields)))
    onnx.save(onnx_model(scale), folder / "model.onnx")
    arrays = examples(scale=scale)
    np.savez(folder / "examples.npz", **arrays)  # type: ignore[arg-type]
    colours = FIELDS[1]["vocabulary"]
    rows = [
        {"size": float(size), "colour": colours[int(colour)]} if fields else {"x": [float(size), float(colour)]}
        for size, colour in arrays["inputs/x"]
    ]
    (folder / "examples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    seal(folder, name, version)
    if not sound:
        model = folder / "model.onnx"
        model.write_bytes(model.read_bytes()[:-1] + b"\xff")
    return folder.rename(place)


def seal(folder: Path, name: str = "toy", version: int = 1) -> None:
    """Write the manifest over the files as they are now."""
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", "model.yaml")
    }
    manifest = {
        "format": 1,
        "name": name,
        "version": version,
        "created": "2026-01-31T12:00:00Z",
        "files": files,
        "weights": hashlib.sha256(b"").hexdigest(),
        "training": None,
        "seed": None,
        "packages": {},
        "data": None,
        "revision": None,
        "machine": "a toy's",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
