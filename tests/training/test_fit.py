"""`training.fit`."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from training import fit
from training.config import Bound, TrainingConfig
from training.datasets.dataset import Dataset
from training.errors import BelowGateError, DataError
from training.presets import NAMES, find_preset


def _trained(config: TrainingConfig, dataset: Dataset, console: Console) -> keras.Model:
    fit.make_reproducible(config.seed)
    model = fit.build(config, dataset)
    fit.fit(model, config, dataset, console, config.name)
    return model


def _quick(name: str, seed: int = 0) -> TrainingConfig:
    return replace(find_preset(name, None), epochs=1, seed=seed)


@pytest.mark.parametrize("name", ["mnist", "flights"])
def test_same_seed_same_weights(small_datasets: dict[str, Dataset], console: Console, name: str) -> None:
    """Shuffling, dropout and noise included, a seed gives bit-identical weights, and another seed others."""
    dataset = small_datasets[name]
    first, second, other = (_trained(_quick(name, seed), dataset, console).get_weights() for seed in (0, 0, 1))
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
def test_one_epoch_lowers_the_loss(small_datasets: dict[str, Dataset], console: Console, name: str) -> None:
    """Loss, optimizer and targets belong together: on the rows trained on, the loss falls."""
    config, dataset = replace(_quick(name), epochs=3), small_datasets[name]
    if not config.hold_out_validation:
        dataset = dataset.without_validation()
    fit.make_reproducible(0)
    model = fit.build(config, dataset)
    arguments = ([dataset.train.inputs[tensor.name] for tensor in model.inputs], list(dataset.train.targets.values()))
    inputs, targets = (part if len(part) > 1 else part[0] for part in arguments)
    before = model.evaluate(inputs, targets, verbose=0, return_dict=True)["loss"]
    history = fit.fit(model, config, dataset, console, name)
    assert model.evaluate(inputs, targets, verbose=0, return_dict=True)["loss"] < before
    assert {len(values) for values in history.values()} == {3}
    assert {"loss", "val_loss"} <= history.keys()


def test_loss_weights(small_datasets: dict[str, Dataset]) -> None:
    """The loss of flights is 0.9 of the arrival delay's and 0.1 of the air time's."""
    dataset = small_datasets["flights"]
    model = fit.build(find_preset("flights", None), dataset)
    inputs = [dataset.test.inputs[tensor.name] for tensor in model.inputs]
    losses = model.evaluate(inputs, list(dataset.test.targets.values()), verbose=0, return_dict=True)
    expected = 0.9 * losses["arrival_delay_mean_absolute_error"] + 0.1 * losses["air_time_mean_absolute_error"]
    assert losses["loss"] == pytest.approx(expected, rel=1e-4)


def test_cosine_decay_ends_at_zero(small_datasets: dict[str, Dataset]) -> None:
    """The step size starts as configured and is gone at the last step."""
    dataset, config = small_datasets["mnist"], replace(find_preset("mnist", None), epochs=2)
    model = fit.build(config, dataset)
    schedule = model.optimizer._learning_rate
    steps = 2 * -(-len(dataset.train) // config.batch_rows)
    assert float(schedule(0)) == pytest.approx(config.learning_rate)
    assert float(schedule(steps)) == pytest.approx(0, abs=1e-9)
    assert float(schedule(steps - 1)) > 0


def test_xor_learns_its_truth_table(console: Console) -> None:
    """The default preset reaches all four cases from another seed than the one shown in the docs."""
    config = replace(find_preset("xor", None), seed=1, epochs=40)
    dataset = fit.load(config, DATA_DIR)
    answers = fit.predict(_trained(config, dataset, console), dataset.test)["probability"]
    assert ((answers[:, 0] >= 0.5) == dataset.test.targets["probability"]).all()


def _train_xor(quick_xor: TrainingConfig, folder: Path, console: Console, **options: bool) -> dict[str, float]:
    impossible = replace(quick_xor, gate=(Bound(metric="test_accuracy", at_least=1.1),))
    folder.mkdir()
    return fit.train_and_evaluate(impossible, folder, name="xor", data_dir=DATA_DIR, console=console, **options)[0]


def test_below_the_gate_nothing_is_written(quick_xor: TrainingConfig, tmp_path: Path, console: Console) -> None:
    """A model that misses its gate is refused in one line, with rule and value, and exports nothing."""
    with pytest.raises(
        BelowGateError, match=r"^xor was not stored\. Expected test_accuracy of at least 1\.1"
    ) as caught:
        _train_xor(quick_xor, tmp_path / "out", console)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_below_the_gate_on_demand(quick_xor: TrainingConfig, tmp_path: Path, console: Console) -> None:
    """If it is asked for, the model is exported all the same, and its card says so."""
    _train_xor(quick_xor, tmp_path / "out", console, allow_below_gate=True)
    assert "Not met" in (tmp_path / "out" / "report" / "card.md").read_text()


def test_damaged_data(tmp_path: Path) -> None:
    """Without its data a model is not built on something else."""
    with pytest.raises(DataError, match="SHA256SUMS"):
        fit.load(find_preset("mnist", None), tmp_path)
