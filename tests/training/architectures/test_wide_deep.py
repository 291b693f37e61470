"""`training.architectures.wide_deep`."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from training.architectures.wide_deep import deep_only, one_input, two_inputs
from training.datasets.dataset import Dataset
from training.datasets.flights_signature import DEEP
from training.presets import find_preset


@pytest.fixture(scope="module")
def model(small_datasets: dict[str, Dataset]) -> keras.Model:
    """The default preset, untrained."""
    keras.utils.set_random_seed(0)
    return two_inputs(find_preset("flights", None), small_datasets["flights"])


def _answers(model: keras.Model, wide: np.ndarray, deep: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(output) for output in model([wide, deep])]


def test_names_and_order(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """Inputs and outputs are those of the signature, in its order."""
    signature = small_datasets["flights"].signature
    assert [tensor.name for tensor in model.inputs] == [tensor.name for tensor in signature.inputs]
    assert model.output_names == [output.name for output in signature.outputs]


def test_wide_reaches_the_delay_only(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """What changes in `wide` changes the arrival delay and leaves the air time as it was."""
    inputs = small_datasets["flights"].examples.inputs
    before = _answers(model, inputs["wide"], inputs["deep"])
    after = _answers(model, inputs["wide"] + 1, inputs["deep"])
    assert not np.allclose(before[0], after[0])
    assert np.array_equal(before[1], after[1])
    assert np.array_equal(before[3], after[3])


def test_wide_path_is_linear_in_the_delay(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """Equal steps of the departure delay in `wide` are equal steps of the arrival delay."""
    inputs = small_datasets["flights"].examples.inputs
    shifted = []
    for minutes in (0, 100, 200):
        wide = inputs["wide"].copy()
        wide[:, DEEP.index("departure_delay")] += minutes
        shifted.append(_answers(model, wide, inputs["deep"])[0])
    assert np.allclose(shifted[1] - shifted[0], shifted[2] - shifted[1], rtol=1e-3, atol=1e-2)
    assert np.abs(shifted[1] - shifted[0]).max() > 0.1


def test_deep_reaches_all(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """The weather, which is only in `deep`, changes every answer."""
    inputs = small_datasets["flights"].examples.inputs
    deep = inputs["deep"].copy()
    deep[:, DEEP.index("wind_speed")] += 20
    for before, after in zip(
        _answers(model, inputs["wide"], inputs["deep"]), _answers(model, inputs["wide"], deep), strict=True
    ):
        assert not np.allclose(before, after)


def test_noise_only_in_training(model: keras.Model, small_datasets: dict[str, Dataset]) -> None:
    """Served answers do not waver."""
    inputs = small_datasets["flights"].examples.inputs
    first, second = (_answers(model, inputs["wide"], inputs["deep"]) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_padding_rows_cannot_crash_it(model: keras.Model) -> None:
    """Rows of zeros, or of anything finite, get finite answers: they may pad a batch."""
    for filler in (0.0, -1.0, 1e6):
        wide, deep = (np.full((2, tensor.shape[1]), filler, np.float32) for tensor in model.inputs)
        assert all(np.isfinite(answer).all() for answer in _answers(model, wide, deep))


@pytest.mark.parametrize(("preset", "build"), [("wide-deep-one-input", one_input), ("mlp-5-4-3", deep_only)])
def test_one_input(small_datasets: dict[str, Dataset], preset: str, build: Callable[..., keras.Model]) -> None:
    """Presets of one input take it alone and answer what their configuration lists, in its order."""
    config = find_preset("flights", preset)
    dataset = small_datasets["flights"].select(config.inputs, config.outputs)
    built = build(config, dataset)
    assert [tensor.name for tensor in built.inputs] == ["deep"]
    assert tuple(built.output_names) == config.outputs


def test_one_input_goes_straight_as_well(small_datasets: dict[str, Dataset]) -> None:
    """With dead hidden layers the answer still moves with the input; in the plain net it does not."""
    moved = {}
    for preset, build in (("wide-deep-one-input", one_input), ("mlp-256-128", deep_only)):
        config = find_preset("flights", preset)
        dataset = small_datasets["flights"].select(config.inputs, config.outputs)
        built = build(config, dataset)
        for layer in built.layers:
            if layer.name.startswith("hidden_") and layer.weights:
                layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
        deep = dataset.examples.inputs["deep"].copy()
        before = np.asarray(built(deep)[0])
        deep[:, DEEP.index("departure_delay")] += 100
        moved[preset] = np.abs(np.asarray(built(deep)[0]) - before).max()
    assert moved["wide-deep-one-input"] > 0
    assert moved["mlp-256-128"] == 0
