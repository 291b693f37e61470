"""Records: the human's view of rows, and of answers.

Fields become a strict Pydantic model, so that messages, defaults and the JSON schema have one source. A field's
validator turns what a person writes into the number that the tensor holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import simdjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from service.errors import BadInput, MissingField, UnknownField, WrongType
from service.fields import CODES, accepted, annotation
from service.json_faults import describe
from service.signature import ImageField, LabelResult, NumberResult, Signature, ThresholdResult

Arrays = dict[str, np.ndarray]


class RecordCodec:
    """Records to tensors, outputs to answers, for one signature.

    Args:
        signature: A signature with fields.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self._fields = {field.name: field for field in signature.fields}
        definitions: Mapping[str, Any] = {
            field.name: (annotation(field), Field(default=... if field.default is None else field.default))
            for field in signature.fields
        }
        self.record: type[BaseModel] = create_model(
            f"{signature.name}_record",
            __config__=ConfigDict(extra="forbid", strict=True, validate_default=True, arbitrary_types_allowed=True),
            **definitions,
        )

    def decode(self, records: Sequence[Mapping[str, Any]], place: str = "records[{row}]") -> Arrays:
        """Turn records into the model's inputs.

        Args:
            records: One mapping a row; an image may be the JSON parser's array.
            place: Name of a record in messages.

        Returns:
            Every input by name, shape [rows, …].

        Raises:
            BadInput: The leaf that fits, naming record and field.
        """
        rows = len(records)
        inputs = {t.name: np.empty((rows, t.size), dtype=t.numpy) for t in self._signature.inputs}
        for row, record in enumerate(records):
            values = self._validate(record, place.replace("{row}", str(row)))
            for field in self._signature.fields:
                value = values[field.name]
                for fill in field.fills:
                    target = inputs[fill.input][row]
                    if isinstance(field, ImageField):
                        target[:] = value.reshape(-1)
                    else:
                        target[fill.index] = value
        return {t.name: inputs[t.name].reshape(rows, *t.shape) for t in self._signature.inputs}

    def _validate(self, record: Any, place: str) -> dict[str, Any]:
        if not isinstance(record, Mapping | simdjson.Object):
            raise WrongType.at(place, "an object of fields", describe(record))
        if len(set(record.keys())) != len(record):
            raise BadInput.at(place, "each field once", "a field twice")
        try:
            return self.record.model_validate(dict(record)).__dict__
        except ValidationError as error:
            raise self._explained(error, place) from None

    def _explained(self, error: ValidationError, place: str) -> BadInput:
        """The first complaint in our words."""
        complaints = error.errors(include_url=False)
        # a misspelt field is both unknown and missing: the unknown one says more
        first = next((one for one in complaints if one["type"] == "extra_forbidden"), complaints[0])
        name = str(first["loc"][0])
        where = f"{place}.{name}"
        if first["type"] == "missing":
            return MissingField.at(where, f"the field {name}", "none")
        if first["type"] == "extra_forbidden":
            return UnknownField.at(where, "only the fields " + ", ".join(self._fields), name)
        context = first.get("ctx", {})
        if "place" in context:  # one of our own
            return CODES[first["type"]].at(where + context["place"], context["expected"], context["received"])
        return CODES.get(first["type"], WrongType).at(where, accepted(self._fields[name]), describe(first["input"]))

    def encode(self, outputs: Arrays, rows: int) -> list[dict[str, Any]]:
        """Turn outputs into one answer a row; values are Python or NumPy scalars and arrays."""
        columns = {
            entry.name: _column(entry, outputs[entry.output].reshape(rows, -1)) for entry in self._signature.result
        }
        return [{name: column(row) for name, column in columns.items()} for row in range(rows)]


def _column(entry: Any, values: np.ndarray) -> Callable[[int], Any]:
    """How one key of the answer is made from row number to value."""
    if isinstance(entry, LabelResult):
        winners = values.argmax(axis=1)
        return lambda row: entry.labels[winners[row]]
    if isinstance(entry, NumberResult):
        return lambda row: values[row, entry.index]
    if isinstance(entry, ThresholdResult):
        reached = values[:, entry.index] >= entry.threshold
        return lambda row: bool(reached[row])
    return lambda row: values[row]
