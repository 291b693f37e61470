"""``signature.json``: a model's tensors, the human's view of a row, and of an answer.

Strict Pydantic models of the format in ``docs/artifact.md``; unknown and missing keys are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    "UINT8": np.dtype("u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
"""The datatypes of the Open Inference Protocol that a model may have, as NumPy dtypes."""

EPOCH = date(1970, 1, 1)


class Strict(BaseModel):
    """Frozen; JSON types are taken as they are; unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Tensor(Strict):
    """A tensor; ``shape`` leaves the batch axis out."""

    name: str = Field(min_length=1)
    dtype: Literal[
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"
    ]
    shape: Annotated[tuple[PositiveInt, ...], Field(strict=False)]
    description: str

    @property
    def numpy(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return DTYPES[self.dtype]

    @property
    def size(self) -> int:
        """Elements in one row."""
        return math.prod(self.shape)


class InputTensor(Tensor):
    """An input tensor, and between what numbers all its elements lie where no field says so; None is open."""

    minimum: float | None = None
    maximum: float | None = None


class OutputTensor(Tensor):
    """An output tensor, and how far an engine's answer may lie from the stored one."""

    rtol: float = Field(ge=0)
    atol: float = Field(ge=0)


class Fill(Strict):
    """A place that a field fills: the position in the flattened row, or the whole input."""

    input: str
    index: int | None = Field(ge=0)


class FieldBase(Strict):
    """What all fields have."""

    name: str = Field(min_length=1)
    description: str
    fills: list[Fill] = Field(min_length=1)
    default: Any


class NumberField(FieldBase):
    """A JSON number."""

    kind: Literal["number"]
    unit: str
    minimum: float | None
    maximum: float | None
    whole: bool


class CategoryField(FieldBase):
    """A string of a vocabulary; the tensor holds its index."""

    kind: Literal["category"]
    vocabulary: list[str] = Field(min_length=1)


class TimeField(FieldBase):
    """``"05:15"``; the tensor holds minutes after midnight."""

    kind: Literal["time"]


class DateField(FieldBase):
    """``"2013-05-31"``; the tensor holds days since 1970-01-01."""

    kind: Literal["date"]
    minimum: date | None
    maximum: date | None


class ImageField(FieldBase):
    """Rows of whole numbers 0-255, or the base64 of an 8-bit grey PNG."""

    kind: Literal["image"]
    height: PositiveInt
    width: PositiveInt


AnyField = Annotated[NumberField | CategoryField | TimeField | DateField | ImageField, Field(discriminator="kind")]


class ResultBase(Strict):
    """What all keys of an answer have."""

    name: str = Field(min_length=1)
    description: str
    output: str


class LabelResult(ResultBase):
    """The label of the largest element."""

    kind: Literal["label"]
    labels: list[str] | list[int] = Field(min_length=1)


class ValuesResult(ResultBase):
    """All elements."""

    kind: Literal["values"]


class NumberResult(ResultBase):
    """One element."""

    kind: Literal["number"]
    index: int = Field(ge=0)
    unit: str


class ThresholdResult(ResultBase):
    """Whether one element reaches a threshold."""

    kind: Literal["threshold"]
    index: int = Field(ge=0)
    threshold: float


AnyResult = Annotated[LabelResult | ValuesResult | NumberResult | ThresholdResult, Field(discriminator="kind")]


class Signature(Strict):
    """A model's interface."""

    format: Literal[1]
    name: str
    task: Literal["classification", "regression"]
    inputs: list[InputTensor] = Field(min_length=1)
    outputs: list[OutputTensor] = Field(min_length=1)
    fields: list[AnyField]
    result: list[AnyResult]

    @model_validator(mode="after")
    def _consistent(self) -> Signature:
        inputs = {tensor.name: tensor for tensor in self.inputs}
        outputs = {tensor.name: tensor for tensor in self.outputs}
        for group in (self.inputs, self.outputs, self.fields, self.result):
            names = [entry.name for entry in group]
            if len(set(names)) != len(names):
                raise ValueError(f"names must differ, received {names}")
        if bool(self.fields) != bool(self.result):
            raise ValueError("fields and result must both be given or both be empty")
        for field in self.fields:
            if isinstance(field, CategoryField) and len(set(field.vocabulary)) != len(field.vocabulary):
                raise ValueError(f"the vocabulary of field {field.name} must be of distinct words")
        if self.fields:
            _check_fills(self.fields, inputs)
        for entry in self.result:
            _check_result(entry, outputs)
        return self


def _check_fills(fields: list[AnyField], inputs: Mapping[str, Tensor]) -> None:
    """Every element of every input is filled by exactly one field."""
    free = {(name, index) for name, tensor in inputs.items() for index in range(tensor.size)}
    for field in fields:
        for fill in field.fills:
            tensor = inputs.get(fill.input)
            if tensor is None:
                raise ValueError(f"field {field.name} fills {fill.input}, which is no input")
            if isinstance(field, ImageField):
                if fill.index is not None or tensor.shape not in (
                    (field.height, field.width),
                    (field.height, field.width, 1),
                ):
                    raise ValueError(f"image field {field.name} must fill an input of its own height and width")
                places = {(fill.input, index) for index in range(tensor.size)}
            else:
                places = {(fill.input, -1 if fill.index is None else fill.index)}
            if not places <= free:
                raise ValueError(f"field {field.name} fills a place of {fill.input} that is taken or does not exist")
            free -= places
    if free:
        name, index = min(free)
        raise ValueError(f"no field fills {name}[{index}]")


def _check_result(entry: AnyResult, outputs: dict[str, OutputTensor]) -> None:
    """Each key of an answer reads a place that exists."""
    tensor = outputs.get(entry.output)
    if tensor is None:
        raise ValueError(f"result {entry.name} reads {entry.output}, which is no output")
    if isinstance(entry, LabelResult):
        if len(entry.labels) != tensor.size or len(set(entry.labels)) != tensor.size:
            raise ValueError(f"result {entry.name} needs {tensor.size} distinct labels")
    elif isinstance(entry, NumberResult | ThresholdResult) and entry.index >= tensor.size:
        raise ValueError(f"result {entry.name} reads element {entry.index} of {tensor.size}")
