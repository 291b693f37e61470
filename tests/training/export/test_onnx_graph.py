"""`training.export.onnx_graph`."""

from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from tests.training.export.exporting import export, run_onnx
from training.errors import ExportError
from training.export.onnx_graph import _check_operations

ROWS = np.random.default_rng(0).normal(3, 2, (5, 4)).astype(np.float32)


def test_statistics_are_constants(tmp_path: Path) -> None:
    """The mean and variance of an adapted Normalization layer are in the graph, not among its inputs."""
    normalization = keras.layers.Normalization()
    normalization.adapt(ROWS)
    export(keras.Sequential([keras.Input((4,), name="x"), normalization]), tmp_path, [ROWS])
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    assert [tensor.name for tensor in session.get_inputs()] == ["x"]
    (received,) = run_onnx(tmp_path, [ROWS])
    assert np.allclose(received.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(received.std(axis=0), 1, atol=1e-5)


def test_lengths_of_outputs_are_written(tmp_path: Path) -> None:
    """The graph says the shape of its outputs even where the converter could not tell."""
    rows = np.arange(10, dtype=np.int32).reshape(5, 2)
    counted = keras.layers.Discretization([1, 4, 6], output_mode="multi_hot")
    export(keras.Sequential([keras.Input((2,), dtype="int32"), counted]), tmp_path, [rows])
    (output,) = onnxruntime.InferenceSession(tmp_path / "model.onnx").get_outputs()
    assert output.shape[1:] == [4]
    assert not isinstance(output.shape[0], int)


def test_functions_of_keras_are_converted(tmp_path: Path) -> None:
    """A grouped convolution, which Keras compiles by itself, is part of the graph."""
    rows = np.random.default_rng(0).normal(size=(2, 5, 5, 4)).astype(np.float32)
    model = keras.Sequential([keras.Input((5, 5, 4)), keras.layers.Conv2D(4, 3, groups=2)])
    export(model, tmp_path, [rows])
    assert np.allclose(run_onnx(tmp_path, [rows])[0], np.asarray(model(rows)), atol=1e-5)


def test_unknown_operations_are_named(tmp_path: Path) -> None:
    """What ONNX does not have is named."""
    x = keras.Input((4,))
    with pytest.raises(ExportError, match=r"^Expected operations that ONNX has\. Received Bitcast\.$"):
        export(keras.Model(x, keras.ops.argmax(x, axis=-1)), tmp_path, [ROWS])


def test_unknown_operations_within_others_are_named() -> None:
    """So is one in a branch or in the body of a loop."""
    inner = onnx.helper.make_graph([onnx.helper.make_node("Strange", [], ["y"])], "inner", [], [])
    branch = onnx.helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner)
    proto = onnx.helper.make_model(onnx.helper.make_graph([branch], "outer", [], []))
    with pytest.raises(ExportError, match=r"Received Strange\.$"):
        _check_operations(proto)


def test_tables_of_words_are_named(tmp_path: Path) -> None:
    """A lookup in a hash table, whose content is not in the graph, is refused by name."""
    model = keras.Sequential([keras.Input((2,), dtype="int64"), keras.layers.IntegerLookup(vocabulary=[1, 2])])
    with pytest.raises(ExportError, match=r"Received LookupTableFindV2\.$"):
        export(model, tmp_path, [np.ones((3, 2), np.int64)])


def test_datatypes_without_a_kernel_are_named(tmp_path: Path) -> None:
    """An operation that ONNX or its runtime has, but not for the datatype, is named with it."""
    x = keras.Input((4,), dtype="uint16")
    with pytest.raises(ExportError, match=r"Received ReduceMax of tensor\(uint16\)\.$"):
        export(keras.Model(x, keras.ops.max(x, axis=-1)), tmp_path, [ROWS.astype(np.uint16)])
    y = keras.Input((4,), dtype="uint8")
    with pytest.raises(ExportError, match=r"Received ReduceSum\.$"):
        export(keras.Model(y, keras.ops.sum(y, axis=-1)), tmp_path, [ROWS.astype(np.uint8)])
