"""Records: rows as a person writes them, and the answers that a person reads.

The right answer is made from the stored outputs by the entries of the signature's ``result``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.answers import check_close, read_array
from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Rows, Tensor
from loadtests.forms import Form, Instances, entries


class Records(Form):
    """``{"records": [{…}, …]}``, for models whose examples are known."""

    name = "records"

    def body(self, examples: Examples, rows: Rows, request_id: str) -> bytes:
        """The stored lines, as they are."""
        return b'{"records":[' + b",".join(examples.records[row] for row in rows) + b"]}"

    def check(self, answer: Any, examples: Examples, rows: Rows, request_id: str) -> None:
        """One object a row with the keys of ``result``; without a ``result``, as ``Instances``."""
        if not examples.result:
            Instances().check(answer, examples, rows, request_id)
            return
        predictions = entries(answer, "predictions", len(rows))
        names = [entry["name"] for entry in examples.result]
        for prediction in predictions:
            if not isinstance(prediction, Mapping) or set(prediction) != set(names):
                raise WrongAnswer.at(f"predictions with the keys {names}", prediction)
        tensors = {tensor.name: tensor for tensor in examples.outputs}
        for entry in examples.result:
            values = [prediction[entry["name"]] for prediction in predictions]
            _check_entry(entry, values, tensors[entry["output"]], examples, rows)


def _check_entry(entry: Mapping[str, Any], values: list[Any], tensor: Tensor, examples: Examples, rows: Rows) -> None:
    """Hold one key of all predictions against the stored output behind it."""
    goldens = examples.goldens[tensor.name][rows].reshape(len(rows), -1)
    if entry["kind"] in ("number", "values"):
        chosen = goldens[:, entry["index"]] if entry["kind"] == "number" else goldens
        shaped = Tensor(entry["name"], tensor.datatype, chosen.shape[1:], tensor.rtol, tensor.atol)
        check_close(read_array(values, shaped, len(rows)), chosen, shaped, rows)
        return
    allowed = tensor.atol + tensor.rtol * np.abs(goldens)
    for row, value in enumerate(values):
        choices = _choices(entry, goldens[row].astype(np.float64), allowed[row])
        # compared with their types, since 1 equals true
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise WrongAnswer.at(
                f"{entry['name']} = {' or '.join(map(repr, choices))} for example {rows[row]}", repr(value)
            )


def _choices(entry: Mapping[str, Any], golden: NDArray[Any], allowed: NDArray[Any]) -> list[Any]:
    """The answers that are right for one row: more than one where rounding may decide between them."""
    if entry["kind"] == "label":
        low_of_best = (golden - allowed)[golden.argmax()]
        return [entry["labels"][index] for index in np.flatnonzero(golden + allowed >= low_of_best)]
    index = entry["index"]
    sides = {golden[index] - allowed[index] >= entry["threshold"], golden[index] + allowed[index] >= entry["threshold"]}
    return sorted(bool(side) for side in sides)
