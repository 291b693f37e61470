"""One number for all weights of a model, so that two runs can be compared: `model.keras` itself carries a date."""

import hashlib
from pathlib import Path

import keras


def weights_sha256(path: Path) -> str:
    """sha256 over the weights of the model in a `.keras` file, in Keras' order, whatever they are called.

    Of each weight a line such as `float32 [784, 512]` is taken, then its values, row by row. The states of random
    generators and metrics are no weights.

    Args:
        path: The file; it is loaded with `safe_mode=True`.

    Returns:
        64 hex digits.
    """
    digest = hashlib.sha256()
    for weight in keras.models.load_model(path, compile=False, safe_mode=True).weights:
        values = keras.ops.convert_to_numpy(weight)
        digest.update(f"{values.dtype.name} {list(values.shape)}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
