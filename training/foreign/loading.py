"""A `.keras` file as a model, in safe mode: no code comes with it, and none of it runs."""

import math
import warnings
from pathlib import Path
from typing import Any

import keras

from training.errors import ForeignModelError
from training.foreign.archive import check_archive

_MAX_WEIGHT_BYTES = 2**31 - 2**20
"""What a file of Google's protocol buffers holds, less room for the graph."""


def load(path: Path) -> keras.Model:
    """Load a model whose answers depend on its file and its inputs alone.

    Args:
        path: A `.keras` file.

    Returns:
        A Functional or Sequential model with a free batch axis.

    Raises:
        ForeignModelError: If the file is no sound Keras archive, holds code, or a model that has no fixed interface.
    """
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is asked of the loaded model
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # layers raise what they like on a configuration that is not theirs
        raise ForeignModelError(
            f"Expected a model that Keras {keras.__version__} loads in safe mode. Received from it: {_brief(error)}"
        ) from error
    return _with_free_batch(_checked(model))


def _checked(model: Any) -> keras.Model:
    if not isinstance(model, keras.Model):
        raise ForeignModelError(f"Expected a model. Received a {type(model).__name__}; put it into a keras.Sequential.")
    if not hasattr(model, "_inputs_struct") and not getattr(model, "inputs", None):
        raise ForeignModelError(
            f"Expected a model that knows its inputs. Received a {type(model).__name__} without; begin it with "
            "keras.Input(…), or call it once before it is saved."
        )
    if sum(weight.value.dtype.size * math.prod(weight.shape) for weight in model.weights) >= _MAX_WEIGHT_BYTES:
        raise ForeignModelError("Expected weights of less than 2 GiB, which an ONNX file holds. Received more.")
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            raise ForeignModelError(
                f"Expected answers that depend on the request alone. Received layer {layer.name} with stateful=True."
            )
    return model


def _with_free_batch(model: keras.Model) -> keras.Model:
    """Free a Sequential model of the length of the batch that it was first called with."""
    if not isinstance(model, keras.Sequential) or model.inputs[0].shape[0] is None:
        return model
    first = model.inputs[0]
    start = keras.Input(first.shape[1:], dtype=first.dtype, name=first.name)
    return keras.Sequential([start, *model.layers], name=model.name)


def _brief(error: Exception) -> str:
    """The last cause that Keras gives, on one line."""
    text = str(error).rsplit("Exception encountered:", 1)[-1].split("Full object config", 1)[0]
    return " ".join(text.split())[:300]
