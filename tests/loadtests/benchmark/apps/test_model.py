"""The model on ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from loadtests.benchmark.apps.model import load


def test_model_runs_on_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits of UINT8 go in, FP32 comes out, row by row, and the engine is given one thread."""
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["rows", 28, 28])
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", 28, 28])
    cast = helper.make_node("Cast", ["image"], ["probabilities"], to=TensorProto.FLOAT)
    graph = helper.make_graph([cast], "cast", [image], [answer])
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), tmp_path / "model.onnx")
    monkeypatch.setenv("BENCHMARK_MODEL", str(tmp_path / "model.onnx"))
    given: list[onnxruntime.SessionOptions] = []
    session = onnxruntime.InferenceSession

    def remembering(path: str, options: onnxruntime.SessionOptions, **others: object) -> onnxruntime.InferenceSession:
        given.append(options)
        return session(path, options, **others)

    monkeypatch.setattr(onnxruntime, "InferenceSession", remembering)
    images = np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28)
    assert np.array_equal(load()(images), images.astype(np.float32))
    assert (given[0].intra_op_num_threads, given[0].inter_op_num_threads) == (1, 1)
