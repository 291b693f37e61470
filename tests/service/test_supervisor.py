"""A start that has been checked goes on in the same process, as BentoML's own command would."""

from __future__ import annotations

import os
from typing import Any

import pytest

from service import supervisor
from service.drain import SUPERVISOR
from service.supervisor import GRACEFUL_S, serve


def test_bentoml_serves_with_a_bounded_shutdown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers serve the app at the address, and get the variables that keep them from threads that nobody uses."""
    calls: list[tuple[Any, Any]] = []
    monkeypatch.setattr(supervisor, "serve_http", lambda *given, **named: calls.append((given, named)))
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)  # it would change the whole process
    for name in ("BENTOML_DO_NOT_TRACK", "OPENBLAS_NUM_THREADS", SUPERVISOR):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    serve("127.0.0.1", 3001)
    assert calls == [
        (("service.app:KerasServe",), {"host": "127.0.0.1", "port": 3001, "timeout_graceful_shutdown": GRACEFUL_S})
    ]
    assert (os.environ["BENTOML_DO_NOT_TRACK"], os.environ["OPENBLAS_NUM_THREADS"]) == ("true", "1")
    assert os.environ[SUPERVISOR] == str(os.getpid())


def test_the_supervisor_is_not_mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says of workers that end is logged."""
    monkeypatch.setenv(SUPERVISOR, "")
    configured: list[dict[str, Any]] = []
    monkeypatch.setattr("logging.config.dictConfig", configured.append)  # it would change the whole process
    monkeypatch.setattr(supervisor, "serve_http", lambda *_, **__: None)
    serve("127.0.0.1", 3001)
    assert configured[-1]["loggers"]["circus"]["handlers"]


def test_variables_that_are_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants more threads has them."""
    monkeypatch.setattr(supervisor, "serve_http", lambda *_, **__: None)
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)
    monkeypatch.setenv(SUPERVISOR, "")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "false")
    serve("127.0.0.1", 3001)
    assert (os.environ["BENTOML_DO_NOT_TRACK"], os.environ["OPENBLAS_NUM_THREADS"]) == ("false", "3")
