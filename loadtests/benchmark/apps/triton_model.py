"""Triton's Python backend: the inputs of all requests in one call of the engine.

Triton copies no other module beside this one, so it loads the engine itself.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    """The name and the methods are Triton's."""

    def initialize(self, arguments: dict[str, str]) -> None:
        """Load the model that lies beside this file, on one thread."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        path = Path(arguments["model_repository"]) / arguments["model_version"] / "model.onnx"
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer a batch of requests, each with a tensor of some rows."""
        images = [triton.get_input_tensor_by_name(request, "image").as_numpy() for request in requests]
        answers = self.session.run(["probabilities"], {"image": np.concatenate(images)})[0]
        ends = np.cumsum([len(rows) for rows in images])[:-1]
        return [triton.InferenceResponse([triton.Tensor("probabilities", part)]) for part in np.split(answers, ends)]
