"""The floor: bare uvicorn, with the event loop and the parser that make it fast."""

from __future__ import annotations

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.environments import Environment
from loadtests.server import HOST

PACKAGES = ("uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0")
"""As the project's own lock pins them."""
OPTIONS = ("--loop", "uvloop", "--http", "httptools", "--log-level", "warning", "--no-access-log")


def serve(app: str, place: Place, *options: str) -> tuple[str, ...]:
    """The command that serves an ASGI app."""
    address = ("--host", HOST, "--port", str(place.port))
    return (str(place.python), "-m", "uvicorn", app, *address, *OPTIONS, *options)


def prepare(subject: Subject, place: Place) -> Command:
    """It needs nothing of the subject."""
    command = serve("loadtests.benchmark.apps.constant:app", place, "--lifespan", "off")
    return Command(command, app_variables(subject))


UVICORN = Recipe(
    name="uvicorn",
    title="bare uvicorn",
    notes=(
        "Floor: reads the body, answers a constant; one process, uvloop and httptools, no access log: "
        "https://www.uvicorn.org/settings/"
    ),
    paths={"predict-json": "/predict"},
    ready="/ready",
    home=Environment("uvicorn", PACKAGES),
    prepare=prepare,
)
