"""Clients that nobody here wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import bentoml
import numpy as np
import pytest
import tritonclient.http
from bentoml.exceptions import BentoMLException

from tests.servers import Server

MODELS = ("mnist", "fashion", "xor", "flights")


def examples(home: Path, name: str) -> dict[str, np.ndarray]:
    """The stored examples of a model."""
    with np.load(home / "models" / name / "1" / "examples.npz") as arrays:
        return dict(arrays)


def record(home: Path, name: str, row: int = 0) -> dict[str, object]:
    """One stored record of a model."""
    lines = (home / "models" / name / "1" / "examples.jsonl").read_text().splitlines()
    found: dict[str, object] = json.loads(lines[row])
    return found


def signature(home: Path, name: str) -> dict[str, list[dict[str, object]]]:
    """The stored signature of a model."""
    found: dict[str, list[dict[str, object]]] = json.loads(
        (home / "models" / name / "1" / "signature.json").read_text()
    )
    return found


@pytest.mark.parametrize("name", MODELS)
def test_tritonclient_infers(server: Server, trained_home: Path, name: str) -> None:
    """Triton's client gets the stored answers of every model by V2 JSON."""
    stored = examples(trained_home, name)
    client = tritonclient.http.InferenceServerClient(server.url.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(name)
    inputs = []
    for entry in client.get_model_metadata(name)["inputs"]:
        array = stored[f"inputs/{entry['name']}"]
        tensor = tritonclient.http.InferInput(entry["name"], list(array.shape), entry["datatype"])
        inputs.append(tensor.set_data_from_numpy(array, binary_data=False))
    answer = client.infer(name, inputs)
    for output in signature(trained_home, name)["outputs"]:
        received, expected = answer.as_numpy(output["name"]), stored[f"outputs/{output['name']}"]
        np.testing.assert_allclose(received, expected, rtol=output["rtol"], atol=output["atol"])
    client.close()


@pytest.mark.parametrize("name", MODELS)
def test_curl_predicts_rows_and_columns(server: Server, trained_home: Path, name: str, tmp_path: Path) -> None:
    """Plain curl gets the same answers of every model by row and by column."""
    stored = examples(trained_home, name)
    columns = {
        key.removeprefix("inputs/"): value.tolist() for key, value in stored.items() if key.startswith("inputs/")
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    by_row = curl(server, name, {"instances": rows}, tmp_path)["predictions"]
    by_column = curl(server, name, {"inputs": columns}, tmp_path)["outputs"]
    outputs = [output["name"] for output in signature(trained_home, name)["outputs"]]
    if len(outputs) == 1:
        assert by_row == by_column
    else:
        assert {output: [row[output] for row in by_row] for output in outputs} == by_column
    assert len(by_row) == len(rows)


def curl(server: Server, name: str, body: object, folder: Path) -> dict[str, list[dict[str, object]]]:
    """POST a body with curl's default content type."""
    program = shutil.which("curl")
    assert program, "curl is needed"
    file = folder / "body.json"
    file.write_text(json.dumps(body))
    url = f"{server.url}/v1/models/{name}:predict"
    done = subprocess.run(
        [program, "-sS", "--fail-with-body", "-d", f"@{file}", url], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return found


def test_bentoml_client_calls_the_typed_apis(server: Server, trained_home: Path, tmp_path: Path) -> None:
    """BentoML's client gets from each typed API what the record form answers."""
    apis = {
        "classify_digit": "mnist",
        "classify_garment": "fashion",
        "loyal_customer": "xor",
        "predict_flight": "flights",
    }
    with bentoml.SyncHTTPClient(server.url) as client:
        for api, name in apis.items():
            one = record(trained_home, name)
            expected = curl(server, name, {"records": [one]}, tmp_path)["predictions"][0]
            assert getattr(client, api)(**one) == expected


def test_bentoml_client_sees_our_errors(server: Server) -> None:
    """A typed API refuses a bad field in the words of every other dialect."""
    with bentoml.SyncHTTPClient(server.url) as client, pytest.raises(BentoMLException) as caught:
        client.loyal_customer(young=0, high_income=7)
    assert json.loads(str(caught.value)) == {
        "error": "Expected a whole number from 0 to 1. Received 7 at body.high_income.",
        "code": "out_of_range",
    }
