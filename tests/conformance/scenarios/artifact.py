"""The answers are those that were written down when the models were exported."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tests.conformance.cases.rows import binary
from tests.conformance.golden import HEADER_LENGTH
from tests.conformance.scenarios.scenario import Scenario
from tests.conformance.target import Target

DTYPES = {"FP32": "<f4", "FP64": "<f8", "UINT8": "u1", "INT64": "<i8", "INT32": "<i4", "FP16": "<f2", "BOOL": "?"}


def asked(target: Target, name: str, version: str, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    """The outputs of a version, by binary tensors both ways."""
    page = target.json(f"/v2/models/{name}/versions/{version}")
    inputs, blobs = [], []
    for tensor in page["inputs"]:
        blob = arrays[f"inputs/{tensor['name']}"].astype(DTYPES[tensor["datatype"]]).tobytes()
        shape = [len(arrays[f"inputs/{tensor['name']}"]), *tensor["shape"][1:]]
        inputs.append({**tensor, "shape": shape, "parameters": {"binary_data_size": len(blob)}})
        blobs.append(blob)
    body, headers = binary({"inputs": inputs, "parameters": {"binary_data_output": True}}, *blobs)
    reply = target.ask("POST", f"/v2/models/{name}/versions/{version}/infer", body, headers)
    assert reply.status == 200, f"{name}: expected 200, received {reply.status} {reply.body[:200]!r}"
    length = int(reply.headers[HEADER_LENGTH])
    rest, found = reply.body[length:], {}
    for output in json.loads(reply.body[:length])["outputs"]:
        size = output["parameters"]["binary_data_size"]
        found[output["name"]] = np.frombuffer(rest[:size], DTYPES[output["datatype"]]).reshape(output["shape"])
        rest = rest[size:]
    return found


def stored(target: Target) -> None:
    """Every available version answers its stored examples within its own tolerances."""
    assert target.home is not None
    checked = 0
    for entry in target.json("/v2/repository/index", {"ready": True}):
        folder = target.home / "models" / entry["name"] / entry["version"]
        with np.load(folder / "examples.npz") as arrays:
            examples = dict(arrays)
        received = asked(target, entry["name"], entry["version"], examples)
        for output in json.loads((folder / "signature.json").read_text())["outputs"]:
            expected = examples[f"outputs/{output['name']}"]
            close = np.allclose(received[output["name"]], expected, rtol=output["rtol"], atol=output["atol"])
            assert close, f"{entry['name']}:{entry['version']} differs from its stored answers in {output['name']}"
        checked += 1
    assert checked, "expected a version that is ready"


SCENARIOS = [Scenario("answers are those of the export", stored, model="", needs=("home",))]
