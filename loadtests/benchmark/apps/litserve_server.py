"""LitServe as its guide to batching has it.

Annotations are not postponed here: LitServe reads them.
"""

# mypy: disable-error-code="import-not-found, misc"

import argparse
from typing import Any

import litserve
import numpy as np
from fastapi import Request

from loadtests.benchmark.apps.model import load
from loadtests.benchmark.contender import MAX_BATCH_ROWS


class Digits(litserve.LitAPI):
    """The names of the methods are LitServe's."""

    def setup(self, device: str) -> None:
        """Load the model in each worker."""
        self.model = load()

    def decode_request(self, request: Request) -> np.ndarray[Any, Any]:
        """The digits of one request, UINT8 [rows, 28, 28]."""
        return np.array(request["instances"], np.uint8)

    def batch(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """Leave it to ``predict``, which must know how many rows each request has."""
        return inputs

    def predict(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """Answer all requests in one call of the engine."""
        ends = np.cumsum([len(rows) for rows in inputs])[:-1]
        return np.split(self.model(np.concatenate(inputs)), ends)

    def unbatch(self, output: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """One answer a request already."""
        return output

    def encode_response(self, output: np.ndarray[Any, Any]) -> dict[str, Any]:
        """The probabilities of one request, [rows, 10]."""
        return {"predictions": output.tolist()}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    api = Digits(max_batch_size=MAX_BATCH_ROWS, batch_timeout=0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(
        host="127.0.0.1",
        port=arguments.parse_args().port,
        num_api_servers=2,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
