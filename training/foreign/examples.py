"""The rows that travel with a model: some of those that a person gave, or drawn ones."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.datasets.columns import Columns, columns_of, tensors
from training.datasets.dataset import EXAMPLE_ROWS
from training.errors import ForeignModelError
from training.export.interface import Arrays
from training.foreign.lookups import Table
from training.foreign.spans import Span, span
from training.signature import DTYPES, Bounded, Field, Image, Signature, Tensor

_FEW_ROWS = 4
_NUMBERS = 2**20
"""Numbers in all example rows together, if a row is that long: the service runs them in every batch size it uses."""

_FREE = 10
"""How far from its only bound, or from 0, a number is drawn."""

_ENDS = {"BOOL": 2, "UINT8": 256}
"""What whole numbers of these datatypes are drawn below."""


def rows_of(inputs: Sequence[Tensor]) -> int:
    """How many example rows a model with these inputs gets."""
    numbers = sum(math.prod(tensor.shape) for tensor in inputs)
    return min(EXAMPLE_ROWS, max(_FEW_ROWS, _NUMBERS // numbers))


def read_examples(path: Path, inputs: Sequence[Tensor]) -> Arrays:
    """Rows spread evenly over those of an `.npz` file, as `read_rows` takes it.

    Raises:
        ForeignModelError: If the file is none, or an array of it is not what the input takes.
    """
    given = read_rows(path, inputs)
    length = len(next(iter(given.values())))
    rows = np.linspace(0, length - 1, min(length, rows_of(inputs))).astype(int)
    return {name: array[rows] for name, array in given.items()}


def read_rows(path: Path, inputs: Sequence[Tensor]) -> Arrays:
    """All rows of an `.npz` file with an array for each input, `NAME` or `inputs/NAME`.

    Raises:
        ForeignModelError: If the file is none, or an array of it is not what the input takes.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            given = {name.removeprefix("inputs/"): arrays[name] for name in arrays.files if "outputs/" not in name}
    except OSError as error:
        raise ForeignModelError(f"Expected an .npz file. Received {path}: {error.strerror or error}.") from error
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ForeignModelError(
            f"Expected an .npz file of arrays of numbers. Received {path}, which is none."
        ) from error
    if given.keys() != {tensor.name for tensor in inputs}:
        wanted = ", ".join(tensor.name for tensor in inputs)
        raise ForeignModelError(f"Expected examples of the inputs {wanted}. Received {', '.join(given) or 'none'}.")
    for tensor in inputs:
        _check(given[tensor.name], tensor)
    lengths = {name: len(array) for name, array in given.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise ForeignModelError(f"Expected as many rows of each input, at least one. Received {lengths}.")
    return {tensor.name: given[tensor.name] for tensor in inputs}


def draw(inputs: Sequence[Tensor], found: Sequence[Sequence[Table]], seed: int) -> Arrays:
    """Draw rows for inputs of which nothing is known but datatype, shape and tables.

    Args:
        inputs: The inputs.
        found: For each of them, the tables that its numbers are looked up in: places of the shortest are drawn.
        seed: The same seed gives the same rows.

    Returns:
        Standard normal floats, pixels 0-255 for UINT8, whole numbers 0-9 for other integers, both truth values.
    """
    random, rows = np.random.default_rng(seed), rows_of(inputs)
    drawn: Arrays = {}
    for tensor, tables in zip(inputs, found, strict=True):
        shape, dtype = (rows, *tensor.shape), np.dtype(DTYPES[tensor.dtype])
        end = min((table.length for table in tables), default=_ENDS.get(tensor.dtype, _FREE))
        normal = dtype.kind == "f" and not tables
        numbers = random.normal(size=shape) if normal else random.integers(0, end, shape)
        drawn[tensor.name] = numbers.astype(dtype)
    return drawn


def draw_fields(signature: Signature, seed: int) -> Arrays:
    """Draw rows from the values of the fields, evenly."""
    random, rows = np.random.default_rng(seed), rows_of(signature.inputs)
    return tensors(signature, {field.name: _drawn(field, rows, random) for field in signature.fields})


def read_fields(signature: Signature, inputs: Arrays) -> Columns:
    """Rows as the values of fields.

    Raises:
        ForeignModelError: If a value is none of its field's, or differs between two places that the field fills.
    """
    found = columns_of(signature, inputs)
    for field in signature.fields:
        allowed, values = span(field), found[field.name]
        wrong = ~((values >= allowed.low) & (values <= allowed.high))
        if allowed.whole:
            wrong |= values % 1 != 0
        if wrong.any():
            raise ForeignModelError(f"Expected examples of {field.name}: {allowed}. Received {values[wrong].flat[0]}.")
    for name, array in tensors(signature, found).items():
        if not np.array_equal(array, inputs[name]):
            raise ForeignModelError(
                f"Expected equal numbers where one field fills several places. Received others in {name}."
            )
    return found


def _check(array: NDArray[Any], tensor: Tensor) -> None:
    dtype = np.dtype(DTYPES[tensor.dtype])
    if array.dtype != dtype or array.shape[1:] != tensor.shape or not array.ndim:
        raise ForeignModelError(
            f"Expected examples of {tensor.name} as {dtype} rows of {list(tensor.shape)}. "
            f"Received {array.dtype} {list(array.shape)}."
        )
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise ForeignModelError(f"Expected finite examples of {tensor.name}. Received NaN or an infinity.")
    if isinstance(tensor, Bounded) and ((array < tensor.minimum) | (array > tensor.maximum)).any():
        raise ForeignModelError(
            f"Expected examples of {tensor.name} from {tensor.minimum:g} to {tensor.maximum:g}. "
            f"Received {array.min()} to {array.max()}."
        )


def _drawn(field: Field, rows: int, random: np.random.Generator) -> NDArray[Any]:
    found = span(field)
    low, high = _closed(found)
    shape = (rows, field.height, field.width) if isinstance(field, Image) else (rows,)
    if found.whole:
        return random.integers(math.ceil(low), math.floor(high), shape, endpoint=True)
    return random.uniform(low, high, shape)


def _closed(found: Span) -> tuple[float, float]:
    """The span with an end where it is open."""
    low, high = found.low, found.high
    if math.isinf(low):
        low = 0 if math.isinf(high) else high - _FREE
    return low, low + _FREE if math.isinf(high) else high
