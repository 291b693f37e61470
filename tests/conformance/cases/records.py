"""Records: rows as a person writes them, and errors that name record, field, what was expected and what came."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from tests.conformance.case import Case
from tests.conformance.cases.rows import BAR, FLIGHT_RECORDS, IMAGES, RING, XOR_RECORDS
from tests.conformance.expectation import NUMBER, Has, Known, Rule

XOR_PATH = "/v1/models/xor:predict"
FLIGHTS_PATH = "/v1/models/flights:predict"
MNIST_PATH = "/v1/models/mnist:predict"
TRUTH = Rule("true or false", lambda value: type(value) is bool)
DIGIT = Rule("a digit", lambda value: type(value) is int and 0 <= value <= 9)
FLIGHT = FLIGHT_RECORDS[0]


def png(rows: Sequence[Sequence[int]], mode: str = "L") -> str:
    """A picture as the base64 of a PNG."""
    file = io.BytesIO()
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), bytes(value for row in rows for value in row))
    picture.convert(mode).save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()


def told(row: int) -> Any:
    """The answer to a flight."""
    known = {name: Known("flights", (row,), f"number:{name}") for name in ("arrival_delay", "air_time")}
    return Has(known)


ANSWERS = [
    Case(
        "a customer",
        XOR_PATH,
        {"records": XOR_RECORDS[1:2]},
        model="xor",
        answer={"predictions": [{"loyal": TRUTH, "probability": Known("xor", (1,), "number:probability")}]},
    ),
    Case(
        "all customers",
        XOR_PATH,
        {"records": XOR_RECORDS},
        model="xor",
        answer={"predictions": Known("xor", range(4), "records")},
    ),
    Case(
        "keys in any order",
        XOR_PATH,
        b'{"records": [{"high_income": 1, "young": 0}]}',
        model="xor",
        answer={"predictions": Known("xor", (1,), "records")},
    ),
    Case(
        "flights",
        FLIGHTS_PATH,
        {"records": FLIGHT_RECORDS},
        model="flights",
        answer={"predictions": [told(0), told(1)]},
    ),
    Case(
        "a flight without the weather",
        FLIGHTS_PATH,
        {"records": [{key: FLIGHT[key] for key in list(FLIGHT)[:8]}]},
        model="flights",
        answer={"predictions": [Has({"arrival_delay": NUMBER, "air_time": NUMBER})]},
    ),
    Case(
        "a picture as rows",
        MNIST_PATH,
        {"records": [{"image": BAR}]},
        model="mnist",
        answer={"predictions": [{"digit": DIGIT, "probabilities": Known("mnist", (0,), "flat:probabilities")}]},
    ),
    Case(
        "pictures as PNG",
        MNIST_PATH,
        {"records": [{"image": png(image)} for image in IMAGES]},
        model="mnist",
        answer={"predictions": Known("mnist", (0, 1), "records")},
    ),
    Case(
        "a PNG beside rows",
        MNIST_PATH,
        {"records": [{"image": RING}, {"image": png(BAR)}]},
        model="mnist",
        answer={"predictions": Known("mnist", (1, 0), "records")},
    ),
]


def wrong(name: str, records: Any, error: str, code: str, path: str = XOR_PATH) -> Case:
    """Records that are refused."""
    model = path.split("/")[3].split(":")[0]
    return Case(f"records: {name}", path, {"records": records}, model=model, status=400, error=error, code=code)


def flight(name: str, error: str, code: str, **changed: Any) -> Case:
    """A flight with something wrong, behind a sound one."""
    return wrong(name, [FLIGHT, {**FLIGHT, **changed}], error, code, FLIGHTS_PATH)


ERRORS = [
    wrong("no list", XOR_RECORDS[0], "records", "wrong_type"),
    wrong("an empty list", [], "Expected at least one record", "malformed_request"),
    wrong("no object", [[0, 1]], "records[0]", "wrong_type"),
    wrong("a field missing", [{"young": 0}], "high_income", "missing_field"),
    wrong("a field too many", [{**XOR_RECORDS[0], "age": 30}], "age", "unknown_field"),
    wrong(
        "out of range, with its place",
        [XOR_RECORDS[0], {"young": 0, "high_income": 7}],
        "from 0 to 1. Received 7 at records[1].high_income",
        "out_of_range",
    ),
    wrong("a fraction for a whole number", [{"young": 0.5, "high_income": 1}], "records[0].young", "wrong_type"),
    wrong("a string for a number", [{"young": "0", "high_income": 1}], "records[0].young", "wrong_type"),
    wrong("true for a number", [{"young": True, "high_income": 1}], "records[0].young", "wrong_type"),
    flight(
        "an unknown carrier, and the nearest that are known", "at records[1].carrier", "unknown_category", carrier="U"
    ),
    flight("an unknown airport", "records[1].dest", "unknown_category", dest="IAX"),
    flight("a time that is none", "records[1].scheduled_departure", "wrong_type", scheduled_departure="25:00"),
    flight("a date that is none", "records[1].date", "wrong_type", date="2013-02-30"),
    flight("a distance of nought", "records[1].distance", "out_of_range", distance=0),
    flight("a delay beyond all measure", "records[1].departure_delay", "out_of_range", departure_delay=1e300),
    wrong("a row too few", [{"image": BAR[:27]}], "records[0].image", "wrong_shape", MNIST_PATH),
    wrong("a row too short", [{"image": [*BAR[:27], [0] * 27]}], "records[0].image", "ragged_rows", MNIST_PATH),
    wrong("a pixel beyond 255", [{"image": [*BAR[:27], [256] * 28]}], "records[0].image", "out_of_range", MNIST_PATH),
    wrong("a string that is no base64", [{"image": "no base64"}], "records[0].image", "wrong_type", MNIST_PATH),
    wrong("base64 that is no PNG", [{"image": "AAAA"}], "records[0].image", "wrong_type", MNIST_PATH),
    wrong(
        "a PNG of another size",
        [{"image": png([row[:20] for row in BAR])}],
        "records[0].image",
        "wrong_shape",
        MNIST_PATH,
    ),
    wrong("a PNG in colours", [{"image": png(BAR, "RGB")}], "records[0].image", "wrong_type", MNIST_PATH),
]
CASES = [*ANSWERS, *ERRORS]
