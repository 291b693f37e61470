"""ONNX Runtime answers what the signature says, or refuses the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import ArtifactError
from service.signature import DTYPES, Signature
from tests import toy
from tests.toy_engines import SIGNATURE, answers, same

TYPES = {"BOOL": "BOOL", "FP16": "FLOAT16", "FP32": "FLOAT", "FP64": "DOUBLE"}


@pytest.fixture(scope="module")
def engine(toy_home: Path) -> OnnxRuntimeEngine:
    """The toy."""
    return OnnxRuntimeEngine(toy_home / "models" / "toy" / "1" / "model.onnx", SIGNATURE, 1)


@pytest.mark.parametrize("count", [1, 2, 3, 64, 1000])
def test_any_number_of_rows(engine: OnnxRuntimeEngine, count: int) -> None:
    """Rows out equal rows in, in their order and in the signature's order of outputs."""
    x = np.random.default_rng(count).normal(size=(count, 2)).astype(np.float32)
    assert same(engine.run({"x": x}), answers(x))


def test_rows_do_not_depend_on_their_batch(engine: OnnxRuntimeEngine) -> None:
    """A permuted batch has the permuted answers, bit for bit."""
    x = np.random.default_rng(1).normal(size=(64, 2)).astype(np.float32)
    order = np.random.default_rng(2).permutation(64)
    together, permuted = engine.run({"x": x}), engine.run({"x": x[order]})
    assert all(permuted[name].tobytes() == together[name][order].tobytes() for name in together)


def test_arrays_that_are_views_are_read_rightly(engine: OnnxRuntimeEngine) -> None:
    """Slices, steps and transposes are computed as the numbers they stand for."""
    base = np.random.default_rng(3).normal(size=(2, 20)).astype(np.float32)
    for x in (base.T, base.T[3:9], base.T[::2], base.T[::-1]):
        assert same(engine.run({"x": x}), answers(np.ascontiguousarray(x)))


def test_threads_do_not_change_answers(engine: OnnxRuntimeEngine, toy_home: Path) -> None:
    """With several threads for one batch the answers have the same bits."""
    several = OnnxRuntimeEngine(toy_home / "models" / "toy" / "1" / "model.onnx", SIGNATURE, 3)
    x = np.random.default_rng(4).normal(size=(1000, 2)).astype(np.float32)
    assert same(several.run({"x": x}), engine.run({"x": x}))


@pytest.mark.parametrize("most", [1, 2, 3, 64, 100, 256, 1000])
def test_sizes_end_in_the_largest(engine: OnnxRuntimeEngine, most: int) -> None:
    """The sizes to prepare ascend from one to the largest, without repetition."""
    sizes = engine.sizes(most)
    assert sizes == sorted(set(sizes))
    assert (sizes[0], sizes[-1]) == (1, most)


@pytest.mark.parametrize("name", DTYPES)
def test_every_datatype_passes(tmp_path: Path, name: str) -> None:
    """A model of any datatype that a signature can have loads, and its tensors come back as they went in."""
    element = getattr(TensorProto, TYPES.get(name, name))
    ends = [helper.make_tensor_value_info(end, element, ["rows", 3]) for end in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "model.onnx")
    tensor = {"dtype": name, "shape": [3], "description": ""}
    signature = toy.signature(fields=False) | {
        "inputs": [{"name": "x", **tensor}],
        "outputs": [{"name": "y", "rtol": 0.0, "atol": 0.0, **tensor}],
    }
    engine = OnnxRuntimeEngine(tmp_path / "model.onnx", Signature.model_validate(signature), 1)
    x = np.array([[0, 1, 1], [1, 0, 0]], dtype=DTYPES[name])
    y = engine.run({"x": x})["y"]
    assert (y.dtype, y.tolist()) == (x.dtype, x.tolist())


def changed(side: str, **change: Any) -> Signature:
    """The toy's signature with its first input or output changed."""
    signature = toy.signature(fields=False)
    signature[side] = [signature[side][0] | change, *signature[side][1:]]
    return Signature.model_validate(signature)


@pytest.mark.parametrize(
    ("side", "change"),
    [
        ("inputs", {"name": "y"}),
        ("inputs", {"dtype": "FP64"}),
        ("inputs", {"shape": [3]}),
        ("inputs", {"shape": [2, 1]}),
        ("inputs", {"shape": []}),
        ("outputs", {"name": "triple"}),
        ("outputs", {"dtype": "INT32"}),
        ("outputs", {"shape": [1]}),
    ],
    ids=str,
)
def test_tensors_must_be_those_of_the_signature(toy_home: Path, side: str, change: dict[str, Any]) -> None:
    """A file whose names, datatypes or shapes are others than the signature's is refused, and the side is named."""
    with pytest.raises(ArtifactError, match=f"Expected {side}"):
        OnnxRuntimeEngine(toy_home / "models" / "toy" / "1" / "model.onnx", changed(side, **change), 1)


def test_an_output_that_nobody_asked_for_is_refused(toy_home: Path) -> None:
    """A file with more outputs than the signature has is refused."""
    signature = toy.signature(fields=False)
    signature["outputs"] = signature["outputs"][:1]
    with pytest.raises(ArtifactError, match="Expected outputs"):
        OnnxRuntimeEngine(toy_home / "models" / "toy" / "1" / "model.onnx", Signature.model_validate(signature), 1)


@pytest.mark.parametrize("cut", [0, 1, 10, 50, 0.5, 0.9])
def test_a_cut_file_is_refused(toy_home: Path, tmp_path: Path, cut: float) -> None:
    """A truncated model is an artifact error, not an exception of ONNX Runtime, and shows no path."""
    whole = (toy_home / "models" / "toy" / "1" / "model.onnx").read_bytes()
    path = tmp_path / "model.onnx"
    path.write_bytes(whole[: int(cut * len(whole) if 0 < cut < 1 else cut)])
    with pytest.raises(ArtifactError) as refused:
        OnnxRuntimeEngine(path, SIGNATURE, 1)
    assert str(tmp_path) not in str(refused.value)
