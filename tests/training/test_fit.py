"""`training.fit`."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from tests.training.export.exporting import run_onnx
from training import fit
from training.architectures.intervals import pinball
from training.config import Bound, TrainingConfig
from training.datasets.dataset import Dataset
from training.errors import BelowGateError, DataError
from training.export import Arrays, Int8, quantize
from training.fitting.state import History
from training.machine import Machine
from training.presets import NAMES, find_preset
from training.signature import Signature
from training.storage.manifest import Origin, write_manifest


def _trained(config: TrainingConfig, dataset: Dataset, console: Console) -> tuple[keras.Model, History]:
    fit.make_reproducible(config.seed)
    return fit.fit(lambda: fit.build(config, dataset), config, dataset, Machine(), console, config.name)


def _quick(name: str, seed: int = 0) -> TrainingConfig:
    return replace(find_preset(name, None), epochs=1, seed=seed)


@pytest.mark.parametrize("name", ["mnist", "flights"])
def test_same_seed_same_weights(small_datasets: dict[str, Dataset], console: Console, name: str) -> None:
    """Shuffling, dropout and noise included, a seed gives bit-identical weights, and another seed others."""
    dataset = small_datasets[name]
    first, second, other = (_trained(_quick(name, seed), dataset, console)[0].get_weights() for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_permuted_rows_permuted_answers(small_datasets: dict[str, Dataset], name: str) -> None:
    """No row's answer depends on its neighbours: permuted rows give permuted answers."""
    dataset = small_datasets[name]
    model = fit.build(_quick(name), dataset)
    order = np.random.default_rng(0).permutation(len(dataset.test))
    plain, permuted = fit.predict(model, dataset.test), fit.predict(model, dataset.test.take(order))
    for output in dataset.signature.outputs:
        assert np.allclose(plain[output.name][order], permuted[output.name], rtol=1e-5, atol=output.atol)


@pytest.mark.parametrize("name", NAMES)
def test_epochs_lower_the_loss(small_datasets: dict[str, Dataset], console: Console, name: str) -> None:
    """Loss, optimizer and targets belong together: over a few epochs the loss of the training rows falls."""
    config, dataset = replace(_quick(name), epochs=4), small_datasets[name]
    _, history = _trained(config, dataset if config.hold_out_validation else dataset.without_validation(), console)
    assert history["loss"][-1] < history["loss"][0]
    assert {len(values) for values in history.values()} == {4}
    assert {"loss", "val_loss", "learning_rate"} <= history.keys()


def test_loss_weights(small_datasets: dict[str, Dataset]) -> None:
    """The loss of flights is 0.9 of the arrival delay's and 0.1 of the air time's, each with its interval's."""
    dataset = small_datasets["flights"]
    model = fit.build(find_preset("flights", None), dataset)
    inputs = [dataset.test.inputs[tensor.name] for tensor in model.inputs]
    targets = [dataset.test.target(output) for output in model.output_names]
    answers = fit.predict(model, dataset.test)
    losses = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    expected = 0.0
    for name, weight in (("arrival_delay", 0.9), ("air_time", 0.1)):
        truth = dataset.test.targets[name]
        error = np.abs(truth - answers[name][:, 0]).mean()
        expected += weight * (error + np.asarray(pinball(truth, answers[f"{name}_interval"])).mean())
    assert losses["loss"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("warmup", [0.0, 0.25])
def test_the_step_size_rises_and_falls(small_datasets: dict[str, Dataset], warmup: float) -> None:
    """The step size is as configured once it has risen, and is gone at the last step."""
    config = replace(find_preset("mnist", None), epochs=10, warmup=warmup)
    schedule = fit.build(config, small_datasets["mnist"]).optimizer._learning_rate
    steps = 10 * -(-len(small_datasets["mnist"].train) // config.batch_rows)
    rates = [float(schedule(step)) for step in range(steps + 1)]
    top = int(steps * warmup)
    assert rates[top] == max(rates) == pytest.approx(config.learning_rate)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert rates[0] == pytest.approx(config.learning_rate * (0.05 if warmup else 1))


def test_xor_learns_its_truth_table(console: Console) -> None:
    """The default preset reaches all four cases from another seed than the one shown in the docs."""
    config = replace(find_preset("xor", None), seed=1, epochs=40)
    dataset = fit.load(config, DATA_DIR)
    answers = fit.predict(_trained(config, dataset, console)[0], dataset.test)["probability"]
    assert ((answers[:, 0] >= 0.5) == dataset.test.targets["probability"]).all()


def _train_xor(config: TrainingConfig, folder: Path, console: Console, **options: Any) -> fit.Trained:
    folder.mkdir()
    trained = fit.train_and_evaluate(
        config, folder, name="xor", data_dir=DATA_DIR, machine=Machine(), console=console, **options
    )
    write_manifest(folder, "xor", 1, Origin.of(config, trained.files))
    return trained


def _impossible(config: TrainingConfig) -> TrainingConfig:
    return replace(config, gate=(Bound(metric="test_accuracy", at_least=1.1),))


def test_below_the_gate_nothing_is_written(quick_xor: TrainingConfig, tmp_path: Path, console: Console) -> None:
    """A model that misses its gate is refused in one line, with rule and value, and exports nothing."""
    with pytest.raises(
        BelowGateError, match=r"^xor was not stored\. Expected test_accuracy of at least 1\.1"
    ) as caught:
        _train_xor(_impossible(quick_xor), tmp_path / "out", console)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_below_the_gate_on_demand(quick_xor: TrainingConfig, tmp_path: Path, console: Console) -> None:
    """If it is asked for, the model is exported all the same, and its card says so."""
    _train_xor(_impossible(quick_xor), tmp_path / "out", console, allow_below_gate=True)
    assert "Below its gate" in (tmp_path / "out" / "report" / "card.md").read_text()


def _int8() -> TrainingConfig:
    """All four cases right, in a second."""
    return replace(find_preset("xor", None), seed=1, epochs=40, precision="int8")


def test_an_int8_model_tells_what_it_lost(tmp_path: Path, console: Console) -> None:
    """Card and metrics hold both precisions, tolerances what was measured; the exact model lies beside it."""
    config = _int8()
    out, exact = tmp_path / "int8", tmp_path / "fp32"
    trained = _train_xor(config, out, console)
    _train_xor(replace(config, precision="fp32"), exact, console)
    metrics = json.loads((out / "report" / "metrics.json").read_text())
    apart = metrics["probability_largest_difference"]
    assert metrics["test_accuracy"] == metrics["fp32_accuracy"] == 1
    assert metrics["fp32_log_loss"] == json.loads((exact / "report" / "metrics.json").read_text())["test_log_loss"]
    with np.load(out / "examples.npz") as own, np.load(exact / "examples.npz") as other:
        assert np.array_equal(own["outputs/probability"], other["outputs/probability"])
        answers = run_onnx(out, [own["inputs/features"]])[0]
        assert np.abs(answers - own["outputs/probability"]).max() == pytest.approx(apart) != 0
    output = json.loads((out / "signature.json").read_text())["outputs"][0]
    assert 1.5 * apart <= output["atol"] < 1.7 * apart
    assert "## Precision" in (out / "report" / "card.md").read_text()
    assert "## Precision" not in (exact / "report" / "card.md").read_text()
    assert "fp32_accuracy" in trained.evaluation.metrics
    first, second = (json.loads((folder / "manifest.json").read_text()) for folder in (out, exact))
    assert first["weights"] == second["weights"]
    assert (first["training"]["precision"], second["training"]["precision"]) == ("int8", "fp32")


def test_the_gate_is_that_of_the_int8_model(tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are good enough in fp32 are refused if int8 makes them worse; nothing is written."""
    ask = Int8.answer
    monkeypatch.setattr(
        Int8, "answer", lambda int8, inputs: {name: 1 - array for name, array in ask(int8, inputs).items()}
    )
    with pytest.raises(BelowGateError, match=r"Expected test_accuracy of at least 1.* or fp32, may help\.$"):
        _train_xor(_int8(), tmp_path / "out", console)
    assert list((tmp_path / "out").iterdir()) == []


def test_scales_come_from_training_rows_alone(
    quick_xor: TrainingConfig, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither validation rows nor test rows reach the quantization."""
    whole, given = fit.load(quick_xor, DATA_DIR), []
    part = replace(whole, train=whole.train.take(slice(1, 4)))

    def note(model: keras.Model, signature: Signature, rows: Arrays) -> Int8:
        given.append(rows)
        return quantize(model, signature, rows)

    monkeypatch.setattr(fit, "load", lambda *_: part)
    monkeypatch.setattr(fit, "quantize", note)
    _train_xor(replace(quick_xor, precision="int8"), tmp_path / "out", console, allow_below_gate=True)
    (rows,) = given
    assert np.array_equal(rows["features"], whole.train.inputs["features"][1:4])


def test_a_model_is_held_against_the_one_before(quick_xor: TrainingConfig, tmp_path: Path, console: Console) -> None:
    """The same run again differs by nothing; a longer one by what it learned; and the card says both."""
    short = replace(quick_xor, gate=())
    _train_xor(short, tmp_path / "1", console)
    again = _train_xor(short, tmp_path / "2", console, before=tmp_path / "1")
    longer = _train_xor(replace(short, epochs=100), tmp_path / "3", console, before=tmp_path / "1")
    assert again.difference is not None
    assert longer.difference is not None
    assert again.difference.difference == 0
    assert (longer.difference.new, longer.difference.difference) == (1.0, 1.0 - longer.difference.old)
    assert str(longer.difference) in (tmp_path / "3" / "report" / "card.md").read_text()


@pytest.mark.parametrize("damage", ["signature.json", "model.keras"])
def test_a_version_that_is_gone_costs_no_training(
    quick_xor: TrainingConfig, tmp_path: Path, console: Console, damage: str
) -> None:
    """The version before may be pruned or damaged while the next is trained: that one is stored all the same."""
    _train_xor(replace(quick_xor, gate=()), tmp_path / "1", console)
    (tmp_path / "1" / damage).write_bytes(b"x")
    again = _train_xor(replace(quick_xor, gate=()), tmp_path / "2", console, before=tmp_path / "1")
    assert again.difference is None
    assert (tmp_path / "2" / "model.onnx").exists()


def test_a_preset_sees_what_it_names() -> None:
    """Inputs and outputs of a configuration are the data set's that training gets."""
    dataset = fit.load(find_preset("flights", "mlp-5-4-3"), DATA_DIR)
    assert [tensor.name for tensor in dataset.signature.inputs] == ["deep"]
    assert list(dataset.train.targets) == ["arrival_delay"]


def test_the_stored_model_needs_no_code_of_ours(small_datasets: dict[str, Dataset], tmp_path: Path) -> None:
    """Saved, a model with intervals loads without the loss that trained it."""
    model = fit.build(find_preset("flights", None), small_datasets["flights"])
    fit.forget_own_losses(model)
    model.save(tmp_path / "model.keras")
    code = f"import keras; keras.models.load_model({str(tmp_path / 'model.keras')!r}, safe_mode=True)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_damaged_data(tmp_path: Path) -> None:
    """Without its data a model is not built on something else."""
    with pytest.raises(DataError, match="SHA256SUMS"):
        fit.load(find_preset("mnist", None), tmp_path)
