"""LitServe."""

from __future__ import annotations

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.contenders.uvicorn import PACKAGES
from loadtests.benchmark.environments import ENGINE, Environment


def prepare(subject: Subject, place: Place) -> Command:
    """Run the server's own script."""
    command = ("-m", "loadtests.benchmark.apps.litserve_server", "--port", str(place.port))
    return Command((str(place.python), *command), app_variables(subject))


LITSERVE = Recipe(
    name="litserve",
    title="LitServe",
    notes=(
        "max_batch_size 64, batch_timeout 0 (its default, best of 0, 0.3, 1 and 10 ms), fast_queue, one worker, two "
        "API servers (best of 1 and 2): https://lightning.ai/docs/litserve/features/batching"
    ),
    paths={"predict-json": "/predict"},
    ready="/health",
    home=Environment("litserve", ("litserve==0.2.19", "fastapi==0.165.0", *PACKAGES, *ENGINE)),
    prepare=prepare,
)
