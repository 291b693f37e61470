"""One row of a stream by the exact way: as ``records`` reads it, with its line in what is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import simdjson

from service.errors import BadInput, MalformedRequest, MissingInput, UnknownInput, WrongType
from service.interface import Interface
from service.json_faults import describe
from service.json_tensor import Document, parse, read_row
from service.tensors import check

Arrays = dict[str, np.ndarray]


def exact_json(text: bytes, model: Interface, line: int) -> Arrays:
    """A line of JSON: one record, or the inputs by name of a model without fields.

    Returns:
        Every input by name, shape [1, …].

    Raises:
        BadInput: The leaf that fits, naming line and field.
    """
    try:
        document = parse(text)
    except BadInput as error:
        raise error.reworded(f"{error.sentence} in line {line}") from None
    if model.records is not None:
        return exact_record(document.root, model, line)
    place = f"line {line}"
    _check_names(document.root, model, place)
    arrays = {name: _read(document, name, model, f"{place}: {name}") for name in model.inputs}
    document.settle()
    return arrays


def exact_record(record: Mapping[str, Any], model: Interface, line: int) -> Arrays:
    """A record of the model's fields; else as ``exact_json``."""
    assert model.records is not None
    place = f"line {line}"
    try:
        return model.records.decode([record], place)
    except BadInput as error:
        field = error.place.removeprefix(f"{place}.")
        if field == error.place:  # of the whole record
            raise
        raise error.reworded(error.sentence.replace(f" at {error.place}", f" at {place}: {field}")) from None


def _check_names(root: Any, model: Interface, place: str) -> None:
    if not isinstance(root, simdjson.Object):
        raise WrongType.at(place, "an object of inputs", describe(root))
    names = list(root.keys())
    if len(set(names)) != len(names):
        raise MalformedRequest.at(place, "each input once", "an input twice")
    wanted = "the inputs " + ", ".join(model.inputs)
    for name in names:
        if name not in model.inputs:
            raise UnknownInput.at(place, f"only {wanted}", name[:40])
    for name in model.inputs:
        if name not in names:
            raise MissingInput.at(place, wanted, f"none named {name}")


def _read(document: Document, name: str, model: Interface, place: str) -> np.ndarray:
    tensor = model.inputs[name]
    array = read_row(document, document.root[name], tensor, place)[np.newaxis]
    check(array, tensor, model.bounds.get(name), place)
    return array
