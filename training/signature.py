"""What the service must know of a model: its tensors, the human's view of a row, and how outputs become answers.

    Signature ── inputs   Tensor | Bounded …
              ├─ outputs  Output …           a Tensor with tolerances
              ├─ fields   Number | Category | Time | Date | Image
              └─ result   Label | Values | Element | Threshold

The keys are those of `docs/artifact.md`, one attribute per key.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

DTYPES = {
    "BOOL": "bool",
    **{f"UINT{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"INT{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": f"float{bits}" for bits in (16, 32, 64)},
}
"""The datatypes of a tensor by their names in the Open Inference Protocol, and what NumPy and Keras call them."""


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input. `dtype` is a name of the Open Inference Protocol; `shape` leaves the batch axis out."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    description: str


@dataclass(frozen=True, kw_only=True)
class Bounded(Tensor):
    """An input of a model without fields, each element of which lies between these bounds, inclusive."""

    minimum: float
    maximum: float


@dataclass(frozen=True, kw_only=True)
class Output(Tensor):
    """An output. An engine's answer may lie `atol + rtol * |stored|` from the stored one."""

    rtol: float
    atol: float


@dataclass(frozen=True)
class Place:
    """A position in a flattened input row; an image fills its whole input and has no index."""

    input: str
    index: int | None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of a record. Without a default the record must carry it."""

    name: str
    description: str
    fills: tuple[Place, ...]
    default: float | str | None = None
    kind: str = field(default="", init=False)


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A JSON number. Bounds are inclusive; `None` is open."""

    unit: str
    minimum: float | None
    maximum: float | None
    whole: bool = False
    kind: str = field(default="number", init=False)


@dataclass(frozen=True, kw_only=True)
class Category(Field):
    """One of several strings; the tensor holds its index in the vocabulary."""

    vocabulary: tuple[str, ...]
    kind: str = field(default="category", init=False)


@dataclass(frozen=True, kw_only=True)
class Time(Field):
    """`"05:15"`; the tensor holds whole minutes after midnight, 0-1439."""

    kind: str = field(default="time", init=False)


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """`"2013-05-31"`; the tensor holds whole days since 1970-01-01. Bounds are inclusive."""

    minimum: str | None
    maximum: str | None
    kind: str = field(default="date", init=False)


@dataclass(frozen=True, kw_only=True)
class Image(Field):
    """Rows of whole numbers 0-255, or the base64 of an 8-bit grey PNG of exactly this size."""

    height: int
    width: int
    kind: str = field(default="image", init=False)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One key of the answer, taken from the output tensor named `output`."""

    name: str
    description: str
    output: str


@dataclass(frozen=True, kw_only=True)
class Label(Result):
    """The label of the largest element."""

    labels: tuple[str, ...] | tuple[int, ...]
    kind: str = field(default="label", init=False)


@dataclass(frozen=True, kw_only=True)
class Values(Result):
    """All elements of the output."""

    kind: str = field(default="values", init=False)


@dataclass(frozen=True, kw_only=True)
class Element(Result):
    """The element at `index` of the flattened output, in `unit`."""

    index: int
    unit: str
    kind: str = field(default="number", init=False)


@dataclass(frozen=True, kw_only=True)
class Threshold(Result):
    """`true` if the element at `index` is at least `threshold`."""

    index: int
    threshold: float
    kind: str = field(default="threshold", init=False)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Tensors, fields and answers of every model that bears this name."""

    name: str
    task: Literal["classification", "regression"]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Output, ...]
    fields: tuple[Field, ...]
    result: tuple[Result, ...]

    def columns(self, input_name: str) -> Iterator[tuple[int, Field]]:
        """Yield (index, field) for the elements of one flat input, in order of the index."""
        places = [
            (place.index, item)
            for item in self.fields
            for place in item.fills
            if place.input == input_name and place.index is not None
        ]
        return iter(sorted(places, key=lambda pair: pair[0]))

    def select(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> "Signature":
        """The part of it that some of the inputs and outputs have."""
        fields = tuple(
            replace(item, fills=fills)
            for item in self.fields
            if (fills := tuple(place for place in item.fills if place.input in inputs))
        )
        return replace(
            self,
            inputs=tuple(tensor for tensor in self.inputs if tensor.name in inputs),
            outputs=tuple(tensor for tensor in self.outputs if tensor.name in outputs),
            fields=fields,
            result=tuple(item for item in self.result if item.output in outputs),
        )

    def named(self, name: str) -> "Signature":
        """The same signature under the name that the store gives it."""
        return replace(self, name=name)

    def as_dict(self) -> dict[str, object]:
        """The content of `signature.json`."""
        return {"format": 1, **asdict(self)}
