"""What holds for a model's input arrays as a whole: shape, finite numbers, declared ranges.

Every dialect ends here, so that nothing can join a batch that the model's fields exclude: a category index
outside its vocabulary is refused before an embedding looks it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from service.errors import NotFinite, OutOfRange, WrongType
from service.signature import EPOCH, AnyField, CategoryField, DateField, ImageField, NumberField, Signature, Tensor


@dataclass(frozen=True, slots=True)
class Bounds:
    """The declared range of every element of one input; arrays of the input's shape.

    Attributes:
        low: Smallest value, -inf where open.
        high: Largest value, inf where open.
        whole: True where only whole numbers are allowed; None where nowhere.
        names: Field behind each element of the flattened row, for messages.
    """

    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray | None
    names: tuple[str, ...]

    def published(self) -> dict[str, list[Any]]:
        """The range for clients, element by element of the flattened row; None where it is open."""
        whole = np.zeros(self.low.shape, dtype=bool) if self.whole is None else self.whole
        return {
            "minimum": [low if np.isfinite(low) else None for low in self.low.ravel().tolist()],
            "maximum": [high if np.isfinite(high) else None for high in self.high.ravel().tolist()],
            "whole": whole.ravel().tolist(),
        }


def bounds_of(signature: Signature) -> dict[str, Bounds]:
    """The bounds of each input that has any: its own, or those of the fields that fill it."""
    found: dict[str, Bounds] = {}
    for tensor in signature.inputs:
        low = np.full(tensor.size, -np.inf if tensor.minimum is None else tensor.minimum)
        high = np.full(tensor.size, np.inf if tensor.maximum is None else tensor.maximum)
        whole, names = np.zeros(tensor.size, dtype=bool), [""] * tensor.size
        for field in signature.fields:
            for fill in field.fills:
                if fill.input == tensor.name and fill.index is not None:
                    low[fill.index], high[fill.index], whole[fill.index] = _range(field)
                    names[fill.index] = field.name
        if np.isfinite(low).any() or np.isfinite(high).any() or whole.any():
            some = whole.reshape(tensor.shape) if whole.any() else None
            found[tensor.name] = Bounds(low.reshape(tensor.shape), high.reshape(tensor.shape), some, tuple(names))
    return found


def _range(field: AnyField) -> tuple[float, float, bool]:
    low, high = -np.inf, np.inf
    if isinstance(field, NumberField):
        low = low if field.minimum is None else field.minimum
        high = high if field.maximum is None else field.maximum
        return low, high, field.whole
    if isinstance(field, CategoryField):
        return 0, len(field.vocabulary) - 1, True
    if isinstance(field, DateField):
        low = low if field.minimum is None else (field.minimum - EPOCH).days
        high = high if field.maximum is None else (field.maximum - EPOCH).days
        return low, high, True
    if isinstance(field, ImageField):
        return 0, 255, True
    return 0, 24 * 60 - 1, True


def check(array: np.ndarray, tensor: Tensor, bounds: Bounds | None, place: str) -> None:
    """Refuse rows that are not finite or lie outside the declared range.

    Args:
        array: Rows of ``tensor``, shape [rows, …].
        tensor: The input they are for.
        bounds: Its declared range; None if there is none.
        place: Where the rows stand in the request; ``{row}`` in it becomes the row's number.

    Raises:
        NotFinite: NaN or an infinity.
        OutOfRange: Outside the declared range.
        WrongType: A fraction where only whole numbers make sense.
    """
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            where = _first(~finite)
            raise NotFinite.at(element(place, where), f"a finite {tensor.dtype} number", str(array[where]))
    if bounds is None:
        return
    inside = (array >= bounds.low) & (array <= bounds.high)
    if not inside.all():
        where = _first(~inside)
        raise OutOfRange.at(*_complaint(array, bounds, where, place))
    if bounds.whole is not None and array.dtype.kind == "f":
        even = (array == np.floor(array)) | ~bounds.whole
        if not even.all():
            where = _first(~even)
            at, _, received = _complaint(array, bounds, where, place)
            raise WrongType.at(at, "a whole number", received)


def element(place: str, where: tuple[int, ...]) -> str:
    """The name of one element: the row goes into the place's ``{row}``, the rest behind it."""
    return place.replace("{row}", str(where[0])) + "".join(f"[{index}]" for index in where[1:])


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(index) for index in np.unravel_index(int(mask.argmax()), mask.shape))


def _complaint(array: np.ndarray, bounds: Bounds, where: tuple[int, ...], place: str) -> tuple[str, str, Any]:
    inner = where[1:]
    name = bounds.names[int(np.ravel_multi_index(inner, bounds.low.shape)) if inner else 0]
    low, high = bounds.low[inner], bounds.high[inner]
    owner = f" for {name}" if name else ""
    return element(place, where), f"a number from {low:g} to {high:g}{owner}", str(array[where])
