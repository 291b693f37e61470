"""`training.export.operations`: what the converter lacks, held against Keras."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.training.export.exporting import export, run_onnx
from training.errors import ExportError

SPREAD = np.linspace(-6, 6, 241, dtype=np.float32).reshape(-1, 1)


@pytest.mark.parametrize("activation", ["gelu", "celu", "elu"])
def test_activations(tmp_path: Path, activation: str) -> None:
    """Erfc and Expm1: gelu and celu over the range in which they bend."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Activation(activation)])
    export(model, tmp_path, [SPREAD])
    (received,) = run_onnx(tmp_path, [SPREAD])
    assert np.allclose(received, np.asarray(model(SPREAD)), atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_bucketize(tmp_path: Path, dtype: str) -> None:
    """A number on a boundary belongs to the bucket above it, whatever the datatype."""
    model = keras.Sequential([keras.Input((3,), dtype=dtype), keras.layers.Discretization([-1.0, 0.0, 2.0])])
    rows = np.arange(-3, 6).reshape(3, 3).astype(dtype)
    export(model, tmp_path, [rows])
    (received,) = run_onnx(tmp_path, [rows])
    assert received.ravel().tolist() == np.digitize(np.arange(-3, 6), [-1, 0, 2]).tolist()


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize(("before", "after"), [(12, 7), (7, 12), (9, 9), (3, 22), (15, 2)])
def test_resize(tmp_path: Path, interpolation: str, before: int, after: int) -> None:
    """Sizes whose ratio is no float32, smaller and larger, height other than width."""
    model = keras.Sequential([keras.Input((before, 8, 2)), keras.layers.Resizing(after, 5, interpolation)])
    rows: Any = np.random.default_rng(0).normal(size=(3, before, 8, 2)).astype(np.float32)
    export(model, tmp_path, [rows])
    (received,) = run_onnx(tmp_path, [rows])
    assert np.allclose(received, np.asarray(model(rows)), atol=1e-5)


def test_bicubic_is_refused(tmp_path: Path) -> None:
    """ONNX Runtime weighs the neighbours in another way than TensorFlow."""
    model = keras.Sequential([keras.Input((6, 8, 2)), keras.layers.Resizing(3, 5, "bicubic")])
    with pytest.raises(ExportError, match=r"Received ResizeBicubic\.$"):
        export(model, tmp_path, [np.zeros((2, 6, 8, 2), np.float32)])
