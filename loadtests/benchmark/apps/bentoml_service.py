"""BentoML as its guide to adaptive batching has it."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import bentoml
import numpy as np
from numpy.typing import NDArray

from loadtests.benchmark.apps.model import load
from loadtests.benchmark.contender import MAX_BATCH_ROWS


@bentoml.service(
    workers=2,
    traffic={"concurrency": MAX_BATCH_ROWS},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Digits:
    """A service with one API."""

    def __init__(self) -> None:
        self.model = load()

    @bentoml.api(batchable=True, max_batch_size=MAX_BATCH_ROWS, max_latency_ms=1000)
    def predict(self, instances: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities, [rows, 10], of digits, [rows, 28, 28]."""
        return self.model(instances)
