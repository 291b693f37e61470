"""The README's requests, run as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.servers import ROOT, Server

README = (ROOT / "README.md").read_text()
REQUESTS = re.findall(r"^\$ (curl .*)\n(.+)$", README, re.MULTILINE)


def shape(value: Any) -> Any:
    """Keys, lengths and types of a JSON value, without its numbers and words."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_readme_asks_every_model_in_every_dialect() -> None:
    """Each of the four models is asked by records, rows, V2 and its typed API."""
    commands = " ".join(command for command, _ in REQUESTS)
    for name, api in {
        "mnist": "classify_digit",
        "fashion": "classify_garment",
        "xor": "loyal_customer",
        "flights": "predict_flight",
    }.items():
        assert commands.count(f"/v1/models/{name}:predict") >= 2
        assert f"/v2/models/{name}/infer" in commands
        assert f"/{api} " in commands


@pytest.mark.parametrize(("command", "answer"), REQUESTS, ids=range(len(REQUESTS)))
def test_request_is_answered_as_documented(server: Server, command: str, answer: str) -> None:
    """The command as printed gets an answer of the printed form; an error, the printed words."""
    done = subprocess.run(
        command.replace("localhost:3000", server.url.removeprefix("http://")),
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    received, documented = json.loads(done.stdout), json.loads(answer)
    assert shape(received) == shape(documented)
    if "error" in documented:
        assert received == documented
