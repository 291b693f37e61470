"""`training.export.formats`."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf

from training import fit
from training.datasets.dataset import Dataset
from training.errors import ExportError
from training.export import answer, formats, write_model
from training.presets import NAMES, find_preset

Arrays = dict[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory, small_datasets: dict[str, Dataset]
) -> dict[str, tuple[keras.Model, Path]]:
    """An untrained model of every name, with the folder that it was exported to."""
    made = {}
    for name in NAMES:
        keras.utils.set_random_seed(0)
        dataset, folder = small_datasets[name], tmp_path_factory.mktemp(name)
        model = fit.build(find_preset(name, None), dataset)
        write_model(model, dataset.signature, dataset.examples.inputs, folder)
        made[name] = model, folder
    return made


def _saved_model(folder: Path, inputs: Arrays) -> Arrays:
    serve = tf.saved_model.load(str(folder / "saved_model")).signatures["serving_default"]
    return {key: value.numpy() for key, value in serve(**{k: tf.constant(v) for k, v in inputs.items()}).items()}


def _onnx(folder: Path, inputs: Arrays) -> Arrays:
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, inputs), strict=True))


def _keras(folder: Path, inputs: Arrays) -> Arrays:
    return answer(keras.models.load_model(folder / "model.keras", safe_mode=True, compile=False), inputs)


@pytest.mark.parametrize("reader", [_saved_model, _onnx, _keras])
@pytest.mark.parametrize("rows", [1, 7, 256])
@pytest.mark.parametrize("name", NAMES)
def test_exported_is_in_memory(
    exported: dict[str, tuple[keras.Model, Path]], small_datasets: dict[str, Dataset], name: str, rows: int, reader: Any
) -> None:
    """Every format answers as the model in memory, at batch sizes that were not exported for."""
    model, folder = exported[name]
    dataset = small_datasets[name]
    some = dataset.test.take(np.arange(rows) % len(dataset.test)).inputs
    expected, received = answer(model, some), reader(folder, some)
    for output in dataset.signature.outputs:
        assert received[output.name].shape == (rows, *output.shape)
        assert received[output.name].dtype == np.float32
        assert np.allclose(received[output.name], expected[output.name], rtol=output.rtol, atol=output.atol)


@pytest.mark.parametrize("name", NAMES)
def test_onnx_interface(
    exported: dict[str, tuple[keras.Model, Path]], small_datasets: dict[str, Dataset], name: str
) -> None:
    """The graph has the signature's inputs and outputs, in its order and no others, with a free batch axis."""
    signature = small_datasets[name].signature
    session = onnxruntime.InferenceSession(exported[name][1] / "model.onnx")
    types = {"UINT8": "tensor(uint8)", "FP32": "tensor(float)"}
    for theirs, ours in ((session.get_inputs(), signature.inputs), (session.get_outputs(), signature.outputs)):
        assert [(t.name, t.type) for t in theirs] == [(t.name, types[t.dtype]) for t in ours]
        assert [t.shape[1:] for t in theirs] == [list(t.shape) for t in ours]
        assert not any(isinstance(t.shape[0], int) for t in theirs)


@pytest.mark.parametrize("name", NAMES)
def test_saved_model_interface(
    exported: dict[str, tuple[keras.Model, Path]], small_datasets: dict[str, Dataset], name: str
) -> None:
    """`serving_default` takes and returns the names of the signature, with a free batch axis."""
    signature = small_datasets[name].signature
    serve = tf.saved_model.load(str(exported[name][1] / "saved_model")).signatures["serving_default"]
    inputs, outputs = serve.structured_input_signature[1], serve.structured_outputs
    assert {key: tuple(spec.shape) for key, spec in inputs.items()} == {
        t.name: (None, *t.shape) for t in signature.inputs
    }
    assert {key: tuple(spec.shape) for key, spec in outputs.items()} == {
        t.name: (None, *t.shape) for t in signature.outputs
    }


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold_inputs_and_answers(
    exported: dict[str, tuple[keras.Model, Path]], small_datasets: dict[str, Dataset], name: str
) -> None:
    """`examples.npz` holds the example inputs and exactly what the model in memory answers."""
    model, folder = exported[name]
    dataset = small_datasets[name]
    arrays = np.load(folder / "examples.npz", allow_pickle=False)
    expected = {f"inputs/{k}": v for k, v in dataset.examples.inputs.items()}
    expected |= {f"outputs/{k}": v for k, v in answer(model, dataset.examples.inputs).items()}
    assert set(arrays.files) == set(expected)
    for key, array in expected.items():
        assert arrays[key].dtype == array.dtype
        assert np.array_equal(arrays[key], array)


def test_keras_file_needs_no_code_of_ours(exported: dict[str, tuple[keras.Model, Path]]) -> None:
    """Every layer and operation in the saved models is Keras' own."""
    for model, _ in exported.values():
        for layer in model.layers:
            assert type(layer).__module__.startswith("keras.")


def test_wrong_names_are_refused(small_datasets: dict[str, Dataset], tmp_path: Path) -> None:
    """A model whose output has another name than the signature's is not exported."""
    dataset = small_datasets["xor"]
    tensor = keras.Input((2,), name="features")
    model = keras.Model(tensor, keras.layers.Dense(1, name="other")(tensor))
    with pytest.raises(ExportError, match=r"Expected inputs and outputs named \['features', 'probability'\].*'other'"):
        write_model(model, dataset.signature, dataset.examples.inputs, tmp_path)


@pytest.mark.parametrize("what", ["model.keras", "saved_model", "model.onnx"])
def test_disagreement_is_refused(
    small_datasets: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """If one format answers differently from the model in memory, there is no artifact, and it is named."""
    dataset = small_datasets["xor"]
    reader = formats._READERS[what]

    def wrong(*arguments: Any) -> Any:
        answer_of = reader(*arguments)
        return lambda inputs: {name: array + np.float32(0.01) for name, array in answer_of(inputs).items()}

    monkeypatch.setitem(formats._READERS, what, wrong)
    model = fit.build(find_preset("xor", None), dataset)
    with pytest.raises(ExportError, match=f"^Expected {what} to answer probability .* 0.01 apart"):
        write_model(model, dataset.signature, dataset.examples.inputs, tmp_path)


def test_another_datatype_is_refused(
    small_datasets: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal numbers of another datatype or shape are another answer."""
    dataset = small_datasets["xor"]
    reader = formats._READERS["saved_model"]

    def wider(*arguments: Any) -> Any:
        answer_of = reader(*arguments)
        return lambda inputs: {name: array.astype(np.float64) for name, array in answer_of(inputs).items()}

    monkeypatch.setitem(formats._READERS, "saved_model", wider)
    model = fit.build(find_preset("xor", None), dataset)
    with pytest.raises(ExportError, match=r"Received float64 \[4, 1\] in place of float32 \[4, 1\]\.$"):
        write_model(model, dataset.signature, dataset.examples.inputs, tmp_path)


def test_outputs_against_the_alphabet(tmp_path: Path, small_datasets: dict[str, Dataset]) -> None:
    """The converter sorts outputs by name; in the file they stand in the order of the signature."""
    folder = tmp_path
    dataset = small_datasets["flights"]
    write_model(fit.build(find_preset("flights", None), dataset), dataset.signature, dataset.examples.inputs, folder)
    names = [output.name for output in onnx.load(folder / "model.onnx").graph.output]
    assert names == [output.name for output in dataset.signature.outputs]
    assert names != sorted(names)
