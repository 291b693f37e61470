"""Where both sides meet: what training writes is what the service reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from service import store
from service.artifact import read_artifact
from service.buckets import compare
from service.engines.engine import Name, load
from service.loading import load_version
from service.settings import Settings

MODELS = ("mnist", "fashion", "xor", "flights")


def stored(home: Path, name: str) -> store.Stored:
    """The stored version of a model."""
    return store.find(home / "models")[name][0]


@pytest.mark.parametrize("name", MODELS)
def test_artifact_is_served(trained_home: Path, name: str) -> None:
    """Each artifact that training writes is verified, loaded and warmed by the service."""
    loaded = load_version(stored(trained_home, name), Settings(), "onnxruntime")
    assert loaded.sizes[-1] == 64


@pytest.mark.parametrize("engine", ["onnxruntime", "tensorflow"])
@pytest.mark.parametrize("name", MODELS)
def test_both_engines_give_the_stored_answers(trained_home: Path, name: str, engine: Name) -> None:
    """The in-memory Keras model's answers come back from either engine within the signature's tolerances."""
    found = stored(trained_home, name)
    artifact = read_artifact(found.folder, name, found.version)
    answers = load(engine, found.folder, artifact.signature, 1).run(artifact.inputs)
    assert list(answers) == [tensor.name for tensor in artifact.signature.outputs]
    compare(artifact, answers, len(next(iter(artifact.inputs.values()))))


@pytest.mark.parametrize("name", MODELS)
def test_keras_file_is_the_same_model(trained_home: Path, name: str) -> None:
    """`model.keras`, loaded in safe mode, gives the stored answers as well."""
    import keras

    found = stored(trained_home, name)
    artifact = read_artifact(found.folder, name, found.version)
    model = keras.saving.load_model(found.folder / "model.keras", safe_mode=True)
    given = {tensor.name: artifact.inputs[tensor.name] for tensor in artifact.signature.inputs}
    answer = model.predict(given if len(given) > 1 else next(iter(given.values())), verbose=0)
    listed = answer if isinstance(answer, list) else [answer]
    arrays = dict(zip(artifact.outputs, map(np.asarray, listed), strict=True))
    compare(artifact, arrays, 1)


def test_versions_of_a_name_share_their_tensors(trained_home: Path) -> None:
    """The interface of each model is the one that the contract's page fixes."""
    tensors = {}
    for name in MODELS:
        text = json.loads((stored(trained_home, name).folder / "signature.json").read_text())
        tensors[name] = [(t["name"], t["dtype"], t["shape"]) for t in text["inputs"] + text["outputs"]]
    image = [("image", "UINT8", [28, 28]), ("probabilities", "FP32", [10])]
    assert tensors["mnist"] == tensors["fashion"] == image
    assert tensors["xor"] == [("features", "FP32", [2]), ("probability", "FP32", [1])]
    answers = [("arrival_delay", [1]), ("air_time", [1]), ("arrival_delay_interval", [2]), ("air_time_interval", [2])]
    assert [(name, shape) for name, _, shape in tensors["flights"][2:]] == answers
    assert [name for name, _, _ in tensors["flights"][:2]] == ["wide", "deep"]
