"""Any small model through `write_model`, with a signature made from the model itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime

from training.export import answer, input_names, write_model
from training.signature import DTYPES, Output, Signature, Tensor

WORDS = {numpy: word for word, numpy in DTYPES.items()}


def export(model: keras.Model, folder: Path, rows: Sequence[np.ndarray[Any, Any]]) -> Signature:
    """Export a model with these rows as examples of its inputs, in its order."""
    examples = dict(zip(input_names(model), rows, strict=True))
    signature = Signature(
        name="some",
        task="regression",
        inputs=tuple(
            Tensor(name=name, dtype=WORDS[array.dtype.name], shape=array.shape[1:], description="")
            for name, array in examples.items()
        ),
        outputs=tuple(
            Output(
                name=name, dtype=WORDS[array.dtype.name], shape=array.shape[1:], description="", rtol=1e-4, atol=1e-5
            )
            for name, array in answer(model, examples).items()
        ),
        fields=(),
        result=(),
    )
    write_model(model, signature, examples, folder)
    return signature


def run_onnx(folder: Path, rows: Sequence[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """The answers of `model.onnx`, in its order."""
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    names = [tensor.name for tensor in session.get_inputs()]
    answers: list[np.ndarray[Any, Any]] = session.run(None, dict(zip(names, rows, strict=True)))
    return answers
