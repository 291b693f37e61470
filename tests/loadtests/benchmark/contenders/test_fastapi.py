"""FastAPI's command."""

from __future__ import annotations

from loadtests.benchmark.contenders.fastapi import prepare
from tests.loadtests.benchmark.contenders.conftest import CheckApp


def test_command_serves_the_app(check_app: CheckApp) -> None:
    """The environment's own Python serves an app that is there, on the given port and the given model."""
    check_app(prepare, "loadtests.benchmark.apps.fastapi_app:app")
