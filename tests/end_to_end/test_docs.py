"""Every request and every piece of Python in the documentation, run as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Server

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
REQUESTS = [
    pytest.param(command, answer.rstrip("\n"), id=f"{page.name}-{number}")
    for page in PAGES
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    for number, (command, answer) in enumerate(re.findall(r"^\$ (.*curl .*)\n((?:(?!\$ ).*\n)+)", block, re.MULTILINE))
]
PYTHON = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL))
]


def shape(value: Any) -> Any:
    """Keys, lengths and types of a JSON value, without its numbers and words."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def lines(text: str) -> list[Any]:
    """Each line as JSON, or as a row of cells of which numbers are only told to be numbers."""
    found: list[Any] = []
    for line in text.strip("\n").split("\n"):
        try:
            found.append(json.loads(line))
        except ValueError:
            found.append([re.sub(r"^-?[0-9.]+(e-?[0-9]+)?$", "number", cell) for cell in line.split(",")])
    return found


def run(command: str, server: Server) -> str:
    """Run a command of the documentation against the server of the tests."""
    done = subprocess.run(
        ["bash", "-c", command.replace("localhost:3000", server.url.removeprefix("http://"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_the_readme_asks_every_model_in_every_dialect() -> None:
    """Each of the four models is asked by records, rows, V2 and its typed API."""
    readme = PAGES[0].read_text()
    for name, api in {
        "mnist": "classify_digit",
        "fashion": "classify_garment",
        "xor": "loyal_customer",
        "flights": "predict_flight",
    }.items():
        assert readme.count(f"/v1/models/{name}:predict") >= 2
        assert f"/v2/models/{name}/infer" in readme
        assert f"/{api} " in readme


def test_every_page_with_requests_is_found() -> None:
    """The pages that show requests are among those that are run."""
    assert {"README.md", "api.md", "streams.md"} <= {str(one.id).split("-")[0] for one in REQUESTS}
    assert len(REQUESTS) > 40


@pytest.mark.parametrize(("command", "answer"), REQUESTS)
def test_request_is_answered_as_documented(server: Server, command: str, answer: str) -> None:
    """The command as printed gets an answer of the printed form; an error, the printed words."""
    received, documented = lines(run(command, server)), lines(answer)
    assert shape(received) == shape(documented)
    for one, other in zip(received, documented, strict=True):
        if isinstance(other, dict) and "error" in other:
            assert one == other


@pytest.mark.parametrize("code", PYTHON)
def test_python_runs_as_documented(server: Server, code: str, tmp_path: Path) -> None:
    """Python as printed runs and prints something."""
    script = tmp_path / "example.py"
    url, rpc = server.url.removeprefix("http://"), f"127.0.0.1:{server.rpc_port}"
    script.write_text(code.replace("localhost:3000", url).replace("localhost:3001", rpc))
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()
