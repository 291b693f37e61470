"""Invented rows: what is sent to a model that is known by the page of its metadata only.

Whole numbers are drawn from the ranges that the page publishes under `parameters`; without a range, bytes get all
their values, and everything else zeros and ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.errors import ServerGone
from loadtests.examples import Examples, Tensor

COUNT = 64
"""Rows that are invented for a model."""
DTYPES = {
    "BOOL": "?",
    "UINT8": "u1",
    "UINT16": "u2",
    "UINT32": "u4",
    "UINT64": "u8",
    "INT8": "i1",
    "INT16": "i2",
    "INT32": "i4",
    "INT64": "i8",
    "FP32": "f4",
    "FP64": "f8",
}
"""Datatypes that have a JSON form, as NumPy dtypes."""


def invent(model: str, version: str, metadata: Mapping[str, Any], seed: int) -> Examples:
    """Invent rows that fit a model's metadata.

    Args:
        model: Its name.
        version: Version under which a server serves it.
        metadata: The answer of ``GET /v2/models/NAME``.
        seed: The same seed invents the same rows.

    Raises:
        ServerGone: The page is not such an answer, or names a datatype that has no JSON form.
    """
    try:
        inputs = tuple(_tensor(entry) for entry in metadata["inputs"])
        outputs = tuple(_tensor(entry) for entry in metadata["outputs"])
    except (KeyError, TypeError) as error:
        raise ServerGone(f"Expected inputs and outputs in the metadata of {model}. Received {error!r}.") from None
    unknown = [tensor.datatype for tensor in inputs if tensor.datatype not in DTYPES]
    if unknown or not inputs:
        raise ServerGone(f"Expected inputs of {', '.join(DTYPES)} in the metadata of {model}. Received {unknown}.")
    generator = np.random.default_rng(seed)
    arrays = {}
    for tensor in inputs:
        low, high = _limits(tensor, metadata)
        drawn = generator.integers(low, high + 1, size=(COUNT, low.size)).reshape(COUNT, *tensor.shape)
        arrays[tensor.name] = drawn.astype(DTYPES[tensor.datatype])
    return Examples(model, version, inputs, outputs, arrays, goldens={})


def _limits(tensor: Tensor, metadata: Mapping[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest and highest whole number of each element of a row; an open end is one from the other."""
    size = math.prod(tensor.shape)
    ranges = metadata.get("parameters", {}).get("ranges", {}).get(tensor.name)
    if ranges is None:
        return np.zeros(size, np.int64), np.full(size, 255 if tensor.datatype == "UINT8" else 1)
    pairs = []
    for minimum, maximum in zip(ranges["minimum"], ranges["maximum"], strict=True):
        low = minimum if minimum is not None else (maximum - 1 if maximum is not None else 0)
        pairs.append((math.ceil(low), math.floor(maximum if maximum is not None else low + 1)))
    low, high = np.array(pairs, np.int64).reshape(size, 2).T
    return low, np.maximum(low, high)


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    # the first axis is the batch's
    return Tensor(entry["name"], entry["datatype"], tuple(int(length) for length in entry["shape"][1:]))
