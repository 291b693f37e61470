"""This checkout: ``python -m service`` on a store made of the subject."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from loadtests.benchmark.contender import Subject
from loadtests.benchmark.contenders.recipe import REPOSITORY, Command, Place, Recipe
from loadtests.benchmark.environments import OwnEnvironment
from loadtests.server import HOST

VERSION = 1
QUEUE_ROWS = 16_384
"""Rows that may wait, for eight clients with the largest requests: half of them would be refused by default."""


def write_store(subject: Subject, home: Path) -> None:
    """Make a BentoML home with the subject in it, under each of its names.

    Signature, manifest and BentoML's own page name the model, so they are written anew, and so is the sum of the
    signature in the manifest: the service refuses files that differ from their sums.
    """
    for name in subject.models:
        folder = home / "models" / name / str(VERSION)
        shutil.copytree(subject.folder, folder)
        (folder.parent / "latest").write_text(str(VERSION))
        signature = json.dumps({**json.loads((folder / "signature.json").read_text()), "name": name})
        (folder / "signature.json").write_text(signature)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest.update(name=name, version=VERSION)
        manifest["files"]["signature.json"] = hashlib.sha256(signature.encode()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
        page = folder / "model.yaml"
        if page.exists():
            lines = page.read_text().splitlines()
            named = {"name: ": f"name: {name}", "version: ": f"version: '{VERSION}'"}
            page.write_text("\n".join(named.get(line[: line.find(" ") + 1], line) for line in lines) + "\n")


def prepare(subject: Subject, place: Place, workers: int = 1) -> Command:
    """Write the store; all settings but the log's, the workers' and the queue's stay at their defaults."""
    write_store(subject, place.scratch / "bentoml")
    variables = {
        "BENTOML_HOME": str(place.scratch / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "true",
        "KERAS_SERVE_LOG_LEVEL": "warning",
        "KERAS_SERVE_WORKERS": str(workers),
        "KERAS_SERVE_MAX_QUEUE_ROWS": str(QUEUE_ROWS * workers),  # which workers share
    }
    command = (str(place.python), "-m", "service", "--host", HOST, "--port", str(place.port))
    return Command(command, variables, REPOSITORY)


KERAS_SERVE = Recipe(
    name="keras-serve",
    title="keras-serve",
    notes="One worker, one engine thread, batches of at most 64 rows, all as by default; a queue of 16,384 rows "
    "instead of 4,096, for 1,024 rows a request (docs/operations.md).",
    paths={
        "predict-json": "/v1/models/{model}:predict",
        "v2-json": "/v2/models/{model}/infer",
        "v2-binary": "/v2/models/{model}/infer",
    },
    ready="/readyz",
    home=OwnEnvironment(("onnxruntime", "numpy", "bentoml", "uvicorn", "uvloop", "httptools", "pysimdjson", "orjson")),
    prepare=prepare,
    many=True,
)
WORKERS = os.cpu_count() or 1
KERAS_SERVE_WORKERS = replace(
    KERAS_SERVE,
    name="keras-serve-workers",
    title="keras-serve with a worker a core",
    notes=f"KERAS_SERVE_WORKERS={WORKERS}, all else as by default (docs/operations.md); the others have all cores too.",
    prepare=partial(prepare, workers=WORKERS),
)
