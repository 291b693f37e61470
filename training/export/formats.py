"""One trained model in three formats, each read back and held against the model in memory.

model.keras     by Keras
saved_model/    `serving_default`: arguments and results by the names of the signature
model.onnx      the same traced function, frozen; inputs and outputs in the order of the signature
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf

from training.errors import ExportError
from training.export.interface import Arrays, answer, call, input_names, inputs_of, output_names
from training.export.onnx_graph import onnx_graph, refused_operation
from training.signature import Signature

Answer = Callable[[Arrays], Arrays]

_SILENT = 4
"""Severity from which on ONNX Runtime logs: what matters is raised as well."""


def write_model(model: keras.Model, signature: Signature, examples: Arrays, folder: Path) -> None:
    """Write all three formats and the examples into `folder`, then compare.

    Args:
        model: A Keras model with the inputs and outputs of the signature, in its order.
        signature: Names, order, dtypes and shapes.
        examples: Inputs by name, shape (rows, …).
        folder: Receives the files.

    Raises:
        ExportError: If names or order differ, an operation has no form in ONNX, or any format answers differently
            from the model in memory.
    """
    _check_names(model, signature)
    expected = answer(model, examples)
    serve = traced(model, signature)
    onnx.save(onnx_graph(serve, signature), folder / "model.onnx")
    model.save(folder / "model.keras")
    _write_saved_model(model, serve, folder / "saved_model")
    arrays: dict[str, Any] = {f"inputs/{name}": array for name, array in examples.items()}
    arrays |= {f"outputs/{name}": array for name, array in expected.items()}
    np.savez_compressed(folder / "examples.npz", **arrays)
    for name, reader in _READERS.items():
        _hold(name, reader(folder, signature), signature, examples, expected)


def replace_onnx(content: bytes, signature: Signature, folder: Path) -> None:
    """Put another `model.onnx` in place of the one written, and hold it against the examples.

    Args:
        content: The file.
        signature: Names and order, and how far its answers may lie from those of the model in memory.
        folder: What `write_model` has filled.

    Raises:
        ExportError: If names or order differ, or an answer lies farther away.
    """
    (folder / "model.onnx").write_bytes(content)
    with np.load(folder / "examples.npz") as arrays:
        examples = {tensor.name: arrays[f"inputs/{tensor.name}"] for tensor in signature.inputs}
        expected = {output.name: arrays[f"outputs/{output.name}"] for output in signature.outputs}
    _hold("model.onnx", _read_onnx(folder, signature), signature, examples, expected)


def _hold(what: str, ask: Answer, signature: Signature, examples: Arrays, expected: Arrays) -> None:
    """Ask for all rows together, and for the first alone."""
    for rows in (slice(None), slice(1)):
        received = ask({name: array[rows] for name, array in examples.items()})
        _compare(what, signature, {name: array[rows] for name, array in expected.items()}, received)


def _check_names(model: keras.Model, signature: Signature) -> None:
    wanted = [tensor.name for tensor in (*signature.inputs, *signature.outputs)]
    received = [*input_names(model), *output_names(model)]
    if received != wanted:
        raise ExportError(f"Expected inputs and outputs named {wanted}, in this order. Received {received}.")


def traced(model: keras.Model, signature: Signature) -> Any:
    """The model as a TensorFlow function of named arguments that returns a dictionary by output name."""

    def serve(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return call(model, inputs)

    specs = {
        tensor.name: tf.TensorSpec((None, *tensor.shape), symbolic.dtype, name=tensor.name)
        for tensor, (_, symbolic) in zip(signature.inputs, inputs_of(model), strict=True)
    }
    # Keras compiles some operations, grouped convolutions among them, as functions of their own, which cannot be
    # converted. Run eagerly, their operations become part of this function.
    tf.config.run_functions_eagerly(True)
    try:
        return tf.function(serve).get_concrete_function(**specs)
    finally:
        tf.config.run_functions_eagerly(False)


def _write_saved_model(model: keras.Model, serve: Any, path: Path) -> None:
    module = tf.Module()
    # A SavedModel keeps the variables that hang on the object saved.
    module.tracked = [variable.value for variable in model.variables]
    tf.saved_model.save(module, str(path), signatures={"serving_default": serve})


def _read_keras(folder: Path, _: Signature) -> Answer:
    model = keras.models.load_model(folder / "model.keras", safe_mode=True, compile=False)
    return lambda inputs: answer(model, inputs)


def _read_saved_model(folder: Path, _: Signature) -> Answer:
    loaded = tf.saved_model.load(str(folder / "saved_model"))

    def ask(inputs: Arrays) -> Arrays:
        outputs = loaded.signatures["serving_default"](**{name: tf.constant(x) for name, x in inputs.items()})
        return {name: np.asarray(array) for name, array in outputs.items()}

    return ask


def _read_onnx(folder: Path, signature: Signature) -> Answer:
    onnxruntime.set_default_logger_severity(_SILENT)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    with _refusing():
        session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    received = [tensor.name for tensor in (*session.get_inputs(), *session.get_outputs())]
    wanted = [tensor.name for tensor in (*signature.inputs, *signature.outputs)]
    if received != wanted:
        raise ExportError(f"Expected model.onnx to have inputs and outputs {wanted}. Received {received}.")
    names = [output.name for output in signature.outputs]

    def ask(inputs: Arrays) -> Arrays:
        with _refusing():
            return dict(zip(names, session.run(names, inputs), strict=True))

    return ask


@contextmanager
def _refusing() -> Iterator[None]:
    """Say in a sentence what ONNX Runtime says in a log."""
    try:
        yield
    except Exception as error:  # its exceptions share no base class
        raise refused_operation(error) from error


_READERS = {"model.keras": _read_keras, "saved_model": _read_saved_model, "model.onnx": _read_onnx}


def _compare(what: str, signature: Signature, expected: Arrays, received: Arrays) -> None:
    if set(received) != set(expected):
        raise ExportError(f"Expected {what} to answer {sorted(expected)}. Received {sorted(received)}.")
    for output in signature.outputs:
        wanted, came = expected[output.name], received[output.name]
        if came.shape != wanted.shape or came.dtype != wanted.dtype:
            difference = f"{came.dtype} {list(came.shape)} in place of {wanted.dtype} {list(wanted.shape)}"
        elif not np.allclose(came, wanted, rtol=output.rtol, atol=output.atol):
            difference = f"answers {np.abs(came.astype(float) - wanted.astype(float)).max():.3g} apart"
        else:
            continue
        raise ExportError(
            f"Expected {what} to answer {output.name} as the model in memory does, within rtol {output.rtol:g} "
            f"and atol {output.atol:g}. Received {difference}."
        )
