"""Ray Serve's deployment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.loadtests.benchmark.apps.conftest import App, digits, unchanged


def module_of(app: App) -> Any:
    """The app, with stand-ins for Ray's decorators."""
    serve = SimpleNamespace(deployment=unchanged, batch=unchanged)
    return app("ray_deployment", ray={"serve": serve})


async def test_batch_gives_each_request_its_own_rows(app: App) -> None:
    """Requests of one and of two rows, answered in one batch, get back as many rows, in order."""
    answers = await module_of(app).Digits().predict([digits(7), digits(3, 5)])
    assert [rows[:, 0].tolist() for rows in answers] == [[7], [3, 5]]


async def test_request_is_answered_through_the_batch(app: App) -> None:
    """A POST hands its digits to the batch; a GET says that the replica is there."""
    deployment = module_of(app).Digits()

    async def alone(images: Any) -> Any:
        return deployment.model(images)

    async def body() -> Any:
        return {"instances": digits(9).tolist()}

    deployment.predict = alone
    answer = await deployment(SimpleNamespace(method="POST", json=body))
    assert answer["predictions"] == [[9.0] * 10]
    assert await deployment(SimpleNamespace(method="GET")) == {"ready": True}
