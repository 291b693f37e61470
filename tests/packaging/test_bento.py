"""The built bento: served from an environment made of its own requirements, and the image it describes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, free_port, serve

BIN = Path(sys.executable).parent


def run(*command: str | Path, **variables: str) -> str:
    """Run a command to its end; its standard output."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module", params=["bentofile.yaml", "bentofile.gpu.yaml"])
def bento(request: pytest.FixtureRequest, trained_home: Path) -> tuple[str, Path]:
    """A bento built as `make build` builds it: its bentofile and its folder."""
    output = run(BIN / "bentoml", "build", "-f", request.param, "-o", "tag", BENTOML_HOME=str(trained_home))
    name, version = output.strip().splitlines()[-1].removeprefix("__tag__:").split(":")
    return request.param, trained_home / "bentos" / name / version


def test_image_is_sound(bento: tuple[str, Path]) -> None:
    """The generated Dockerfile runs as another user than root, checks health, bounds shutdown, holds no secret."""
    dockerfile = (bento[1] / "env/docker/Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)[-1] == "bentoml"
    assert re.search(r"^HEALTHCHECK .*\\\n\s+CMD .*/readyz", dockerfile, re.MULTILINE)
    assert '"--timeout-graceful-shutdown", "2"' in dockerfile
    assert not re.search(r"(?i)(secret|token|password|api_key)", dockerfile)


def test_bento_pins_every_model(bento: tuple[str, Path]) -> None:
    """The bento names each model with its whole version."""
    text = (bento[1] / "bento.yaml").read_text()
    assert set(re.findall(r"^- tag: (\S+)", text, re.MULTILINE)) == {"mnist:1", "fashion:1", "xor:1", "flights:1"}


def test_only_the_gpu_image_carries_tensorflow(bento: tuple[str, Path]) -> None:
    """The CPU image's requirements are free of TensorFlow and Keras; the GPU image's have both, with CUDA."""
    names = set(re.findall(r"^([a-z0-9-]+)==", (bento[1] / "env/python/requirements.txt").read_text(), re.MULTILINE))
    heavy = {"tensorflow", "keras", "nvidia-cudnn-cu12"}
    assert names & heavy == (heavy if "gpu" in bento[0] else set())


def test_sources_are_the_service_only(bento: tuple[str, Path]) -> None:
    """Nothing but the service travels: no training, tests or data."""
    assert {path.name for path in (bento[1] / "src").iterdir()} <= {"service", "bentofile.yaml", "README.md"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python environment with what the CPU image installs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, folder)
    requirements = ROOT / "requirements/service.txt"
    python = folder / "bin/python"
    run(BIN / "uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", requirements)
    return folder


def test_built_bento_predicts(trained_home: Path, environment: Path, tmp_path: Path) -> None:
    """The exported CPU bento, with its own models and without TensorFlow, answers as the stored examples say."""
    home = {"BENTOML_HOME": str(trained_home)}
    tag = run(BIN / "bentoml", "build", "-o", "tag", **home).strip().splitlines()[-1].removeprefix("__tag__:")
    export = f"import bentoml; bentoml.export_bento({tag!r}, {str(tmp_path / 'bento')!r}, output_format='folder')"
    run(sys.executable, "-c", export, **home)
    port = free_port()
    command = [str(environment / "bin/bentoml"), "serve", str(tmp_path / "bento"), "--host", "127.0.0.1"]
    empty = tmp_path / "home"
    with serve(tmp_path, {"BENTOML_HOME": str(empty)}, [*command, "--port", str(port)], port) as server:
        lines = (trained_home / "models/xor/1/examples.jsonl").read_text().splitlines()
        body = {"records": [json.loads(line) for line in lines]}
        answers = httpx.post(f"{server.url}/v1/models/xor:predict", json=body).json()["predictions"]
        assert len(answers) == len(lines)
        images = (trained_home / "models/mnist/1/examples.jsonl").read_text().splitlines()[0]
        digit = httpx.post(f"{server.url}/classify_digit", json=json.loads(images))
        assert digit.status_code == 200
        assert sum(digit.json()["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert httpx.get(f"{server.url}/v2/models/mnist").json()["parameters"]["engine"] == "onnxruntime"
