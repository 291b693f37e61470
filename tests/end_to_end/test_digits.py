"""All 10,000 test digits through the dialects."""

from __future__ import annotations

import base64
import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.servers import ROOT, Server

ROWS = 64


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """The test images, UINT8 [10000, 28, 28]."""
    raw = gzip.decompress((ROOT / "data/mnist/t10k-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    """Their digits, UINT8 [10000]."""
    raw = gzip.decompress((ROOT / "data/mnist/t10k-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(raw, np.uint8, offset=8)


def by_rows(client: httpx.Client, rows: np.ndarray) -> list[list[float]]:
    """Probabilities by TensorFlow Serving's row format."""
    answer = client.post("/v1/models/mnist:predict", json={"instances": rows.tolist()})
    assert answer.status_code == 200, answer.text
    found: list[list[float]] = answer.json()["predictions"]
    return found


def by_v2(client: httpx.Client, rows: np.ndarray) -> list[list[float]]:
    """Probabilities by the Open Inference Protocol, one request."""
    tensor = {"name": "image", "shape": rows.shape, "datatype": "UINT8", "data": rows.reshape(-1).tolist()}
    answer = client.post("/v2/models/mnist/infer", json={"inputs": [tensor]}).json()["outputs"][0]
    assert answer["shape"] == [len(rows), 10]
    return [answer["data"][start : start + 10] for start in range(0, 10 * len(rows), 10)]


def by_png(client: httpx.Client, rows: np.ndarray) -> list[list[float]]:
    """Probabilities by records with PNGs, one record a request."""
    found = []
    for row in rows:
        file = io.BytesIO()
        Image.fromarray(row).save(file, format="PNG")
        record = {"image": base64.b64encode(file.getvalue()).decode()}
        answer = client.post("/v1/models/mnist:predict", json={"records": [record]}).json()["predictions"][0]
        assert answer["digit"] == int(np.argmax(answer["probabilities"]))
        found.append(answer["probabilities"])
    return found


def test_accuracy_is_that_of_the_report(
    server: Server, trained_home: Path, images: np.ndarray, labels: np.ndarray
) -> None:
    """Served in concurrent requests of 64 rows, the digits give exactly the accuracy that the report states."""
    with httpx.Client(base_url=server.url) as client, ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda at: by_rows(client, images[at : at + ROWS]), range(0, len(images), ROWS)))
    digits = np.argmax(np.concatenate([np.asarray(part) for part in parts]), axis=1)
    report = json.loads((trained_home / "models/mnist/1/report/metrics.json").read_text())
    assert np.mean(digits == labels) == pytest.approx(report["test_accuracy"], abs=1e-12)


def test_dialects_agree_bit_for_bit(server: Server, images: np.ndarray) -> None:
    """A hundred digits as rows, as a V2 tensor and as single PNG records have identical probabilities."""
    with httpx.Client(base_url=server.url) as client:
        rows = by_rows(client, images[:100])
        assert by_v2(client, images[:100]) == rows
        assert by_png(client, images[:100]) == rows
