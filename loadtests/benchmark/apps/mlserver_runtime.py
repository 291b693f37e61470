"""MLServer: a runtime of our own, as its guide to custom runtimes has it."""

# mypy: disable-error-code="import-not-found, misc"

from __future__ import annotations

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from loadtests.benchmark.apps.model import load


class Digits(MLModel):
    """The names of the methods are MLServer's."""

    async def load(self) -> bool:
        """Load the model."""
        self.model = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer a batch, which MLServer has merged into one request."""
        images = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        outputs = [NumpyCodec.encode_output("probabilities", self.model(images))]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
