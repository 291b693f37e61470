"""Models for streams of rows, cells and records that fit them or do not, and what the exact way makes of those."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from hypothesis import strategies as st

from service.errors import ServiceError
from service.json_tensor import parse
from service.protocols.chunk import Chunk
from service.protocols.lines import Block
from tests.toy_signatures import field, interface, output, result, tensor

RECORDS = interface(
    inputs=[tensor("x", "FP32", (5,)), tensor("n", "INT64", (2,)), tensor("b", "UINT8", (2, 1)), tensor("h", "FP16")],
    outputs=[output("y", (3,))],
    fields=[
        field("number", "size", ("x", 0), minimum=-10.0, maximum=300.5),
        field("number", "count", ("x", 1), ("n", 0), minimum=0, whole=True, default=7),
        field("number", "free", ("x", 2), ("n", 1), default=1),
        field(
            "category", "colour", ("x", 3), ("b", 0), vocabulary=["red", "green", "1", "a,b", 'c"d'], default="green"
        ),
        field("time", "start", ("x", 4)),
        field("date", "day", ("h", 0), minimum="1970-01-01", maximum="1970-12-31"),
        field("number", "small", ("b", 1), ("h", 1), minimum=0.5),
    ],
    result=[result("values", "all")],
)
"""Every kind of field but images, with and without defaults and bounds, into several datatypes."""

TENSORS = interface(inputs=[tensor("m", "FP32", (2, 2)), tensor("k", "UINT8", (1,)), tensor("t", "BOOL", (2,))])
"""No fields: raw tensors."""

NUMBERS = interface(
    inputs=[tensor("x", "FP32", (3,))],
    outputs=[output("y")],
    fields=[
        field("number", "one", ("x", 0), minimum=0, maximum=5),
        field("number", "two", ("x", 1), default=2.5),
        field("number", "three", ("x", 2)),
    ],
    result=[result("values", "all")],
)
"""Numbers and nothing else, which are read in another way."""

ODD_TEXTS = [
    *("", " 5", "5 ", "0x1F", "1_000", "nan", "NaN", "inf", "Infinity", "-0", "-0.0", "0", "5", "7.25", "1e2", "1E-3"),
    *("2.0", "300.5", "300.50001", "01", "+1", ".5", "1.", "-", "1e400", "-1e39", "65504", "65520", "1e-50", "255"),
    *("256", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1" * 400),
    *("true", "null", "[1", "2]", "1,2", "{}", '"', '"5"', "\u0661", "a\nb", "red", "green", "a,b", 'c"d', "Red"),
    *("00:00", "23:59", "24:00", "1:00", "1970-01-01", "1970-12-31", "1971-01-01", "1970-02-30", "\x00", "\u00e9"),
]
"""Cells that a reader may take for something."""
GOOD_TEXTS = {
    "size": ["-10", "0.1", "300.5", "5", "1e2"],
    "count": ["0", "3", ""],
    "free": ["-4", "16", ""],
    "colour": ["red", "green", "a,b", 'c"d', ""],
    "start": ["00:00", "05:15", "23:59"],
    "day": ["1970-01-01", "1970-05-31"],
    "small": ["1", "200"],
    "one": ["0", "5", "0.5", "-0"],
    "two": ["", "1e10", "-3.25"],
    "three": ["7", "-7.5", "1E2"],
}
"""Cells that are right, by field."""
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


NO_CR = st.characters(exclude_characters="\r", exclude_categories=["Cs"])
"""A CR is a row's end, or none that a writer leaves as it is."""


def cell(name: str) -> st.SearchStrategy[str]:
    """A cell of a column, right more often than not."""
    good = st.sampled_from(GOOD_TEXTS.get(name, ["0", "1", "7"]))
    return st.one_of(good, good, good, good, good, good, st.sampled_from(ODD_TEXTS), st.text(NO_CR, max_size=3))


def number(text: str) -> Any:
    """What a text is as a JSON number; itself if it is none, infinite if JSON parsers give up."""
    if not NUMBER.fullmatch(text):
        return text
    return json.loads(text) if len(text) <= 300 else float(text)


Outcome = str | dict[str, bytes]


def said(error: ServiceError) -> str:
    """What is wrong, and where, without the row's number."""
    return f"{error.code}: " + re.sub(r"records\[0\](\.(?=.))?|line [0-9]+(: )?", "", error.sentence)


def by_records(record: Any, model: Any = RECORDS) -> Outcome:
    """What the codec of records makes of one record."""
    try:
        return {name: array[0].tobytes() for name, array in model.records.decode([record]).items()}
    except ServiceError as error:
        return said(error)


def by_json(line: bytes, model: Any = RECORDS) -> Outcome:
    """What the codec of records makes of one line of JSON."""
    try:
        root = parse(line).root
    except ServiceError as error:
        return said(error)
    return by_records(root, model)


def settled(chunk: Chunk) -> list[Outcome]:
    """What a decoded chunk holds, row by row."""
    for row in chunk.doubtful:
        chunk.settle(row)
    rows, inputs = chunk.sound()
    places = {row: place for place, row in enumerate(rows)}
    return [
        {name: array[places[row]].tobytes() for name, array in inputs.items()}
        if row in places
        else said(chunk.faults[row])
        for row in range(len(chunk.lines))
    ]


def block(*lines: bytes | None, first: int = 1, last: bool = True) -> Block:
    """Lines that were cut from a body."""
    return Block(lines, first, last)


def zeros(rows: int, width: int = 2) -> np.ndarray:
    """An output, FP32 [rows, width]."""
    return np.zeros((rows, width), dtype=np.float32)
