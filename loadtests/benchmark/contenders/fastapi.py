"""A hand-written FastAPI app."""

from __future__ import annotations

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.contenders.uvicorn import PACKAGES, serve
from loadtests.benchmark.environments import ENGINE, Environment


def prepare(subject: Subject, place: Place) -> Command:
    """Serve the app by uvicorn."""
    return Command(serve("loadtests.benchmark.apps.fastapi_app:app", place), app_variables(subject))


FASTAPI = Recipe(
    name="fastapi",
    title="FastAPI",
    notes=(
        "Pydantic models for body and answer, async def (faster here than def, which takes a thread a request), one "
        "process (best of 1 and 2 on two cores shared with the client), uvloop and httptools: "
        "https://fastapi.tiangolo.com/deployment/server-workers/"
    ),
    paths={"predict-json": "/predict"},
    ready="/ready",
    home=Environment("fastapi", ("fastapi==0.165.0", "pydantic==2.14.4", *PACKAGES, *ENGINE)),
    prepare=prepare,
)
