"""Records: the human's view of rows, and of answers.

Fields become a strict Pydantic model, so that messages, defaults and the JSON schema have one source. A field's
validator turns what a person writes into the number that the tensor holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import simdjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from service.errors import (
    ArtifactError,
    BadInput,
    MalformedRequest,
    MissingField,
    NotFinite,
    OutOfRange,
    UnknownField,
    WrongType,
)
from service.fields import CODES, accepted, annotation, limits
from service.json_faults import describe
from service.signature import AnyField, ImageField, LabelResult, NumberResult, Signature, ThresholdResult

Arrays = dict[str, np.ndarray]
SHOWN_NAME = 256
"""Longest part of a field's name that a message repeats."""


class RecordCodec:
    """Records to tensors, outputs to answers, for one signature.

    Args:
        signature: A signature with fields.

    Raises:
        ArtifactError: A field's default is none of the values that the field takes.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self._fields = {field.name: field for field in signature.fields}
        self._limits = {tensor.name: limits(tensor.numpy) for tensor in signature.inputs}
        for field in signature.fields:
            if field.default is not None:
                self._check_default(field)
        # the field's own name is an alias only: it may be one that Pydantic keeps for itself, such as json or _id
        definitions: Mapping[str, Any] = {
            f"field_{place}": (
                annotation(field),
                Field(default=... if field.default is None else field.default, alias=field.name),
            )
            for place, field in enumerate(signature.fields)
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
            where = place.replace("{row}", str(row))
            for field, value in zip(self._signature.fields, self._validate(record, where), strict=True):
                for fill in field.fills:
                    target = inputs[fill.input][row]
                    if isinstance(field, ImageField):
                        target[:] = value.reshape(-1)
                    else:
                        self._check_fit(value, fill.input, f"{where}.{field.name}")
                        target[fill.index] = value
        return {t.name: inputs[t.name].reshape(rows, *t.shape) for t in self._signature.inputs}

    def _check_default(self, field: AnyField) -> None:
        try:
            value: Any = TypeAdapter(annotation(field)).validate_python(field.default, strict=True)
            if not isinstance(field, ImageField):
                for fill in field.fills:
                    self._check_fit(value, fill.input, field.name)
        except (ValidationError, BadInput):
            raise ArtifactError(f"signature.json: the default of field {field.name} is none of its values.") from None

    def _check_fit(self, value: float, name: str, place: str) -> None:
        """Refuse a number that the input's datatype cannot hold."""
        low, high, whole = self._limits[name]
        if not low <= value <= high:
            fault = OutOfRange if whole else NotFinite
            raise fault.at(place, f"a number from {low:g} to {high:g}", f"{value:g}")
        if whole and value % 1:
            raise WrongType.at(place, "a whole number", value)

    def _validate(self, record: Any, place: str) -> Iterable[Any]:
        """What each field becomes, in the signature's order."""
        if not isinstance(record, Mapping | simdjson.Object):
            raise WrongType.at(place, "an object of fields", describe(record))
        if len(set(record.keys())) != len(record):
            raise MalformedRequest.at(place, "each field once", "a field twice")
        try:
            return self.record.model_validate(dict(record.items())).__dict__.values()
        except ValidationError as error:
            raise self._explained(error, place) from None

    def _explained(self, error: ValidationError, place: str) -> BadInput:
        """The first complaint in our words."""
        complaints = error.errors(include_url=False)
        # a misspelt field is both unknown and missing: the unknown one says more
        first = next((one for one in complaints if one["type"] == "extra_forbidden"), complaints[0])
        name = str(first["loc"][0])
        where = f"{place}.{name[:SHOWN_NAME]}"
        if first["type"] == "missing":
            return MissingField.at(where, f"the field {name}", "none")
        if first["type"] == "extra_forbidden":
            return UnknownField.at(where, "only the fields " + ", ".join(self._fields), name[:SHOWN_NAME])
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
