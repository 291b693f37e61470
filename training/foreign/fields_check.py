"""Holds fields and answers against the tensors of a model, as the service does when it loads them."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from training.errors import ForeignModelError
from training.foreign.spans import Span, number_of, span
from training.signature import (
    DTYPES,
    Bounded,
    Category,
    Element,
    Field,
    Image,
    Label,
    Output,
    Place,
    Result,
    Tensor,
    Threshold,
)


def check_fields(fields: Sequence[Field], inputs: Sequence[Tensor]) -> None:
    """Check that every element of every input is filled by exactly one field, with numbers that it can hold.

    Raises:
        ForeignModelError: Names the first field or element for which this is not so.
    """
    _check_distinct("fields", [field.name for field in fields])
    by_name = {tensor.name: tensor for tensor in inputs}
    filled: dict[tuple[str, int], str] = {}
    for field in fields:
        _check_values(field)
        for place in field.fills:
            if place.input not in by_name:
                raise _wrong(field, f"an input of the model ({', '.join(by_name)})", place.input)
            tensor = by_name[place.input]
            _check_fit(field, tensor)
            for index in _indexes(field, place, tensor):
                if (tensor.name, index) in filled:
                    raise _wrong(
                        field, f"a free place, not that of {filled[tensor.name, index]}", _place(tensor, index)
                    )
                filled[tensor.name, index] = field.name
    for tensor in inputs:
        for index in range(math.prod(tensor.shape)):
            if (tensor.name, index) not in filled:
                raise ForeignModelError(
                    f"Expected a field for every element. Received none for {_place(tensor, index)}."
                )


def check_result(result: Sequence[Result], outputs: Sequence[Output]) -> None:
    """Check that every answer is taken from what an output has.

    Raises:
        ForeignModelError: Names the first answer for which this is not so.
    """
    _check_distinct("answers", [entry.name for entry in result])
    sizes = {output.name: math.prod(output.shape) for output in outputs}
    for entry in result:
        if entry.output not in sizes:
            raise _wrong(entry, f"an output of the model ({', '.join(sizes)})", entry.output)
        size = sizes[entry.output]
        if isinstance(entry, Label) and not len(entry.labels) == len(set(entry.labels)) == size:
            raise _wrong(entry, f"{size} distinct labels, one for each element", f"{list(entry.labels)[:20]}")
        if isinstance(entry, Element | Threshold) and not 0 <= entry.index < size:
            raise _wrong(entry, f"an index from 0 to {size - 1}", entry.index)


def _check_values(field: Field) -> None:
    """What a field says of itself: distinct words, a range that is not empty, a default that is one of its values."""
    if not field.fills:
        raise _wrong(field, "at least one place to fill", "none")
    if isinstance(field, Category) and not 0 < len(set(field.vocabulary)) == len(field.vocabulary):
        raise _wrong(field, "a vocabulary of distinct words", f"{list(field.vocabulary)[:20]}")
    try:
        found = span(field)
    except ValueError:
        raise _wrong(field, 'bounds such as "2013-05-31"', "others") from None
    if found.low > found.high:
        raise _wrong(field, "a minimum that is not over the maximum", found)
    if field.default is None:
        return
    try:
        number_of(field, field.default)
    except ValueError:
        raise _wrong(field, "one of its values as default, or null", repr(field.default)) from None


def _check_fit(field: Field, tensor: Tensor) -> None:
    """The numbers of the field must be numbers that the input holds, and that the model takes."""
    dtype = np.dtype(DTYPES[tensor.dtype])
    found = span(field)
    if dtype.kind != "f" and not found.whole:
        raise _wrong(field, f'"whole": true for an input of {tensor.dtype}', found)
    holds = Span(0, 1, whole=True)
    if dtype.kind != "b":
        limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        holds = Span(float(limits.min), float(limits.max), whole=False)
    ends = [end for end in (found.low, found.high) if math.isfinite(end)]
    if any(not holds.low <= end <= holds.high for end in ends):
        raise _wrong(field, f"numbers that {tensor.dtype} holds", found)
    if isinstance(tensor, Bounded) and not found.within(Span(tensor.minimum, tensor.maximum, whole=False)):
        raise _wrong(field, f"numbers from {tensor.minimum:g} to {tensor.maximum:g}, which the model looks up", found)


def _indexes(field: Field, place: Place, tensor: Tensor) -> Iterable[int]:
    """Positions in the flattened row that a field fills."""
    size = math.prod(tensor.shape)
    if isinstance(field, Image):
        sizes = [(field.height, field.width), (field.height, field.width, 1)]
        if place.index is not None or tensor.shape not in sizes:
            raise _wrong(
                field, f"an input of {list(sizes[0])} and null as index", f"{list(tensor.shape)}, {place.index}"
            )
        return range(size)
    if place.index is None or not 0 <= place.index < size:
        raise _wrong(field, f"an index from 0 to {size - 1} into {tensor.name}", place.index)
    return [place.index]


def _check_distinct(what: str, names: list[str]) -> None:
    if len(set(names)) != len(names) or "" in names:
        raise ForeignModelError(f"Expected {what} of distinct names. Received {', '.join(map(repr, names))}.")


def _place(tensor: Tensor, index: int) -> str:
    return f"{tensor.name}[{index}]"


def _wrong(entry: Field | Result, expected: str, received: Any) -> ForeignModelError:
    return ForeignModelError(f"Expected of {entry.name}: {expected}. Received {received}.")
