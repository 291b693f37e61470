"""`training.judge`."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from training import fit
from training.datasets.dataset import Dataset
from training.export import Int8, quantize
from training.judge import compare_with, judge, predict
from training.machine import Machine
from training.presets import find_preset
from training.run import run
from training.storage.store import Store


def test_variants_are_judged_as_the_test_rows_are(small_datasets: dict[str, Dataset]) -> None:
    """A variant that changes nothing has the metrics of the test rows: the int8 model's and every contender's."""
    dataset = small_datasets["flights"]
    same = replace(dataset, variants={"same": dataset.test})
    model = fit.build(find_preset("flights", None), dataset)
    int8 = quantize(model, dataset.signature, dataset.train.inputs)
    metrics = judge(model, same, predict(int8, dataset.test), int8).metrics
    assert metrics["same_air_time_mae_min"] == metrics["air_time_mae_min"]
    assert metrics["boosted_trees_same_air_time_mae_min"] == metrics["boosted_trees_air_time_mae_min"]
    assert metrics["fp32_same_air_time_mae_min"] == metrics["fp32_air_time_mae_min"] != metrics["air_time_mae_min"]
    apart = {key for key in metrics if key.endswith("_largest_difference")}
    own = {key for key in metrics if "same_" not in key} - {"test_rows"} - apart
    assert len(metrics) == 2 * len(own) + 1 + len(dataset.signature.outputs)


def test_an_int8_model_is_held_against_its_own_weights(small_datasets: dict[str, Dataset]) -> None:
    """Its contender `fp32` has the metrics of the model in memory, and the largest difference is between the two."""
    dataset = small_datasets["fashion"]
    model = fit.build(find_preset("fashion", None), dataset)
    int8 = quantize(model, dataset.signature, dataset.train.inputs)
    exact, rounded = predict(model, dataset.test), predict(int8, dataset.test)
    plain, both = judge(model, dataset, exact).metrics, judge(model, dataset, rounded, int8).metrics
    assert both["fp32_log_loss"] == plain["test_log_loss"] != both["test_log_loss"]
    apart = np.abs(rounded["probabilities"].astype(float) - exact["probabilities"]).max()
    assert both["probabilities_largest_difference"] == apart > 0
    assert not any("fp32" in key or "difference" in key for key in plain)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored int8 model of xor, two epochs of training."""
    store, console = Store(tmp_path_factory.mktemp("home")), Console(file=io.StringIO())
    config = replace(find_preset("xor", None), epochs=2, precision="int8")
    run(config, "xor", store, DATA_DIR, Machine(), console, allow_below_gate=True)
    return store.folder("xor", 1)


def test_a_stored_model_is_compared_as_it_is_served(stored: Path, small_datasets: dict[str, Dataset]) -> None:
    """Against an int8 model its own answers are no better and no worse; those of its exact weights are others."""
    dataset = small_datasets["xor"]
    int8 = Int8((stored / "model.onnx").read_bytes(), ["probability"])
    same = compare_with(stored, dataset, predict(int8, dataset.test))
    right = compare_with(stored, dataset, {"probability": dataset.test.targets["probability"][:, None]})
    assert same is not None
    assert right is not None
    assert (same.difference, same.old) == (0, right.old)
    exact = keras.saving.load_model(stored / "model.keras", compile=False)
    assert not np.array_equal(predict(exact, dataset.test)["probability"], predict(int8, dataset.test)["probability"])


def test_what_a_cpu_serves_is_read(stored: Path, small_datasets: dict[str, Dataset], tmp_path: Path) -> None:
    """Of a quantized artifact `model.onnx` is compared, and `model.keras` is not opened."""
    shutil.copytree(stored, tmp_path / "1")
    (tmp_path / "1" / "model.keras").unlink()
    answers = {"probability": np.ones((4, 1), np.float32)}
    assert compare_with(tmp_path / "1", small_datasets["xor"], answers) is not None
    (tmp_path / "1" / "model.onnx").unlink()
    assert compare_with(tmp_path / "1", small_datasets["xor"], answers) is None


def test_other_tensors_are_not_compared(stored: Path, small_datasets: dict[str, Dataset]) -> None:
    """A stored model with another interface is no measure: there is no difference, and no failure either."""
    assert compare_with(stored, small_datasets["flights"], {}) is None


def test_what_is_gone_is_not_compared(small_datasets: dict[str, Dataset], tmp_path: Path) -> None:
    """Nothing stored, nothing to compare with."""
    assert compare_with(tmp_path / "1", small_datasets["xor"], {}) is None
