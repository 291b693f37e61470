"""`training.storage.weights`."""

from pathlib import Path

import keras
import numpy as np
import pytest

from training.storage.weights import weights_sha256

KERNELS = [np.arange(4, dtype=np.float32).reshape(2, 2), np.ones((2, 2), np.float32)]


def _sum(folder: Path, kernels: list[np.ndarray], name: str = "layer", dtype: str = "float32") -> str:
    """The sum of a chain of layers without biases that have these kernels."""
    layers = [keras.layers.Dense(kernel.shape[1], use_bias=False, dtype=dtype) for kernel in kernels]
    model = keras.Sequential([keras.Input((len(kernels[0]),)), *layers], name=name)
    model.set_weights(kernels)
    model.save(folder / "model.keras")
    return weights_sha256(folder / "model.keras")


def test_names_do_not_count(tmp_path: Path) -> None:
    """Two files that differ in names, and in the date that Keras writes, have the same sum if the weights are equal."""
    first = _sum(tmp_path, KERNELS, "first")
    content = (tmp_path / "model.keras").read_bytes()
    assert _sum(tmp_path, KERNELS, "second") == first
    assert (tmp_path / "model.keras").read_bytes() != content


@pytest.mark.parametrize(
    "kernels",
    [
        [KERNELS[0], np.nextafter(KERNELS[1], np.float32(2))],
        [KERNELS[1], KERNELS[0]],
        KERNELS[:1],
        [KERNELS[0].reshape(4, 1), np.ones((1, 4), np.float32)],
    ],
    ids=["last bit", "order", "one less", "shape"],
)
def test_values_order_and_shape_count(tmp_path: Path, kernels: list[np.ndarray]) -> None:
    """One bit, two layers swapped, or the same bytes in another shape give another sum."""
    assert _sum(tmp_path, kernels) != _sum(tmp_path, KERNELS)


def test_the_type_counts(tmp_path: Path) -> None:
    """Zeros in another type, which may well have the same bytes, are other weights."""
    zeros = [np.zeros((2, 2), np.float32)]
    assert _sum(tmp_path, zeros, dtype="float16") != _sum(tmp_path, zeros, dtype="bfloat16")


def test_states_of_random_generators_do_not_count(tmp_path: Path) -> None:
    """What a dropout layer drew says nothing about what the model learned."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dropout(0.5, seed=1)])
    model.save(tmp_path / "before.keras")
    model(np.ones((1, 2), np.float32), training=True)
    model.save(tmp_path / "after.keras")
    assert weights_sha256(tmp_path / "after.keras") == weights_sha256(tmp_path / "before.keras")
