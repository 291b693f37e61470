"""One trained model in three formats, each read back and held against the model in memory.

    model.keras     by Keras
    saved_model/    `serving_default`: arguments and results by the names of the signature
    model.onnx      the same traced function, frozen; inputs and outputs in the order of the signature

All three give the answers in `examples.npz`, or there is no artifact.
"""

import logging
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from numpy.typing import NDArray

from training.errors import ExportError
from training.signature import Signature

Arrays = dict[str, NDArray[Any]]

ONNX_OPSET = 18


def input_names(model: keras.Model) -> list[str]:
    """Names of the inputs, in the model's order."""
    return [tensor.name for tensor in model.inputs]


def answer(model: keras.Model, inputs: Arrays) -> Arrays:
    """The answers of the model in memory, by output name.

    Args:
        model: Its output layers bear the names of the outputs.
        inputs: By input name, shape (rows, …).
    """
    return {name: np.asarray(array) for name, array in _call(model, inputs).items()}


def _call(model: keras.Model, inputs: dict[str, Any]) -> dict[str, Any]:
    listed = [inputs[name] for name in input_names(model)]
    # A model built on one tensor wants that tensor, not a list of one.
    outputs = model(listed if len(listed) > 1 else listed[0], training=False)
    return dict(zip(model.output_names, outputs if isinstance(outputs, list) else [outputs], strict=True))


def write_model(model: keras.Model, signature: Signature, examples: Arrays, folder: Path) -> None:
    """Write all three formats and the examples into `folder`, then compare.

    Args:
        model: A Keras model with the inputs and outputs of the signature, in its order.
        signature: Names, order, dtypes and shapes.
        examples: Inputs by name, shape (rows, …).
        folder: Receives the files.

    Raises:
        ExportError: If names or order differ, or any format answers differently from the model in memory.
    """
    _check_names(model, signature)
    expected = answer(model, examples)
    serve = _traced(model, signature)
    model.save(folder / "model.keras")
    _write_saved_model(model, serve, folder / "saved_model")
    _write_onnx(serve, signature, folder / "model.onnx")
    arrays: dict[str, Any] = {f"inputs/{name}": array for name, array in examples.items()}
    arrays |= {f"outputs/{name}": array for name, array in expected.items()}
    np.savez_compressed(folder / "examples.npz", **arrays)
    for name, reader in _READERS.items():
        _compare(name, signature, expected, reader(folder, signature, examples))


def _check_names(model: keras.Model, signature: Signature) -> None:
    wanted = [tensor.name for tensor in (*signature.inputs, *signature.outputs)]
    received = [*input_names(model), *model.output_names]
    if received != wanted:
        raise ExportError(f"Expected inputs and outputs named {wanted}, in this order. Received {received}.")


def _traced(model: keras.Model, signature: Signature) -> Any:
    """The model as a TensorFlow function of named arguments that returns a dictionary by output name."""

    def serve(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return _call(model, inputs)

    specs = {
        tensor.name: tf.TensorSpec((None, *tensor.shape), keras_input.dtype, name=tensor.name)
        for tensor, keras_input in zip(signature.inputs, model.inputs, strict=True)
    }
    return tf.function(serve).get_concrete_function(**specs)


def _write_saved_model(model: keras.Model, serve: Any, path: Path) -> None:
    module = tf.Module()
    # A SavedModel keeps the variables that hang on the object saved.
    module.tracked = [variable.value for variable in model.variables]
    tf.saved_model.save(module, str(path), signatures={"serving_default": serve})


def _write_onnx(serve: Any, signature: Signature, path: Path) -> None:
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    specs = [serve.structured_input_signature[1][tensor.name] for tensor in signature.inputs]
    wrapped = tf.function(lambda *inputs: serve(**{s.name: x for s, x in zip(specs, inputs, strict=True)}))
    proto, _ = tf2onnx.convert.from_function(wrapped, input_signature=specs, opset=ONNX_OPSET)
    # The converter lists outputs by the alphabet; engines take them in the order of the signature.
    by_name = {output.name: output for output in proto.graph.output}
    ordered = [by_name[output.name] for output in signature.outputs]
    del proto.graph.output[:]
    proto.graph.output.extend(ordered)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def _read_keras(folder: Path, _: Signature, inputs: Arrays) -> Arrays:
    return answer(keras.models.load_model(folder / "model.keras", safe_mode=True, compile=False), inputs)


def _read_saved_model(folder: Path, _: Signature, inputs: Arrays) -> Arrays:
    loaded = tf.saved_model.load(str(folder / "saved_model"))
    outputs = loaded.signatures["serving_default"](**{name: tf.constant(x) for name, x in inputs.items()})
    return {name: np.asarray(array) for name, array in outputs.items()}


def _read_onnx(folder: Path, signature: Signature, inputs: Arrays) -> Arrays:
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    received = [tensor.name for tensor in (*session.get_inputs(), *session.get_outputs())]
    wanted = [tensor.name for tensor in (*signature.inputs, *signature.outputs)]
    if received != wanted:
        raise ExportError(f"Expected model.onnx to have inputs and outputs {wanted}. Received {received}.")
    names = [output.name for output in signature.outputs]
    return dict(zip(names, session.run(names, inputs), strict=True))


_READERS = {"model.keras": _read_keras, "saved_model": _read_saved_model, "model.onnx": _read_onnx}


def _compare(what: str, signature: Signature, expected: Arrays, received: Arrays) -> None:
    if set(received) != set(expected):
        raise ExportError(f"Expected {what} to answer {sorted(expected)}. Received {sorted(received)}.")
    for output in signature.outputs:
        wanted, came = expected[output.name], received[output.name]
        if came.shape != wanted.shape or not np.allclose(came, wanted, rtol=output.rtol, atol=output.atol):
            raise ExportError(
                f"Expected {what} to answer {output.name} as the model in memory does, within rtol {output.rtol} "
                f"and atol {output.atol}. Received other values or another shape {came.shape}."
            )
