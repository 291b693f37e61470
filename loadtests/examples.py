"""Examples: rows to send to one version of a model, with the answers it must give where they are known.

Read from an artifact's folder as plain data: ``signature.json``, ``examples.npz`` and ``examples.jsonl``.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.errors import BadExamples

Arrays = Mapping[str, NDArray[Any]]
Rows = NDArray[np.intp]
"""Positions of examples, shape [rows]."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output.

    Attributes:
        name: As the model names it.
        datatype: In the words of the Open Inference Protocol, such as ``FP32``.
        shape: Without the batch axis.
        rtol: How far an answer may lie from the stored one, as a part of that one.
        atol: How far it may lie besides.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows for one version of a model.

    Attributes:
        model: Its name.
        version: As the server writes it.
        inputs: In the model's order.
        outputs: In the model's order.
        arrays: Every input by name, shape [count, …].
        goldens: Every output by name, shape [count, …]; empty where the right answers are not known.
        records: The rows as JSON objects; empty where that view is not known.
        result: How outputs become the answer to a record; empty for raw outputs by name.
    """

    model: str
    version: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    arrays: Arrays
    goldens: Arrays
    records: tuple[bytes, ...] = ()
    result: tuple[Mapping[str, Any], ...] = ()

    @property
    def count(self) -> int:
        """How many rows there are to choose from."""
        return len(self.arrays[self.inputs[0].name])


def read(folder: Path, model: str, version: str) -> Examples:
    """Read the examples of an artifact.

    Args:
        folder: Holds ``signature.json``, ``examples.npz`` and ``examples.jsonl``.
        model: Name under which a server serves it.
        version: Version under which a server serves it.

    Raises:
        BadExamples: A file is missing or broken, or they disagree.
    """
    try:
        signature = json.loads((folder / "signature.json").read_text())
        inputs = tuple(_tensor(entry) for entry in signature["inputs"])
        outputs = tuple(_tensor(entry) for entry in signature["outputs"])
        with (folder / "examples.npz").open("rb") as file, np.load(file) as stored:
            arrays = {tensor.name: stored[f"inputs/{tensor.name}"] for tensor in inputs}
            goldens = {tensor.name: stored[f"outputs/{tensor.name}"] for tensor in outputs}
        records = tuple((folder / "examples.jsonl").read_bytes().splitlines())
        result = tuple(signature["result"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        received = f"{type(error).__name__}: {error}"
        raise BadExamples(f"Expected the examples of {model}:{version} in {folder}. Received {received}.") from None
    counts = {len(array) for array in (*arrays.values(), *goldens.values(), records)}
    if len(counts) != 1 or not inputs or not outputs or not records:
        raise BadExamples(f"Expected as many answers as rows in {folder}. Received counts {sorted(counts)}.")
    return Examples(model, version, inputs, outputs, arrays, goldens, records, result)


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    return Tensor(entry["name"], entry["dtype"], tuple(entry["shape"]), entry.get("rtol", 0.0), entry.get("atol", 0.0))
