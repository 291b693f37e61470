"""The kinds of a record's fields as Pydantic types that end in what the tensor holds."""

from __future__ import annotations

import base64
import difflib
import io
import re
import struct
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
import simdjson
from PIL import Image
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.errors import BadInput, NotFinite, OutOfRange, ServiceError, UnknownCategory, WrongShape, WrongType
from service.json_faults import describe
from service.json_tensor import Document, read_row
from service.signature import (
    EPOCH,
    AnyField,
    CategoryField,
    DateField,
    ImageField,
    NumberField,
    Tensor,
    TimeField,
)

CODES: dict[str, type[BadInput]] = {
    "greater_than_equal": OutOfRange,
    "less_than_equal": OutOfRange,
    "finite_number": NotFinite,
}
"""Pydantic's error types, and ours by code word, to the error tree."""
CODES |= {leaf.code: leaf for leaf in BadInput.__subclasses__()}

PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PNG_HEAD = struct.Struct(">IIBB")
"""What follows it: width, height, bits, colour type."""
COLOURS = {0: "grey", 2: "RGB", 3: "a palette", 4: "grey with transparency", 6: "RGB with transparency"}

NEAR_WORDS = 1024
"""Unknown words of a field whose near ones are remembered: a file is often wrong in the same way on every line."""
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def annotation(field: AnyField) -> Any:
    """The type of a record's key: what it accepts, what it becomes, and its JSON schema."""
    if isinstance(field, NumberField):
        kind: Any = int if field.whole else float
        bounds = Field(ge=field.minimum, le=field.maximum, description=_sentence(field))
        return Annotated[kind, bounds] if field.whole else Annotated[kind, bounds, Field(allow_inf_nan=False)]
    convert, schema = _converter(field)
    return Annotated[Any, BeforeValidator(convert), WithJsonSchema({**schema, "description": _sentence(field)})]


def accepted(field: AnyField) -> str:
    """What a number field accepts, in words for messages."""
    if not isinstance(field, NumberField):
        return field.description
    kind = "a whole number" if field.whole else "a number"
    low = "" if field.minimum is None else f" from {field.minimum:g}"
    high = "" if field.maximum is None else f" to {field.maximum:g}"
    return kind + low + high


def limits(dtype: np.dtype[Any]) -> tuple[float, float, bool]:
    """Smallest and largest number that a tensor of ``dtype`` holds, and whether it holds whole ones only."""
    if dtype.kind == "b":
        return 0, 1, True
    if dtype.kind == "f":
        largest = float(np.finfo(dtype).max)
        return -largest, largest, False
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), True


def _sentence(field: AnyField) -> str:
    unit = f" Unit: {field.unit}." if isinstance(field, NumberField) and field.unit else ""
    return field.description + unit


def _converter(field: AnyField) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    if isinstance(field, CategoryField):
        index = {word: place for place, word in enumerate(field.vocabulary)}
        near = lru_cache(maxsize=NEAR_WORDS)(lambda word: _near(word, field.vocabulary))
        return lambda value: _category(value, index, near), {"type": "string", "enum": field.vocabulary}
    if isinstance(field, TimeField):
        return _time, {"type": "string", "pattern": f"^{TIME.pattern}$"}
    if isinstance(field, DateField):
        return lambda value: _date(value, field), {"type": "string", "format": "date"}
    assert isinstance(field, ImageField)
    pixel = {"type": "integer", "minimum": 0, "maximum": 255}
    row = {"type": "array", "items": pixel, "minItems": field.width, "maxItems": field.width}
    rows = {"type": "array", "items": row, "minItems": field.height, "maxItems": field.height}
    text = {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}
    tensor = Tensor(name=field.name, dtype="UINT8", shape=(field.height, field.width), description="")
    return lambda value: _image(value, tensor), {"oneOf": [rows, text]}


def _refuse(fault: type[ServiceError], expected: str, received: str, place: str = "") -> PydanticCustomError:
    return PydanticCustomError(fault.code, "refused", {"expected": expected, "received": received, "place": place})


def _near(word: str, vocabulary: list[str]) -> str:
    """The known words that are nearest to an unknown one."""
    return ", ".join(difflib.get_close_matches(word, vocabulary, n=3, cutoff=0) if len(vocabulary) > 3 else vocabulary)


def _category(value: Any, index: dict[str, int], near: Callable[[str], str]) -> int:
    if not isinstance(value, str):
        raise _refuse(WrongType, "a string", describe(value))
    if value not in index:
        known = f"one of {len(index)} known words, such as {near(value[:40])}"
        raise _refuse(UnknownCategory, known, f'"{value[:40]}"')
    return index[value]


def _time(value: Any) -> int:
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _refuse(WrongType, 'a time such as "05:15"', describe(value))
    return int(match[1]) * 60 + int(match[2])


def _date(value: Any, field: DateField) -> int:
    try:
        if not isinstance(value, str) or not DATE.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise _refuse(WrongType, 'a date such as "2013-05-31"', describe(value)) from None
    low, high = field.minimum or date.min, field.maximum or date.max
    if not low <= day <= high:
        raise _refuse(OutOfRange, f"a date from {low} to {high}", value)
    return (day - EPOCH).days


def _image(value: Any, tensor: Tensor) -> np.ndarray:
    """Pixels, UINT8 of the tensor's shape, from rows of numbers or the base64 of a PNG."""
    if isinstance(value, str):
        return _png(value, tensor)
    if isinstance(value, list):
        value = simdjson.Parser().parse(str(value).encode()) if _plain(value) else None
    if not isinstance(value, simdjson.Array):
        raise _refuse(WrongType, "rows of whole numbers, or the base64 of a PNG", describe(value))
    document = Document(value, value.mini, 0, [])
    try:
        pixels = read_row(document, value, tensor, "")
        document.settle()
    except ServiceError as error:
        raise _refuse(type(error), str(error.expected), str(error.received), error.place) from None
    return pixels


def _plain(value: list[Any]) -> bool:
    return all(isinstance(row, list) and all(type(item) in (int, float) for item in row) for row in value)


def _png(text: str, tensor: Tensor) -> np.ndarray:
    height, width = tensor.shape
    expected = f"the base64 of an 8-bit grey PNG of {width} x {height} pixels"
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise _refuse(WrongType, expected, "something else") from None
    if not data.startswith(PNG_START) or len(data) < len(PNG_START) + PNG_HEAD.size:
        raise _refuse(WrongType, expected, "something else")
    # the head is read here first, so that nothing is allocated for a picture of another size
    wide, high, depth, colour = PNG_HEAD.unpack_from(data, len(PNG_START))
    if (depth, colour) != (8, 0):
        raise _refuse(WrongType, expected, f"a PNG of {depth} bits and {COLOURS.get(colour, 'unknown colours')}")
    if (wide, high) != (width, height):
        raise _refuse(WrongShape, expected, f"{wide} x {high} pixels")
    try:
        pixels = np.asarray(Image.open(io.BytesIO(data), formats=["PNG"]), dtype=np.uint8)
    except Exception:  # Pillow raises a dozen kinds on bytes made to hurt it, IndexError among them
        raise _refuse(WrongType, expected, "a PNG whose pixels cannot be read") from None
    if pixels.shape != tensor.shape:  # a second head, further on, may say otherwise
        raise _refuse(WrongShape, expected, "a PNG that contradicts itself")
    return pixels
