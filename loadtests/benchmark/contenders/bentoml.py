"""A stock BentoML service."""

from __future__ import annotations

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.contenders.uvicorn import PACKAGES
from loadtests.benchmark.environments import ENGINE, Environment
from loadtests.server import HOST


def prepare(subject: Subject, place: Place) -> Command:
    """Serve the class by BentoML's command."""
    address = ("--host", HOST, "--port", str(place.port))
    app = "loadtests.benchmark.apps.bentoml_service:Digits"
    variables = {**app_variables(subject), "BENTOML_HOME": str(place.scratch), "BENTOML_DO_NOT_TRACK": "true"}
    return Command((str(place.python), "-m", "bentoml", "serve", app, *address), variables)


BENTOML = Recipe(
    name="bentoml",
    title="BentoML",
    notes=(
        "Batchable API of at most 64 rows, max_latency_ms 1000 (100 gives 503s at 128 clients), two workers (best of "
        "1 and 2), access log and metrics off; never paused, as its batcher learns from waiting times: "
        "https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html"
    ),
    paths={"predict-json": "/predict"},
    ready="/readyz",
    home=Environment("bentoml", ("bentoml==1.4.40", "pydantic==2.14.4", *PACKAGES, *ENGINE)),
    prepare=prepare,
    pausable=False,
)
