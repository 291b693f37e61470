"""`training.foreign.loading`."""

import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from training.errors import ForeignModelError
from training.foreign.loading import load


def _saved(model: keras.Model, folder: Path) -> Path:
    model.save(folder / "some.keras")
    return folder / "some.keras"


def test_the_model_is_that_of_the_file(tmp_path: Path) -> None:
    """Weights come with it; what it was compiled with does not, and need not be known here."""

    def loss_of_my_own(truth: object, answer: object) -> object:
        return truth

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", loss=loss_of_my_own)
    rows = np.ones((4, 3), np.float32)
    assert np.array_equal(load(_saved(model, tmp_path))(rows), model(rows))


def test_a_sequential_model_is_freed_of_its_first_batch(tmp_path: Path) -> None:
    """Keras keeps the rows of the first call in the shape; weights, names and answers stay."""
    model = keras.Sequential([keras.layers.Dense(4, name="first"), keras.layers.Dense(2, name="last")])
    rows = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    model(rows[:2])
    loaded = load(_saved(model, tmp_path))
    assert loaded.inputs[0].shape == (None, 3)
    assert [layer.name for layer in loaded.layers] == ["first", "last"]
    assert np.allclose(loaded(rows), model(rows), atol=1e-6)


@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
def test_a_model_without_inputs_is_refused(tmp_path: Path) -> None:
    """One that was never called has no weights and no shapes."""
    with pytest.raises(ForeignModelError, match=r"knows its inputs.*begin it with keras\.Input"):
        load(_saved(keras.Sequential([keras.layers.Dense(2)]), tmp_path))


def test_state_between_requests_is_refused(tmp_path: Path) -> None:
    """A stateful layer would mix the requests of different people."""
    inner = keras.Sequential([keras.Input(batch_shape=(2, 4, 3)), keras.layers.LSTM(2, stateful=True, name="memory")])
    model = keras.Sequential([keras.Input(batch_shape=(2, 4, 3)), inner])
    with pytest.raises(ForeignModelError, match="Received layer memory with stateful=True"):
        load(_saved(model, tmp_path))


def test_what_keras_refuses_is_one_line(tmp_path: Path) -> None:
    """A configuration that safe mode or a layer does not take: the last cause, without pages of configuration."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="odd")])
    path = _saved(model, tmp_path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = members["config.json"].replace(b'"units": 2', b'"units": -2')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(
        ForeignModelError, match=r"^Expected a model that Keras \S+ loads in safe mode\. Received"
    ) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
