"""Ray Serve."""

from __future__ import annotations

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.contenders.uvicorn import PACKAGES
from loadtests.benchmark.environments import ENGINE, Environment


def prepare(subject: Subject, place: Place) -> Command:
    """Run a script that starts Ray, deploys and waits."""
    command = ("-m", "loadtests.benchmark.apps.ray_deployment", "--port", str(place.port))
    variables = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1"}
    return Command(
        (str(place.python), *command, "--folder", str(place.scratch)), {**app_variables(subject), **variables}
    )


RAY_SERVE = Recipe(
    name="ray-serve",
    title="Ray Serve",
    notes=(
        "@serve.batch of at most 64 requests within 1 ms, one replica, RAY_SERVE_THROUGHPUT_OPTIMIZED=1, access log, "
        "dashboard and telemetry off; without HAProxy, which listens on all interfaces: "
        "https://docs.ray.io/en/latest/serve/advanced-guides/performance.html"
    ),
    paths={"predict-json": "/predict"},
    ready="/predict",
    home=Environment("ray-serve", ("ray[serve]==2.60.0", "fastapi==0.165.0", *PACKAGES, *ENGINE)),
    prepare=prepare,
    pausable=False,
)
