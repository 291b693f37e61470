"""The servers of the benchmark: a file each, put together from ``recipe.py``."""

from __future__ import annotations

from loadtests.benchmark.contender import Contender
from loadtests.benchmark.contenders.bentoml import BENTOML
from loadtests.benchmark.contenders.fastapi import FASTAPI
from loadtests.benchmark.contenders.keras_serve import KERAS_SERVE, KERAS_SERVE_WORKERS
from loadtests.benchmark.contenders.litserve import LITSERVE
from loadtests.benchmark.contenders.mlserver import MLSERVER
from loadtests.benchmark.contenders.ray_serve import RAY_SERVE
from loadtests.benchmark.contenders.triton import TRITON
from loadtests.benchmark.contenders.uvicorn import UVICORN

CONTENDERS: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        KERAS_SERVE,
        KERAS_SERVE_WORKERS,
        TRITON,
        MLSERVER,
        LITSERVE,
        RAY_SERVE,
        FASTAPI,
        BENTOML,
        UVICORN,
    )
}
"""By name, in the order of the tables."""
