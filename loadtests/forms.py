"""Forms of a request: the same rows as the public protocols write them.

    Instances   TensorFlow Serving, one entry a row
    Inputs      TensorFlow Serving, one entry an input
    Infer       Open Inference Protocol V2

``records.py`` holds the fourth, the human's view of a row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import numpy as np
import orjson

from loadtests.answers import check_outputs
from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Rows


class Form(ABC):
    """One way to write rows, and to read their answer."""

    name: ClassVar[str]

    def path(self, model: str) -> str:
        """Where the request goes: the version that the server takes for the latest."""
        return f"/v1/models/{quote(model)}:predict"

    @abstractmethod
    def body(self, examples: Examples, rows: Rows, request_id: str) -> bytes:
        """The request for these rows."""

    @abstractmethod
    def check(self, answer: Any, examples: Examples, rows: Rows, request_id: str) -> None:
        """Hold the answer to that request against what is known.

        Raises:
            WrongAnswer: With what was expected and what came.
        """


class Instances(Form):
    """``{"instances": [row, …]}``; with several inputs a row is an object."""

    name = "instances"

    def body(self, examples: Examples, rows: Rows, request_id: str) -> bytes:
        """Rows as lists, or as objects of all inputs."""
        arrays = {name: array[rows] for name, array in examples.arrays.items()}
        if len(arrays) == 1:
            return dump({"instances": next(iter(arrays.values()))})
        columns = zip(*arrays.values(), strict=True)
        return dump({"instances": [dict(zip(arrays, values, strict=True)) for values in columns]})

    def check(self, answer: Any, examples: Examples, rows: Rows, request_id: str) -> None:
        """One prediction a row, with several outputs as objects."""
        predictions = entries(answer, "predictions", len(rows))
        names = [tensor.name for tensor in examples.outputs]
        if len(names) == 1:
            check_outputs({names[0]: predictions}, examples, rows)
            return
        for entry in predictions:
            if not isinstance(entry, Mapping) or set(entry) != set(names):
                raise WrongAnswer.at(f"predictions with the keys {names}", entry)
        check_outputs({name: [entry[name] for entry in predictions] for name in names}, examples, rows)


class Inputs(Form):
    """``{"inputs": column}``; with several inputs an object of columns."""

    name = "inputs"

    def body(self, examples: Examples, rows: Rows, request_id: str) -> bytes:
        """One column, or all by name."""
        arrays = {name: array[rows] for name, array in examples.arrays.items()}
        return dump({"inputs": next(iter(arrays.values())) if len(arrays) == 1 else arrays})

    def check(self, answer: Any, examples: Examples, rows: Rows, request_id: str) -> None:
        """One column, or an object of columns."""
        outputs = member(answer, "outputs")
        if len(examples.outputs) == 1:
            outputs = {examples.outputs[0].name: outputs}
        if not isinstance(outputs, Mapping):
            raise WrongAnswer.at("outputs by name", outputs)
        check_outputs(outputs, examples, rows)


class Infer(Form):
    """``{"id": …, "inputs": [tensor, …]}`` with flat data."""

    name = "infer"

    def path(self, model: str) -> str:
        """The call of the Open Inference Protocol."""
        return f"/v2/models/{quote(model)}/infer"

    def body(self, examples: Examples, rows: Rows, request_id: str) -> bytes:
        """Every input with name, datatype, shape and data."""
        tensors = [
            {
                "name": tensor.name,
                "datatype": tensor.datatype,
                "shape": [len(rows), *tensor.shape],
                "data": examples.arrays[tensor.name][rows].reshape(-1),
            }
            for tensor in examples.inputs
        ]
        return dump({"id": request_id, "inputs": tensors})

    def check(self, answer: Any, examples: Examples, rows: Rows, request_id: str) -> None:
        """Id, model, version, datatypes and shapes, then the numbers."""
        expected = {"id": request_id, "model_name": examples.model, "model_version": examples.version}
        received = {key: member(answer, key) for key in expected}
        if received != expected:
            raise WrongAnswer.at(expected, received)
        outputs = {}
        for entry in entries(answer, "outputs", len(examples.outputs)):
            name, shape = member(entry, "name"), member(entry, "shape")
            wanted = next((tensor for tensor in examples.outputs if tensor.name == name), None)
            if wanted is None or [entry.get("datatype"), shape] != [wanted.datatype, [len(rows), *wanted.shape]]:
                raise WrongAnswer.at(f"{len(rows)} rows of {wanted or examples.outputs}", entry)
            data = member(entry, "data")
            count = int(np.prod(shape))
            if not isinstance(data, list) or len(data) != count:
                raise WrongAnswer.at(f"{count} numbers of {name}", data)
            outputs[name] = np.asarray(data).reshape(shape)
        check_outputs(outputs, examples, rows)


def dump(value: Any) -> bytes:
    """JSON with numbers in their shortest form."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def member(value: Any, key: str) -> Any:
    """A key's value in an answer that must be an object.

    Raises:
        WrongAnswer: It is none, or lacks the key.
    """
    if not isinstance(value, Mapping) or key not in value:
        raise WrongAnswer.at(f"an object with the key {key}", value)
    return value[key]


def entries(value: Any, key: str, count: int) -> list[Any]:
    """A list of a given length in an answer.

    Raises:
        WrongAnswer: It is none, or of another length.
    """
    found = member(value, key)
    if not isinstance(found, list) or len(found) != count:
        received = f"{len(found)}" if isinstance(found, list) else found
        raise WrongAnswer.at(f"{count} entries in {key}", received)
    return found
