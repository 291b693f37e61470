"""Models trained elsewhere: saved by a script, exported by the command line, served together without a line of code."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.servers import ROOT, Server, serve

MODELS = ("grey", "shop", "words")
NEAR = {"rtol": 1e-5, "atol": 1e-5}
FIELDS = {
    "fields": [
        {
            "name": "scan",
            "kind": "image",
            "description": "A grey picture.",
            "fills": [{"input": "picture", "index": None}],
            "default": None,
            "height": 16,
            "width": 16,
        }
    ],
    "result": [
        {"name": "season", "kind": "label", "description": "The likeliest.", "output": "classes",
         "labels": ["spring", "summer", "autumn", "winter"]},
        {"name": "classes", "kind": "values", "description": "All probabilities.", "output": "classes"},
    ],
}  # fmt: skip


def run(*command: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A program of this tree, to its end."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "BENTOML_HOME": str(home or "")}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four models, their rows, and a fields file."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = run("tests.end_to_end.foreign_models", str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    (folder / "fields.json").write_text(json.dumps(FIELDS))
    return folder


@pytest.fixture(scope="module")
def home(saved: Path) -> Path:
    """A store with the three that can be served: one with fields, one with rows of its own, one with neither."""
    home = saved / "bentoml"
    options = {"grey": ["--fields", str(saved / "fields.json")], "words": ["--examples", str(saved / "words.npz")]}
    commands = [
        ("training", "export", str(saved / f"{name}.keras"), "--name", name, *options.get(name, [])) for name in MODELS
    ]
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda command: run(*command, home=home), commands):
            assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    return home


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python -m service` on that store."""
    with serve(tmp_path_factory.mktemp("server"), {"BENTOML_HOME": str(home)}) as running:
        yield running


def rows_of(saved: Path, name: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Inputs and what `model(x)` answered where the model comes from."""
    with np.load(saved / f"{name}.npz") as arrays:
        inputs = {key.removeprefix("inputs/"): arrays[key] for key in arrays.files if key.startswith("inputs/")}
        return inputs, {key.removeprefix("outputs/"): arrays[key] for key in arrays.files if key.startswith("outputs/")}


def ask(server: Server, path: str, body: Any) -> Any:
    """POST; the parsed answer."""
    answer = httpx.post(f"{server.url}{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", MODELS)
def test_rows_and_columns(server: Server, saved: Path, name: str) -> None:
    """TensorFlow Serving's two forms give what `model(x)` gave."""
    inputs, expected = rows_of(saved, name)
    columns = {key: array.tolist() for key, array in inputs.items()}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    by_row = ask(server, f"/v1/models/{name}:predict", {"instances": rows})["predictions"]
    by_column = ask(server, f"/v1/models/{name}:predict", {"inputs": columns})["outputs"]
    for output, array in expected.items():
        one = len(expected) == 1
        np.testing.assert_allclose([row if one else row[output] for row in by_row], array, **NEAR)
        np.testing.assert_allclose(by_column if one else by_column[output], array, **NEAR)


@pytest.mark.parametrize("name", MODELS)
def test_open_inference_protocol(server: Server, saved: Path, name: str) -> None:
    """V2 JSON gives what `model(x)` gave, with names and order of the model."""
    inputs, expected = rows_of(saved, name)
    metadata = httpx.get(f"{server.url}/v2/models/{name}").json()
    assert [tensor["name"] for tensor in metadata["inputs"]] == list(inputs)
    tensors = [
        {**tensor, "shape": inputs[tensor["name"]].shape, "data": inputs[tensor["name"]].ravel().tolist()}
        for tensor in metadata["inputs"]
    ]
    outputs = ask(server, f"/v2/models/{name}/infer", {"inputs": tensors})["outputs"]
    assert (
        [tensor["name"] for tensor in outputs] == [tensor["name"] for tensor in metadata["outputs"]] == list(expected)
    )
    for tensor in outputs:
        received = np.array(tensor["data"]).reshape(tensor["shape"])
        np.testing.assert_allclose(received, expected[tensor["name"]], **NEAR)


def test_fields_make_records(server: Server, saved: Path) -> None:
    """With a fields file, the service takes PNGs and answers with labels."""
    inputs, expected = rows_of(saved, "grey")
    records = []
    for row in inputs["picture"]:
        file = io.BytesIO()
        Image.fromarray(row[:, :, 0]).save(file, format="PNG")
        records.append({"scan": base64.b64encode(file.getvalue()).decode()})
    answers = ask(server, "/v1/models/grey:predict", {"records": records})["predictions"]
    labels = FIELDS["result"][0]["labels"]
    assert [answer["season"] for answer in answers] == [labels[at] for at in expected["classes"].argmax(axis=1)]
    np.testing.assert_allclose([answer["classes"] for answer in answers], expected["classes"], **NEAR)


@pytest.mark.parametrize("wrong", [200, -1, 1e9])
def test_an_id_beyond_the_table_hurts_nobody(server: Server, saved: Path, wrong: float) -> None:
    """It is refused with its place before it meets the requests beside it, which are answered."""
    inputs, expected = rows_of(saved, "words")
    rows = inputs["input_layer"]
    bad = rows.copy()
    bad[3, 5] = wrong

    def post(array: np.ndarray) -> httpx.Response:
        return httpx.post(f"{server.url}/v1/models/words:predict", json={"instances": array.tolist()})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, [bad, rows] * 8))
    for answer in answers[::2]:
        assert (answer.status_code, answer.json()["code"]) == (400, "out_of_range")
        assert "from 0 to 199" in answer.json()["error"]
        assert "instances[3][5]" in answer.json()["error"]
    for answer in answers[1::2]:
        np.testing.assert_allclose(answer.json()["predictions"], expected["mood"], **NEAR)


def test_a_lambda_is_refused(saved: Path) -> None:
    """Code in a model: one line, status 1, and nothing in the store."""
    home = saved / "empty"
    done = run("training", "export", str(saved / "code.keras"), "--name", "code", home=home)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Received a lambda in layer lambda" in done.stderr
    assert not home.exists()
