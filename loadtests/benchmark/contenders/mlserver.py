"""MLServer with adaptive batching."""

from __future__ import annotations

import json

from loadtests.benchmark.contender import MAX_BATCH_ROWS, Subject
from loadtests.benchmark.contenders.recipe import Command, Place, Recipe, app_variables
from loadtests.benchmark.environments import ENGINE, Environment
from loadtests.server import HOST, free_port

BATCH_TIME_S = 0.0002
"""Longest wait for a full batch."""
# its workers do not start with a later uvloop
PACKAGES = ("mlserver==1.7.1", "uvicorn==0.54.0", "uvloop==0.21.0", "httptools==0.9.0", "orjson==3.13.0")


def prepare(subject: Subject, place: Place) -> Command:
    """Write the server's settings, and those of each model."""
    settings = {
        "debug": False,
        "host": HOST,
        "http_port": place.port,
        "grpc_port": free_port(),
        "metrics_endpoint": None,
        "parallel_workers": 0,
        "gzip_enabled": False,
    }
    (place.scratch / "settings.json").write_text(json.dumps(settings))
    for name in subject.models:
        folder = place.scratch / name
        folder.mkdir()
        model = {
            "name": name,
            "implementation": "loadtests.benchmark.apps.mlserver_runtime.Digits",
            "max_batch_size": MAX_BATCH_ROWS,
            "max_batch_time": BATCH_TIME_S,
            "parameters": {"version": "1"},
        }
        (folder / "model-settings.json").write_text(json.dumps(model))
    program = place.python.with_name("mlserver")
    return Command((str(program), "start", str(place.scratch)), app_variables(subject))


MLSERVER = Recipe(
    name="mlserver",
    title="MLServer",
    notes=(
        "Adaptive batching of at most 64 requests within 0.2 ms (best of 0.2, 0.5, 1 and 5 ms), parallel_workers 0 "
        "(best of 0, 1 and 2), debug, metrics and gzip off; JSON, as it has no binary form over REST: "
        "https://docs.seldon.ai/mlserver/user-guide/adaptive-batching"
    ),
    paths={"v2-json": "/v2/models/{model}/infer"},
    ready="/v2/models/{model}/ready",
    home=Environment("mlserver", (*PACKAGES, *ENGINE), before=13),
    prepare=prepare,
    many=True,
)
