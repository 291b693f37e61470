"""TensorFlow's engine answers as NumPy does, or refuses the SavedModel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from service.engines.engine import choose, load
from service.engines.tensorflow import TensorFlowEngine, has_gpu
from service.errors import ArtifactError
from service.loading import load_version
from service.settings import Settings
from service.signature import Signature
from service.store import Stored
from tests import toy
from tests.toy_engines import SIGNATURE, answers, rows, same


class ToyModule(tf.Module):  # type: ignore[misc]
    """The toy in TensorFlow; its factor is a variable, which must live as long as the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])  # type: ignore[misc]
    def __call__(self, x: Any) -> dict[str, Any]:
        """Both outputs, deliberately not in the signature's order."""
        return {"total": tf.reduce_sum(x, axis=1, keepdims=True), "double": x * self.factor}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a toy whose `saved_model/` is filled."""
    home = tmp_path_factory.mktemp("tensorflow_home")
    folder = toy.write(home)
    module = ToyModule()
    tf.saved_model.save(module, str(folder / "saved_model"), signatures={"serving_default": module.__call__})
    toy.seal(folder)
    return home


@pytest.fixture(scope="module")
def folder(home: Path) -> Path:
    """The artifact."""
    return home / "models" / "toy" / "1"


@pytest.fixture(scope="module")
def engine(folder: Path) -> TensorFlowEngine:
    """The toy in the engine."""
    return TensorFlowEngine(folder / "saved_model", SIGNATURE, 1)


@pytest.mark.parametrize("count", [1, 2, 64])
def test_xla_gives_the_same_answers(folder: Path, count: int) -> None:
    """Compiled by XLA, the toy answers as NumPy does, in each batch size."""
    x = rows(count)
    compiled = TensorFlowEngine(folder / "saved_model", SIGNATURE, 1, xla=True)
    assert same(compiled.run({"x": x}), answers(x))


@pytest.mark.parametrize("count", [1, 2, 3, 64, 257])
def test_answers_are_those_of_numpy(engine: TensorFlowEngine, count: int) -> None:
    """Any number of rows gets what NumPy gets, in the signature's order, as plain arrays of its datatype."""
    x = np.random.default_rng(count).normal(size=(count, 2)).astype(np.float32)
    found = engine.run({"x": x})
    assert same(found, answers(x))
    assert [(array.dtype, type(array)) for array in found.values()] == [(np.float32, np.ndarray)] * 2


def test_variables_outlive_their_loading(engine: TensorFlowEngine) -> None:
    """The engine keeps the model's variables alive from call to call."""
    for _ in range(3):
        assert same(engine.run({"x": rows(1, 2, 3)}), answers(rows(1, 2, 3)))


def test_both_engines_agree(engine: TensorFlowEngine, folder: Path) -> None:
    """ONNX Runtime and TensorFlow give the same answers within the signature's tolerances."""
    x = np.random.default_rng(5).normal(size=(50, 2)).astype(np.float32)
    other = load("onnxruntime", folder, SIGNATURE, 1).run({"x": x})
    for tensor in SIGNATURE.outputs:
        mine = engine.run({"x": x})[tensor.name]
        assert np.allclose(mine, other[tensor.name], rtol=tensor.rtol, atol=tensor.atol)


def test_it_passes_every_check_of_a_start(folder: Path) -> None:
    """The artifact loads with this engine, and only sizes that agree bit for bit are used."""
    loaded = load_version(Stored("toy", 1, folder), Settings(max_batch_rows=12), "tensorflow")
    assert loaded.engine.name == "tensorflow"
    assert loaded.sizes[-1] == 12
    assert set(loaded.sizes) <= {1, 2, 4, 8, 12}


@pytest.mark.parametrize(
    ("most", "sizes"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (64, [1, 2, 4, 8, 16, 32, 64]), (5, [1, 2, 4, 5])]
)
def test_sizes_are_powers_of_two_and_the_largest(engine: TensorFlowEngine, most: int, sizes: list[int]) -> None:
    """Few sizes are prepared, and the largest is one of them."""
    assert engine.sizes(most) == sizes


def test_the_device_is_what_tensorflow_sees(engine: TensorFlowEngine) -> None:
    """The engine's device is GPU exactly where TensorFlow sees one, and the choice of auto agrees."""
    seen = bool(tf.config.list_physical_devices("GPU"))
    assert engine.device == ("GPU" if seen else "CPU")
    assert has_gpu() == seen
    assert seen or choose("auto") == "onnxruntime"


def changed(side: str, **change: Any) -> Signature:
    """The toy's signature with its first input or output changed."""
    signature = toy.signature(fields=False)
    signature[side] = [signature[side][0] | change, *signature[side][1:]]
    return Signature.model_validate(signature)


@pytest.mark.parametrize(
    ("side", "change"),
    [
        ("inputs", {"name": "y"}),
        ("inputs", {"shape": [3]}),
        ("inputs", {"shape": [2, 1]}),
        ("inputs", {"dtype": "FP64"}),
        ("outputs", {"name": "triple"}),
    ],
    ids=str,
)
def test_tensors_must_be_those_of_the_signature(folder: Path, side: str, change: dict[str, Any]) -> None:
    """A SavedModel whose inputs or outputs are others than the signature's is refused."""
    with pytest.raises(ArtifactError, match="in saved_model"):
        TensorFlowEngine(folder / "saved_model", changed(side, **change), 1)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """An empty folder, a damaged file and a model without the serving signature are artifact errors without a path."""
    empty, damaged, unsigned = tmp_path / "empty", tmp_path / "damaged", tmp_path / "unsigned"
    for path in (empty, damaged):
        path.mkdir()
    (damaged / "saved_model.pb").write_bytes(b"\xff\xfe damaged")
    tf.saved_model.save(tf.Module(), str(unsigned))
    for path in (tmp_path / "nowhere", empty, damaged, unsigned):
        with pytest.raises(ArtifactError) as refused:
            TensorFlowEngine(path, SIGNATURE, 1)
        assert str(tmp_path) not in str(refused.value)
