"""`training.study.xor`."""

import keras
import numpy as np
import pytest
from rich.console import Console

from tests.training.conftest import DATA_DIR
from training import fit
from training.datasets import xor as data
from training.presets import presets_of
from training.study.convergence import convergence
from training.study.ensemble import Ensemble
from training.study.xor import SEEN, study, tutorial_net

DATASET = data.load(DATA_DIR)


@pytest.mark.parametrize("name", SEEN)
def test_the_tutorial_s_settings(name: str) -> None:
    """Shape, activations, first weights, loss and optimizer are those of the tutorial."""
    model = tutorial_net(name)
    assert "-".join(str(units) for units in (model.input_shape[1], *(layer.units for layer in model.layers))) == name
    assert [layer.activation.__name__ for layer in model.layers] == ["relu"] * (len(model.layers) - 1) + ["sigmoid"]
    assert {type(layer.kernel_initializer) for layer in model.layers} == {keras.initializers.GlorotUniform}
    assert not any(np.any(layer.bias) for layer in model.layers)
    assert model.loss == ["mean_squared_error"]
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)


def test_every_net_from_every_seed(console: Console) -> None:
    """The study has one pair of epochs per net and seed, within the run; the same ones if it is done again."""
    found, again = (study(DATASET, 3, console, limit_epochs=30) for _ in range(2))
    assert found.tutorial.keys() == SEEN.keys()
    assert found.presets.keys() == presets_of("xor").keys()
    nets = found.tutorial | found.presets
    for name, net in nets.items():
        assert net.first.shape == (3,)
        assert (net.first <= net.for_good).all()
        assert (net.for_good == (again.tutorial | again.presets)[name].for_good).all()
    assert all(np.isfinite(net.for_good).all() for net in found.presets.values())


@pytest.mark.parametrize("preset", presets_of("xor"))
def test_presets_learn_from_every_seed(preset: str) -> None:
    """From each of 100 seeds a preset is right for good before half of its epochs are over."""
    config = presets_of("xor")[preset]
    right = Ensemble(lambda: fit.build(config, DATASET), range(100)).fit(DATASET.train, range(config.epochs))
    assert convergence(right).for_good.max() < config.epochs / 2
