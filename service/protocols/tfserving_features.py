"""The features of the examples that classify and regress take, to the model's inputs.

An example holds either the model's fields, and is a record, or its inputs by name. Its values are those of a
``tf.Example``: a number, a string, ``{"b64": …}`` or a flat list of them; images and tensors may be nested as well.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import simdjson

from service.errors import (
    BadInput,
    MalformedRequest,
    MissingInput,
    NotFinite,
    OutOfRange,
    RaggedRows,
    UnknownField,
    UnknownInput,
    Unsupported,
    WrongShape,
    WrongType,
)
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document, read_row
from service.protocols.tfserving_faults import (
    is_base64,
    json_type,
    lossy,
    reworded,
    type_name,
    unconvertible,
)
from service.signature import AnyField, ImageField, Tensor
from service.tensors import check

Features = dict[str, Any]


class ExampleReader:
    """Reads the examples of one body.

    Args:
        document: The body.
        model: What they are for.
    """

    def __init__(self, document: Document, model: Interface) -> None:
        self._document = document
        self._model = model
        self._fields = {field.name: field for field in model.signature.fields}

    def features(self, entry: Any, place: str) -> Features:
        """The features of an example or of the context, as the parser gives them.

        Raises:
            BadInput: It is no object, has a feature twice, or one that the model does not have.
        """
        if not isinstance(entry, simdjson.Object):
            raise WrongType(f"Example must be JSON object but got JSON {json_type(describe(entry))} at {place}")
        names = list(entry.keys())
        if len(set(names)) != len(names):
            raise MalformedRequest.at(place, "each feature once", "a feature twice")
        for name in names:  # before any is fetched: the parser looks through all names for each
            if name not in self._fields and name not in self._model.inputs:
                raise self._unknown(name, place)
        return {name: entry[name] for name in names}  # the parser's own items() would make lists of its arrays

    def _unknown(self, name: str, place: str) -> BadInput:
        fault = UnknownField if self._fields else UnknownInput
        known = ", ".join(dict.fromkeys((*self._fields, *self._model.inputs)))
        return fault(f"Feature: {name[:256]} is none of the model's, which are {known}, at {place}")

    def read(self, entries: Any, context: Features) -> dict[str, np.ndarray]:
        """Read a list of examples.

        Args:
            entries: The parser's array, one element a row.
            context: Features that every example has unless it has its own.

        Returns:
            Every input by name, shape [rows, …].

        Raises:
            BadInput: The leaf that fits, naming example and feature.
            Unsupported: Half precision, which has no JSON form.
        """
        self._document.brackets -= 1
        examples = [context | self.features(entry, f"examples[{row}]") for row, entry in enumerate(entries)]
        records = self._model.records
        if records is None or all(map(self._holds_tensors, examples)):
            try:
                return self._tensors(examples, context)
            except Unsupported as error:
                raise unconvertible(error, entries) from None
        places = (f"examples[{row}]" for row in range(len(examples)))
        return records.decode(
            [_record(example, self._fields, place) for example, place in zip(examples, places, strict=True)],
            "examples[{row}]",
        )

    def _holds_tensors(self, example: Features) -> bool:
        """Whether an example holds inputs: by names of their own, or where fields share them, by flat lists."""
        inputs = self._model.inputs
        if any(name not in self._fields for name in example):
            return True
        return bool(example) and all(name in inputs and _is_flat(value) for name, value in example.items())

    def _tensors(self, examples: Sequence[Features], context: Features) -> dict[str, np.ndarray]:
        for row, example in enumerate(examples):
            _check_names(example, self._model, row)
        arrays = {}
        for name, tensor in self._model.inputs.items():
            array = arrays[name] = np.empty((len(examples), *tensor.shape), dtype=tensor.numpy)
            reader = _RowReader(self._document, tensor)
            shared = None  # read once: its brackets stand in the body once
            for row, example in enumerate(examples):
                value = example[name]
                if name not in context or value is not context[name]:
                    array[row] = reader.read(value, f"examples[{row}].{name}")
                    continue
                if shared is None:
                    shared = reader.read(value, f"context.{name}")
                array[row] = shared
            _check(array, tensor, self._model, examples)
        return arrays


def feature_fault(error: BadInput, tensor: Tensor) -> BadInput:
    """What is wrong with a feature that stands for an input, in TensorFlow Serving's words."""
    nested = isinstance(error, RaggedRows) and len(tensor.shape) == 1
    found = "Array" if nested else json_type(str(error.received))
    shapes = isinstance(error, WrongShape | RaggedRows) and not nested
    if isinstance(error, OutOfRange) or (shapes and (found == "Number" or isinstance(error.received, list))):
        return reworded(error, tensor)
    if found in ("Null", "Array", "Object"):
        text = f"Feature: {tensor.name} has element with unexpected JSON type: {found}"
    else:
        kind = {"f": "float", "b": "bool"}.get(tensor.numpy.kind, "int64")
        text = f"Unexpected element type in feature: {tensor.name} expecting type: {kind}, received {error.received}"
    return error.reworded(f"{text} at {error.place}")


def _is_flat(value: Any) -> bool:
    """Whether a value looks like a flat list of numbers; all of them are looked at when they are read."""
    return isinstance(value, simdjson.Array) and len(value) > 0 and type(value[0]) in (int, float)


def _check(array: np.ndarray, tensor: Tensor, model: Interface, examples: Sequence[Features]) -> None:
    try:
        check(array, tensor, model.bounds.get(tensor.name), f"examples[{{row}}].{tensor.name}")
    except NotFinite as error:
        raise lossy(error, array, tensor, lambda row: examples[row][tensor.name]) from None


def _check_names(example: Features, model: Interface, row: int) -> None:
    for name in example:
        if name not in model.inputs:
            raise UnknownInput(
                f"Feature: {name[:256]} is none of the model's inputs {', '.join(model.inputs)} at examples[{row}]"
            )
    for name, tensor in model.inputs.items():
        if name not in example:
            raise MissingInput(
                f"Feature: {name} (data type: {type_name(tensor)}) is required but could not be found "
                f"at examples[{row}]"
            )


class _RowReader:
    """Reads one row of an input from a number, a flat list or a list nested as the input is."""

    def __init__(self, document: Document, tensor: Tensor) -> None:
        self._document = document
        self._tensor = tensor
        self._flat = tensor.model_copy(update={"shape": (tensor.size,)})
        self._scalar = tensor.model_copy(update={"shape": ()})

    def read(self, value: Any, place: str) -> np.ndarray:
        kind = self._flat
        if not isinstance(value, simdjson.Array):
            kind = self._scalar if self._tensor.size == 1 else self._flat
        elif len(value) and isinstance(value[0], simdjson.Array):
            kind = self._tensor
        return read_row(self._document, value, kind, place).reshape(self._tensor.shape)


def _record(example: Features, fields: Mapping[str, AnyField], place: str) -> Features:
    """An example as a record: flat lists become what the field takes."""
    return {name: _plain(value, fields.get(name), f"{place}.{name[:256]}") for name, value in example.items()}


def _plain(value: Any, field: AnyField | None, place: str) -> Any:
    if isinstance(field, ImageField) and _is_flat(value) and len(value) == field.height * field.width:
        pixels = value.as_list()
        return [pixels[start : start + field.width] for start in range(0, len(pixels), field.width)]
    if isinstance(value, simdjson.Array) and len(value) == 1 and not isinstance(value[0], simdjson.Array):
        value = value[0]
    if not is_base64(value):
        return value
    text = value["b64"]
    return text if isinstance(field, ImageField) else _decoded(text, place)


def _decoded(text: str, place: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise WrongType(f"Unable to base64 decode. Expected the base64 of UTF-8 text at {place}.") from None
