"""The command `models` asks a running service and starts none."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from service import __main__ as command
from service import supervisor
from service.__main__ import main


def test_the_models_of_a_running_service(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """`models` prints the table of the service at the address that is given, and starts none."""
    asked: list[str] = []
    monkeypatch.setattr(supervisor, "serve", lambda *_: pytest.fail("a service was started"))

    def fetch(url: str) -> dict[str, Any]:
        asked.append(url)
        return {"models": [], "complaints": ["toy: it rains"]}

    monkeypatch.setattr(command.catalogue, "fetch", fetch)
    for given in (["models"], ["models", "--host", "::1", "--port", "9"], ["models", "--url", "http://far:1"]):
        monkeypatch.setattr(sys, "argv", ["service", *given])
        main()
        head, complaint = capsys.readouterr().out.splitlines()
        assert head.startswith("model")
        assert complaint == "! toy: it rains"
    assert asked == ["http://127.0.0.1:3000", "http://[::1]:9", "http://far:1"]


def test_a_service_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cannot be asked ends the command with a failing exit code."""
    monkeypatch.setattr(sys, "argv", ["service", "models", "--url", "nowhere:1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert str(ended.value.code).startswith(
        "keras-serve: Expected a service at nowhere:1, or another --url. Received: "
    )
