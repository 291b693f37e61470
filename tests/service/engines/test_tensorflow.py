"""TensorFlow's engine answers as NumPy does, or refuses the SavedModel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from service.engines import tensorflow as module_of_engine
from service.engines.engine import choose, load
from service.engines.pinning import CudaRuntime
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


def test_xla_compiles_each_size_once_before_ready(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded with XLA, every size is compiled, its answers agree bit for bit, and another thread compiles nothing."""
    traced: list[int] = []

    def counted(function: Any, **options: Any) -> Any:
        if options.get("jit_compile"):
            traced.append(1)
        return real(function, **options)

    real = tf.function
    monkeypatch.setattr(tf, "function", counted)
    loaded = load_version(Stored("toy", 1, folder), Settings(max_batch_rows=12, xla=True), "tensorflow")
    compiled = loaded.engine
    assert isinstance(compiled, TensorFlowEngine)
    assert compiled.compiled_rows == [1, 2, 4, 8, 12]
    assert loaded.sizes == [1, 2, 4, 8, 12]
    with ThreadPoolExecutor(2) as threads:
        for count, found in zip(loaded.sizes, threads.map(compiled.run, batches(loaded.sizes)), strict=True):
            assert same(found, answers(rows(*range(count))))
    assert len(traced) == 5


def batches(sizes: list[int]) -> list[dict[str, np.ndarray]]:
    """A batch of each size."""
    return [{"x": rows(*range(size))} for size in sizes]


def test_two_threads_do_not_meet(engine: TensorFlowEngine) -> None:
    """Batches of one size that run at the same time from several threads each get their own answers."""
    made = [{"x": np.random.default_rng(seed).normal(size=(64, 2)).astype(np.float32)} for seed in range(200)]
    with ThreadPoolExecutor(4) as threads:
        for batch, found in zip(made, threads.map(engine.run, made), strict=True):
            assert same(found, answers(batch["x"]))


def test_answers_stay_when_their_buffer_is_used_again(tmp_path: Path) -> None:
    """The answer of a model that hands its input through is not changed by the next batch."""
    module = tf.Module()
    spec = tf.TensorSpec([None, 2], tf.float32, name="x")
    same_again = tf.function(lambda x: {"double": x, "total": x[:, :1]}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": same_again})
    engine = TensorFlowEngine(tmp_path, SIGNATURE, 1)
    first = engine.run({"x": rows(1, 2)})
    before = {name: array.copy() for name, array in first.items()}
    engine.run({"x": rows(8, 9)})
    assert same(first, before)


def test_inputs_may_lie_anywhere(engine: TensorFlowEngine) -> None:
    """Arrays that are not aligned, not contiguous or not to be written are answered as their numbers."""
    memory = np.zeros(4 * 20 + 1, np.uint8)
    crooked = memory[1:].view(np.float32).reshape(10, 2)
    crooked[:] = np.arange(20).reshape(10, 2)
    fixed = crooked.copy()
    fixed.flags.writeable = False
    for x in (crooked, crooked[::-1], crooked.T.copy().T, fixed):
        assert same(engine.run({"x": x}), answers(np.ascontiguousarray(x)))


def test_on_a_gpu_two_batches_ride_and_memory_is_locked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a GPU, two threads may run, and each buffer is locked once, however many batches ride in it."""
    locked: list[int] = []

    def register(address: Any, size: Any, flags: Any) -> int:
        locked.append(size.value)
        return 0

    runtime = CudaRuntime(register, lambda address: 0, lambda: 0)
    monkeypatch.setattr(module_of_engine, "has_gpu", lambda: True)
    monkeypatch.setattr(module_of_engine, "cuda_runtime", lambda: runtime)
    engine = TensorFlowEngine(folder / "saved_model", SIGNATURE, 1)
    assert (engine.device, engine.in_flight, engine.mixed_precision) == ("GPU", 2, False)
    for count in (4, 4, 8, 4):
        assert same(engine.run({"x": rows(*range(count))}), answers(rows(*range(count))))
    assert len(locked) == 2


def test_mixed_precision_is_for_a_gpu_without_xla(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph optimiser is told exactly where it would do something: on a GPU, without XLA, when asked for."""

    def told(*, gpu: bool, xla: bool, asked: bool) -> bool:
        set_options: list[dict[str, bool]] = []
        monkeypatch.setattr(module_of_engine, "has_gpu", lambda: gpu)
        monkeypatch.setattr(tf.config.optimizer, "set_experimental_options", set_options.append)
        engine = TensorFlowEngine(folder / "saved_model", SIGNATURE, 1, xla=xla, mixed_precision=asked)
        assert set_options == [{"auto_mixed_precision": True}] * engine.mixed_precision
        return engine.mixed_precision

    assert told(gpu=True, xla=False, asked=True)
    assert not told(gpu=True, xla=False, asked=False)
    assert not told(gpu=True, xla=True, asked=True)
    assert not told(gpu=False, xla=False, asked=True)


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
