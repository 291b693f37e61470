"""FastAPI's app."""

from __future__ import annotations

from typing import Any

from tests.loadtests.benchmark.apps.conftest import App, digits, unchanged


class FastAPI:
    """Stand-in: it takes routes and leaves the functions."""

    def __init__(self, **_: Any) -> None:
        self.get = self.post = unchanged


async def test_rows_are_answered_in_order(app: App) -> None:
    """Once the model is loaded, each digit gets its own answer."""
    module = app("fastapi_app", fastapi={"FastAPI": FastAPI})
    async with module.lifespan(module.app):
        answers = await module.predict(module.Digits(instances=digits(7, 3).tolist()))
    assert [row[0] for row in answers.predictions] == [7, 3]
    assert await module.ready()
