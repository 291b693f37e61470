"""FastAPI as its tutorial has it: a Pydantic model in, a Pydantic model out."""

# mypy: disable-error-code="import-not-found, untyped-decorator"

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from loadtests.benchmark.apps.model import Predict, load


class Digits(BaseModel):
    """Grey levels of 0-255, [rows, 28, 28]."""

    instances: list[list[list[int]]]


class Answers(BaseModel):
    """Probabilities of the ten digits, [rows, 10]."""

    predictions: list[list[float]]


models: dict[str, Predict] = {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Load the model before the first request."""
    models["digits"] = load()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def ready() -> dict[str, bool]:
    """It listens only once the model is loaded."""
    return {"ready": True}


@app.post("/predict")
async def predict(digits: Digits) -> Answers:
    """Answer in the event loop: for a model this small that is faster than a thread for each request."""
    images = np.array(digits.instances, np.uint8)
    return Answers(predictions=models["digits"](images).tolist())
