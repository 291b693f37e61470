"""`training.export.int8`, on nets that nobody trained: two layers of random weights on random pixels."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import pytest

from tests.training.export.exporting import export, run_onnx
from training.errors import ExportError
from training.export import Int8, answer, largest_differences, put_in_place, quantize
from training.signature import Signature

layers = keras.layers
ROWS = np.random.default_rng(0).integers(0, 256, (193, 8, 8, 1), dtype=np.uint8)
SEEN, UNSEEN = {"x": ROWS[:128]}, {"x": ROWS[128:]}


def _net(*inner: keras.layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(0)
    first = [keras.Input((8, 8, 1), dtype="uint8", name="x"), layers.Rescaling(1 / 255)]
    return keras.Sequential([*first, *inner, layers.Flatten(), layers.Dense(3, "softmax", name="y")])


def _dense() -> keras.Model:
    return _net(layers.Flatten(), layers.Dense(33, "relu"), layers.Dense(17, "relu"))


def _convolutional() -> keras.Model:
    return _net(layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(2))


NETS = {"dense": _dense, "convolutional": _convolutional}


@dataclass(frozen=True)
class Made:
    """A net, its signature, and what became of it."""

    net: keras.Model
    signature: Signature
    int8: Int8


@pytest.fixture(scope="module", params=NETS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Each of the nets, quantized."""
    net: keras.Model = NETS[request.param]()
    signature = _signature(net, tmp_path_factory.mktemp("exported"))
    return Made(net, signature, quantize(net, signature, SEEN))


def _signature(model: keras.Model, folder: Path) -> Signature:
    return export(model, folder, [SEEN["x"][:8]])


def _constants(int8: Int8) -> list[np.ndarray[Any, Any]]:
    """Weights and scales in the order in which they are used; names come from a counter of the whole process."""
    graph = onnx.load_from_string(int8.content).graph
    found = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    return [found[name] for node in graph.node for name in node.input if name in found]


def test_an_answer_does_not_depend_on_the_batch(made: Made) -> None:
    """Rows that were never seen get the same bits alone as among 2, 7 or 64, of whatever size the others are."""
    alone = np.concatenate([made.int8.answer({"x": row[None]})["y"] for row in UNSEEN["x"]])
    for size in (2, 7, 64):
        for start in range(0, len(alone), size):
            rows = slice(start, start + size)
            beside = np.concatenate([UNSEEN["x"][rows], np.full_like(ROWS[:1], 255)])
            assert np.array_equal(made.int8.answer({"x": beside})["y"][:-1], alone[rows])


def test_answers_stay_near(made: Made) -> None:
    """Quantized, probabilities move by less than a twentieth, and do move; they add up to 1 as before."""
    answers = made.int8.answer(UNSEEN)
    apart = largest_differences(answers, answer(made.net, UNSEEN))
    assert 0 < apart["y"] < 0.05
    assert np.allclose(answers["y"].sum(axis=1), 1, atol=1e-6)


def test_the_same_rows_give_the_same_numbers(made: Made) -> None:
    """Weights, scales and answers are reproducible, and follow from the rows given: darker ones give other scales."""
    first, second = made.int8, quantize(made.net, made.signature, SEEN)
    pairs = list(zip(_constants(first), _constants(second), strict=True))
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert np.array_equal(first.answer(UNSEEN)["y"], second.answer(UNSEEN)["y"])
    darker = _constants(quantize(made.net, made.signature, {"x": SEEN["x"] // 2}))
    assert any(not np.array_equal(a, b) for (a, _), b in zip(pairs, darker, strict=True))


def test_sums_cannot_overflow(made: Made) -> None:
    """Two products of a weight and an activation of 8 bits fit into 16 bits, whatever the processor."""
    weights = [one for one in _constants(made.int8) if one.dtype == np.int8]
    large = [one for one in weights if one.size > 1]
    assert large
    assert all(2 * 255 * np.abs(one.astype(int)).max() < 2**15 for one in large)
    assert max(np.abs(one.astype(int)).max() for one in large) > 2**5


def test_the_last_product_stays_float(tmp_path: Path) -> None:
    """Of three dense layers the first two become int8; what makes the answer keeps its weights to the last bit."""
    net = _dense()
    constants = _constants(quantize(net, _signature(net, tmp_path), SEEN))
    assert {one.shape for one in constants if one.dtype == np.int8 and one.ndim == 2} == {(64, 33), (33, 17)}
    assert any(np.array_equal(one, net.get_weights()[-2]) for one in constants)


def test_every_end_of_a_forked_model_stays_float(tmp_path: Path) -> None:
    """Where a product has answers both before and behind other products, only those behind all of them stay."""
    x = keras.Input((5,), name="x")
    hidden = layers.Dense(7, "relu")(x)
    near, far = layers.Dense(1, name="near")(hidden), layers.Dense(2, name="far")(layers.Dense(3, "relu")(hidden))
    rows = np.random.default_rng(0).normal(size=(64, 5)).astype(np.float32)
    model = keras.Model(x, {"near": near, "far": far})
    constants = _constants(quantize(model, export(model, tmp_path, [rows]), {"x": rows}))
    assert {one.shape for one in constants if one.dtype == np.int8 and one.ndim == 2} == {(5, 7), (7, 3)}


def test_nothing_to_quantize(tmp_path: Path) -> None:
    """A model of one layer would stay as it is: that is told instead of stored under another name."""
    model = _net()
    with pytest.raises(ExportError, match=r"^Expected products .* Received a model without\.$"):
        quantize(model, _signature(model, tmp_path), SEEN)


def test_it_takes_the_place_of_the_exact_one(tmp_path: Path) -> None:
    """`model.onnx` answers as the quantized model does; tolerances and sizes tell what that costs; the rest stays."""
    net = _dense()
    signature = _signature(net, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.name != "model.onnx"}
    length = (tmp_path / "model.onnx").stat().st_size
    int8 = quantize(net, signature, SEEN)
    put = put_in_place(int8, signature, {"y": 0.0123}, tmp_path)
    assert np.array_equal(run_onnx(tmp_path, [UNSEEN["x"]])[0], int8.answer(UNSEEN)["y"])
    assert (put.fp32_bytes, put.int8_bytes) == (length, (tmp_path / "model.onnx").stat().st_size)
    assert put.signature.outputs == (replace(signature.outputs[0], atol=0.019),)
    assert {path: path.read_bytes() for path in before} == before


def test_tolerances_are_half_as_large_again(tmp_path: Path) -> None:
    """One and a half times what was measured, rounded up to two digits, never less than before."""
    signature = _signature(_dense(), tmp_path)
    exact = Int8((tmp_path / "model.onnx").read_bytes(), ["y"])
    for largest, atol in ((0.0, 1e-5), (1e-7, 1e-5), (0.02, 0.03), (0.0335, 0.051), (17.46, 27.0), (700.0, 1100.0)):
        assert put_in_place(exact, signature, {"y": largest}, tmp_path).signature.outputs[0].atol == atol


def test_a_model_that_lies_farther_than_it_tells(tmp_path: Path) -> None:
    """Tolerances that the examples do not meet are no artifact."""
    net = _dense()
    signature = _signature(net, tmp_path)
    with pytest.raises(ExportError, match=r"^Expected model\.onnx to answer y as the model in memory does"):
        put_in_place(quantize(net, signature, SEEN), signature, {"y": 0.0}, tmp_path)
