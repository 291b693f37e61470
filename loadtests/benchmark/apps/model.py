"""The model on ONNX Runtime, on one thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime

Predict = Callable[["np.ndarray[Any, Any]"], "np.ndarray[Any, Any]"]


def load() -> Predict:
    """The model that the environment names.

    Returns:
        A function of digits, UINT8 [rows, 28, 28], to probabilities, FP32 [rows, 10].
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    path = os.environ["BENCHMARK_MODEL"]
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def predict(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        answer: np.ndarray[Any, Any] = session.run(["probabilities"], {"image": images})[0]
        return answer

    return predict
