"""MLServer's runtime."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.loadtests.benchmark.apps.conftest import App, digits


class MLModel:
    """Stand-in: what a runtime inherits."""

    name, version = "mnist", "1"

    def decode(self, tensor: Any, default_codec: Any) -> Any:
        return tensor


async def test_merged_request_is_answered_row_by_row(app: App) -> None:
    """The tensor that MLServer has merged goes through the model once, and the answer names model and output."""
    codec = SimpleNamespace(encode_output=lambda name, array: (name, array[:, 0].tolist()))
    types = {"InferenceRequest": object, "InferenceResponse": SimpleNamespace}
    modules = {"mlserver": {"MLModel": MLModel}, "mlserver__codecs": {"NumpyCodec": codec}, "mlserver__types": types}
    runtime = app("mlserver_runtime", **modules).Digits()
    assert await runtime.load()
    answer = await runtime.predict(SimpleNamespace(inputs=[digits(7, 3)]))
    assert answer.outputs == [("probabilities", [7, 3])]
    assert (answer.model_name, answer.model_version) == ("mnist", "1")
