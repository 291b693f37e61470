"""Golden rows: what is asked of the models in every form. Imported by clients in environments of their own, too."""

from __future__ import annotations

import json
import struct
from typing import Any

XOR: list[list[int]] = [[0, 0], [0, 1], [1, 0], [1, 1]]
XOR_RECORDS: list[dict[str, Any]] = [{"young": young, "high_income": income} for young, income in XOR]

WIDE: list[list[float]] = [
    [3, 1, 75, 1439, 285, 15, 1617],
    [11, 0, 43, 315, 819, 2, 1400],
]
"""Carrier, origin, destination, scheduled departure and arrival in minutes, departure delay, distance."""
DEEP: list[list[float]] = [
    [*WIDE[0], 15710, 35.0, 66.25, 240, 8.0, 0, 10, 1023.75],
    [*WIDE[1], 15725, 39.0, 64.5, 260, 12.75, 0, 10, 1011.5],
]
"""The wide ones, then days since 1970 and the weather."""
FLIGHTS: list[dict[str, Any]] = [{"wide": wide, "deep": deep} for wide, deep in zip(WIDE, DEEP, strict=True)]
FLIGHT_RECORDS: list[dict[str, Any]] = [
    {
        "date": "2013-01-05", "carrier": "B6", "origin": "JFK", "dest": "PSE",
        "scheduled_departure": "23:59", "scheduled_arrival": "04:45", "departure_delay": 15, "distance": 1617,
        "temperature": 35.0, "humidity": 66.25, "wind_direction": 240, "wind_speed": 8.0, "precipitation": 0,
        "visibility": 10, "pressure": 1023.75,
    },
    {
        "date": "2013-01-20", "carrier": "UA", "origin": "EWR", "dest": "IAH",
        "scheduled_departure": "05:15", "scheduled_arrival": "13:39", "departure_delay": 2, "distance": 1400,
        "temperature": 39.0, "humidity": 64.5, "wind_direction": 260, "wind_speed": 12.75, "precipitation": 0,
        "visibility": 10, "pressure": 1011.5,
    },
]  # fmt: skip

BAR = [[255 if 12 <= column <= 15 and 4 <= row <= 23 else 0 for column in range(28)] for row in range(28)]
RING = [[250 if 64 <= (row - 13) ** 2 + (column - 13) ** 2 <= 100 else 0 for column in range(28)] for row in range(28)]
IMAGES: list[list[list[int]]] = [BAR, RING]
"""Something like a one and something like a nought, 28 by 28, 0 to 255."""

ROWS: dict[str, list[Any]] = {"xor": list(XOR), "flights": list(FLIGHTS), "mnist": list(IMAGES)}
"""Golden rows by model, as elements of `instances`."""
RECORDS: dict[str, list[Any]] = {
    "xor": list(XOR_RECORDS),
    "flights": list(FLIGHT_RECORDS),
    "mnist": [{"image": image} for image in IMAGES],
}
"""The same rows as elements of `records`."""


def floats(*values: float) -> bytes:
    """Numbers as FP32, little-endian."""
    return struct.pack(f"<{len(values)}f", *values)


def binary(header: Any, *blobs: bytes) -> tuple[bytes, dict[str, str]]:
    """The body of an infer call with binary tensors, and the headers that go with it."""
    text = json.dumps(header, separators=(",", ":")).encode()
    headers = {"Inference-Header-Content-Length": str(len(text)), "Content-Type": "application/octet-stream"}
    return text + b"".join(blobs), headers
