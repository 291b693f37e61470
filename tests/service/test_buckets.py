"""Batch sizes that give the same bits are found, and only those are used."""

from __future__ import annotations

import dataclasses
import itertools
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from service.artifact import Artifact, Manifest, read_artifact
from service.buckets import MIXED_TOLERANCE, Timed, agreeing_sizes, compare, losses, summary
from service.engines.onnxruntime import OnnxRuntimeEngine
from service.errors import ArtifactError
from service.execution import Executor
from service.signature import Signature
from tests.service.test_execution import Part
from tests.toy_engines import Arrays, Bent, Doubling, NotFinite, PlaceBound, SizeBound, answers


@pytest.fixture(scope="module")
def artifact(toy_home: Path) -> Artifact:
    """The toy's artifact."""
    return read_artifact(toy_home / "models" / "toy" / "1", "toy", 1)


def test_an_engine_without_such_habits_uses_every_size(artifact: Artifact) -> None:
    """Where all sizes agree, none is left out."""
    assert agreeing_sizes(Doubling(), artifact, 16) == list(range(1, 17))


@pytest.mark.parametrize("odd", [(1,), (1, 2, 3), (7,), (2, 4, 6, 8)])
def test_sizes_whose_bits_differ_are_left_out(artifact: Artifact, odd: tuple[int, ...]) -> None:
    """Sizes that disagree with the largest in one bit are not used."""
    wanted = [size for size in range(1, 17) if size not in odd]
    assert agreeing_sizes(SizeBound(*odd), artifact, 16) == wanted


def test_the_class_of_the_largest_size_wins(artifact: Artifact) -> None:
    """A larger class without the largest size does not win, so that full batches stay possible."""
    assert agreeing_sizes(SizeBound(15, 16), artifact, 16) == [15, 16]


def test_sizes_that_depend_on_the_place_are_left_out(artifact: Artifact) -> None:
    """A size in which a row's bits depend on where it stands is not used."""
    assert agreeing_sizes(PlaceBound(4, 5), artifact, 8) == [1, 2, 3, 6, 7, 8]


def test_a_largest_size_that_depends_on_the_place_is_refused(artifact: Artifact) -> None:
    """Where full batches cannot promise equal bits, the artifact is refused with the reason."""
    with pytest.raises(ArtifactError, match="position in a batch of 8 rows"):
        agreeing_sizes(PlaceBound(8), artifact, 8)


@pytest.mark.parametrize("count", [4, 8, 16])
def test_examples_are_moved_where_they_fill_whole_batches(artifact: Artifact, count: int) -> None:
    """Also where every example has one place in its batch by itself, it is tried at others."""
    few = dataclasses.replace(
        artifact,
        inputs={name: np.resize(array, (count, *array.shape[1:])) for name, array in artifact.inputs.items()},
        outputs={name: np.resize(array, (count, *array.shape[1:])) for name, array in artifact.outputs.items()},
    )
    assert agreeing_sizes(Doubling(), few, count)[-1] == count
    with pytest.raises(ArtifactError, match=f"position in a batch of {count} rows"):
        agreeing_sizes(PlaceBound(count), few, count)


def test_the_fastest_call_of_a_size_counts(artifact: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every size is timed, by calls of that many rows, and what only noise added is left out."""
    now, noise = 0.0, itertools.chain([2.0, 0.0], itertools.repeat(1.0))

    class Slow(Doubling):
        def run(self, inputs: Arrays) -> Arrays:
            nonlocal now
            rows = len(inputs["x"])
            now += rows + (next(noise) if rows == 4 else 0.0)
            return super().run(inputs)

    monkeypatch.setattr("service.buckets.perf_counter", lambda: now)
    timed = Timed(Slow())
    assert agreeing_sizes(timed, artifact, 4) == [1, 2, 3, 4]
    assert timed.fastest_s == {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_examples_whose_answers_are_not_finite_are_refused(artifact: Artifact, value: float) -> None:
    """A model that answers NaN or an infinity to its own examples is refused."""
    broken = NotFinite(value)
    clean = broken.run
    broken.run = lambda inputs: clean({"x": np.full_like(inputs["x"], -99.0)})  # type: ignore[method-assign]
    with pytest.raises(ArtifactError, match="stored answers of double"):
        agreeing_sizes(broken, artifact, 4)


def test_answers_beyond_the_tolerance_are_refused(artifact: Artifact) -> None:
    """Answers apart by more than the signature allows are refused; apart by less, they are not."""
    stored = answers(artifact.inputs["x"])
    compare(artifact, stored | {"double": stored["double"] * np.float32(1 + 1e-6)}, 4)
    with pytest.raises(ArtifactError, match=r"within rtol 1e-06, atol 1e-06\. Received answers 0\.01"):
        compare(artifact, stored | {"double": stored["double"] + np.float32(0.01)}, 4)
    with pytest.raises(ArtifactError, match="batches of 4"):
        compare(artifact, stored | {"double": stored["double"][:-1]}, 4)


def test_mixed_precision_has_tolerances_of_its_own(artifact: Artifact) -> None:
    """In mixed precision answers may differ as float16 does, relative to the output's largest; not by more."""
    stored = answers(artifact.inputs["x"])
    largest = np.abs(stored["double"]).max()
    for apart, allowed in ((0.9 * MIXED_TOLERANCE, True), (2.5 * MIXED_TOLERANCE, False)):
        changed = stored | {"double": stored["double"] + np.float32(apart * largest)}
        with pytest.raises(ArtifactError, match="atol 1e-06"):
            compare(artifact, changed, 4)
        with nullcontext() if allowed else pytest.raises(ArtifactError, match=r"rtol 0\.0078125"):
            compare(artifact, changed, 4, mixed_precision=True)


def test_an_infinite_answer_allows_no_other(artifact: Artifact) -> None:
    """A stored infinity does not make the tolerance of mixed precision infinite."""
    stored = answers(artifact.inputs["x"])
    endless = dataclasses.replace(artifact, outputs=stored | {"double": stored["double"].copy()})
    endless.outputs["double"][0, 0] = np.inf
    with pytest.raises(ArtifactError, match="stored answers of double"):
        compare(endless, stored, 4, mixed_precision=True)


def test_an_engine_in_mixed_precision_is_held_to_its_own_tolerances(artifact: Artifact) -> None:
    """Answers a thousandth apart are refused of an engine in full precision; of one in mixed, the loss is told."""

    class Rounded(Doubling):
        def run(self, inputs: Arrays) -> Arrays:
            outputs = super().run(inputs)
            return outputs | {"double": outputs["double"] * np.float32(1.001)}

    engine = Rounded()
    with pytest.raises(ArtifactError, match="stored answers of double"):
        agreeing_sizes(engine, artifact, 4)
    engine.mixed_precision = True
    assert agreeing_sizes(engine, artifact, 4) == [1, 2, 3, 4]
    largest = float(np.abs(artifact.outputs["double"]).max())
    assert losses(engine, artifact, 4) == pytest.approx({"double": largest / 1000, "total": 0.0}, rel=1e-3)


def test_answers_that_are_true_or_false_are_compared_too(toy_home: Path) -> None:
    """A difference between truth values is refused with the usual reason."""
    tensor = {"name": "yes", "dtype": "BOOL", "shape": [1], "description": "", "rtol": 0.0, "atol": 0.0}
    plain = {"name": "x", "dtype": "FP32", "shape": [1], "description": ""}
    signature = Signature.model_validate(
        {"format": 1, "name": "b", "task": "classification", "inputs": [plain], "outputs": [tensor]}
        | {"fields": [], "result": []}
    )
    outputs = {"yes": np.array([[True], [False]])}
    manifest = Manifest.model_construct()
    artifact = Artifact(toy_home, signature, manifest, {"x": np.zeros((2, 1), np.float32)}, outputs, [])
    compare(artifact, outputs, 2)
    with pytest.raises(ArtifactError, match="Received answers 1 apart"):
        compare(artifact, {"yes": np.array([[True], [True]])}, 2)


@pytest.mark.parametrize("bend", [lambda out: None, lambda out: {k: v[:-1] for k, v in out.items()}])
def test_an_engine_that_breaks_its_promise_is_not_accepted(artifact: Artifact, bend: Any) -> None:
    """Wrong row counts or no answer at all never end in a list of sizes."""
    engine = Bent(bend)
    clean = engine.run
    engine.run = lambda inputs: clean({"x": np.full_like(inputs["x"], -99.0)})  # type: ignore[method-assign]
    with pytest.raises((ArtifactError, TypeError, IndexError, AttributeError)):
        agreeing_sizes(engine, artifact, 4)


def dense_model(folder: Path, signature: Signature, random: np.random.Generator) -> Path:
    """A network of two dense layers, 33 to 65 to 10 with softmax: sizes at which processors change their path."""
    shapes = {"w1": (33, 65), "b1": (65,), "w2": (65, 10), "b2": (10,)}
    weights = [numpy_helper.from_array(random.normal(size=s).astype(np.float32), n) for n, s in shapes.items()]
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "w2", "b2"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["p"]),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["rows", w]) for n, w in (("x", 33), ("p", 10))]
    graph = helper.make_graph(nodes, "dense", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


def test_real_rows_are_bit_equal_in_every_batch(tmp_path: Path) -> None:
    """With the sizes that were found, a dense network's row has the same bits alone, batched, permuted and padded."""
    random = np.random.default_rng(3)
    described = {"description": "", "dtype": "FP32"}
    signature = Signature.model_validate(
        {"format": 1, "name": "dense", "task": "classification", "fields": [], "result": []}
        | {"inputs": [{"name": "x", "shape": [33], **described}]}
        | {"outputs": [{"name": "p", "shape": [10], "rtol": 1e-4, "atol": 1e-5, **described}]}
    )
    engine = OnnxRuntimeEngine(dense_model(tmp_path, signature, random), signature, 1)
    x = random.normal(size=(48, 33)).astype(np.float32)
    artifact = Artifact(tmp_path, signature, Manifest.model_construct(), {"x": x}, engine.run({"x": x}), [])
    executor = Executor(engine, signature, agreeing_sizes(engine, artifact, 32))
    alone = [executor.execute([Part({"x": x}, i, i + 1)])[0]["p"].tobytes() for i in range(48)]  # type: ignore[index]
    for rows in (2, 3, 8, 17, 31, 32):
        chosen = random.choice(48, rows, replace=False)
        outcomes = executor.execute([Part({"x": x}, int(i), int(i) + 1) for i in chosen])
        assert [outcome["p"].tobytes() for outcome in outcomes] == [alone[i] for i in chosen]  # type: ignore[index]


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ([1], "1"),
        ([1, 2, 3], "1-3"),
        ([4, 5], "4,5"),
        ([2, 4, 8], "2,4,8"),
        ([1, 2, 4, 8, 12, 20], "1,2,4-12 by 4,20"),
        ([1, 2, 4], "1,2,4"),
        ([64], "64"),
    ],
)
def test_sizes_in_words(sizes: list[int], text: str) -> None:
    """A run of sizes is written by its ends, others one by one."""
    assert summary(sizes) == text
