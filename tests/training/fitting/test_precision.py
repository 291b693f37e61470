"""`training.fitting.precision`."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from tests.training.small_run import CONFIG, trained
from training.datasets.dataset import Dataset
from training.export import answer, write_model
from training.fit import build
from training.fitting.loop import fit
from training.fitting.precision import compute_dtype
from training.machine import Machine
from training.presets import find_preset

MIXED = replace(CONFIG, mixed_precision=True)


@pytest.mark.parametrize(
    ("machine", "policy"),
    [
        (Machine(device="cpu"), "mixed_bfloat16"),
        (Machine(device="gpu:1"), "mixed_float16"),
        (Machine(distribute="mirrored"), "mixed_bfloat16"),
    ],
)
def test_the_device_decides_on_the_sixteen_bits(machine: Machine, policy: str) -> None:
    """float16 on one GPU, bfloat16 elsewhere; only if it is asked for, and only inside, even after an exception."""
    with compute_dtype(CONFIG, machine):
        assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(ValueError, match=policy), compute_dtype(MIXED, machine):
        raise ValueError(keras.config.dtype_policy().name)
    assert keras.config.dtype_policy().name == "float32"


def test_mixed_training_gives_a_model_in_float32() -> None:
    """Training computes in 16 bits, so its losses are near those of 32 but others; its model is plain float32."""
    model, history = trained(MIXED, plain=True)
    _, plain = trained(plain=True)
    assert history["loss"] == pytest.approx(plain["loss"], rel=0.05)
    assert history["loss"] != plain["loss"]
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert {weight.dtype for weight in model.weights} == {"float32"}
    images = np.zeros((1, 8, 8), np.uint8)
    assert answer(model, {"image": images})["probabilities"].dtype == np.float32


def test_a_model_of_mixed_training_is_exported(
    small_datasets: dict[str, Dataset], tmp_path: Path, console: Console
) -> None:
    """Its three formats are written and agree, as those of any other model; else `write_model` raises."""
    config = replace(find_preset("mnist", "mlp-512-256-128"), epochs=1, mixed_precision=True)
    dataset = small_datasets["mnist"]
    model, _ = fit(lambda: build(config, dataset), config, dataset, Machine(), console, "mnist")
    write_model(model, dataset.signature, dataset.examples.inputs, tmp_path)
    assert {"model.keras", "saved_model", "model.onnx"} <= {path.name for path in tmp_path.iterdir()}
