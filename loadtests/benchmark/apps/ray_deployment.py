"""Ray Serve as its guide to dynamic request batching has it."""

# mypy: disable-error-code="import-not-found, untyped-decorator, attr-defined"

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

import numpy as np
import ray
from ray import serve
from starlette.requests import Request

from loadtests.benchmark.apps.model import load
from loadtests.benchmark.contender import MAX_BATCH_ROWS

ONGOING_REQUESTS = 1024
"""More than there are clients, so that all of them can join a batch."""


@serve.deployment(num_replicas=1, max_ongoing_requests=ONGOING_REQUESTS)
class Digits:
    """One replica, which batches its requests."""

    def __init__(self) -> None:
        self.model = load()

    @serve.batch(max_batch_size=MAX_BATCH_ROWS, batch_wait_timeout_s=0.001)
    async def predict(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """Answer all requests, each UINT8 [rows, 28, 28], in one call of the engine."""
        ends = np.cumsum([len(rows) for rows in inputs])[:-1]
        return np.split(self.model(np.concatenate(inputs)), ends)

    async def __call__(self, request: Request) -> dict[str, Any]:
        """Answer one request."""
        if request.method == "GET":
            return {"ready": True}
        images = np.array((await request.json())["instances"], np.uint8)
        answers = await self.predict(images)
        return {"predictions": answers.tolist()}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--folder", required=True)
    options = arguments.parse_args()
    ray.init(include_dashboard=False, _temp_dir=options.folder, _node_ip_address="127.0.0.1", log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": options.port}, logging_config={"enable_access_log": False})
    serve.run(Digits.bind(), route_prefix="/predict")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    ray.shutdown()
