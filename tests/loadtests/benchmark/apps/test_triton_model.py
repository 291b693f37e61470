"""The model of Triton's Python backend."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.loadtests.benchmark.apps.conftest import App, digits, means


class Session:
    """Stand-in for the engine, which counts its calls."""

    def __init__(self, path: str, options: Any, **_: Any) -> None:
        self.path, self.options, self.calls = path, options, 0

    def run(self, _: list[str], inputs: dict[str, Any]) -> list[Any]:
        self.calls += 1
        return [means(inputs["image"])]


def test_one_call_answers_all_requests(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of one and of two rows go through the engine together, on one thread, and come apart again."""
    triton = {
        "get_input_tensor_by_name": lambda request, name: SimpleNamespace(as_numpy=lambda: request[name]),
        "Tensor": lambda name, array: (name, array[:, 0].tolist()),
        "InferenceResponse": lambda tensors: tensors,
    }
    module = app("triton_model", triton_python_backend_utils=triton)
    monkeypatch.setattr(module.onnxruntime, "InferenceSession", Session)
    model = module.TritonPythonModel()
    model.initialize({"model_repository": "/models/mnist", "model_version": "1"})
    answers = model.execute([{"image": digits(7)}, {"image": digits(3, 5)}])
    assert answers == [[("probabilities", [7])], [("probabilities", [3, 5])]]
    assert model.session.calls == 1
    assert model.session.path == "/models/mnist/1/model.onnx"
    assert (model.session.options.intra_op_num_threads, model.session.options.inter_op_num_threads) == (1, 1)
