"""TensorFlow Serving REST: predict by row and by column, one input and several, and how the body may arrive."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.conformance.case import Case
from tests.conformance.cases.rows import DEEP, FLIGHTS, IMAGES, WIDE, XOR
from tests.conformance.expectation import NUMBER, Each, Known

XOR_PATH = "/v1/models/xor:predict"
FLIGHTS_PATH = "/v1/models/flights:predict"
ALL = range(4)
FOUR: dict[str, Any] = {"predictions": Known("xor", ALL)}
ONE: dict[str, Any] = {"predictions": Known("xor", (1,))}
BODY = json.dumps({"instances": XOR}).encode()
ZLIB = zlib.compress(BODY)


def rows(name: str, body: Any, answer: Any = FOUR, **headers: str) -> Case:
    """A predict call of ``xor``."""
    return Case(name, XOR_PATH, body, headers=headers, model="xor", answer=answer)


ROWS = [
    rows("rows", {"instances": XOR}),
    rows("one row", {"instances": [XOR[1]]}, ONE),
    rows("rows as one-key objects", {"instances": [{"features": row} for row in XOR]}),
    rows("whole numbers and fractions mixed", '{"instances": [[0, 0.0], [0, 1.0], [1.0, 0], [1e0, 10e-1]]}'),
    rows("minus nought", '{"instances": [[-0.0, 0], [0, 1], [1, -0], [1, 1]]}'),
    rows("the default signature by its name", {"signature_name": "serving_default", "instances": XOR}),
    rows("the default signature by an empty name", {"signature_name": "", "instances": XOR}),
    rows("the signature behind the rows", {"instances": XOR, "signature_name": "serving_default"}),
    rows("an unknown key is ignored", {"instances": XOR, "comment": {"any": ["thing"]}}),
    rows("white space everywhere", b' \r\n\t{ "instances" :\n[ [0 ,0],[ 0,1 ], [1,0] ,[1,1] ]\n}\n '),
    rows("a key with an escape", b'{"inst\\u0061nces": [[0,0],[0,1],[1,0],[1,1]]}'),
    rows("two hundred rows", {"instances": XOR * 50}, {"predictions": Known("xor", [*ALL] * 50)}),
    Case(
        "floats answered in floats, one list a row",
        XOR_PATH,
        {"instances": XOR},
        model="xor",
        answer={"predictions": Each(Each(NUMBER))},
    ),
    Case(
        "pictures",
        "/v1/models/mnist:predict",
        {"instances": IMAGES},
        model="mnist",
        answer={"predictions": Known("mnist", (0, 1))},
    ),
    Case(
        "two named inputs, all named outputs",
        FLIGHTS_PATH,
        {"instances": FLIGHTS},
        model="flights",
        answer={"predictions": Known("flights", (0, 1))},
    ),
    Case(
        "named inputs in any order",
        FLIGHTS_PATH,
        {"instances": [{"deep": DEEP[1], "wide": WIDE[1]}, FLIGHTS[0]]},
        model="flights",
        answer={"predictions": Known("flights", (1, 0))},
    ),
]
COLUMNS = [
    Case(
        "column of the one input",
        XOR_PATH,
        {"inputs": XOR},
        model="xor",
        answer={"outputs": Known("xor", ALL, "columns")},
    ),
    Case(
        "column of the one input by name",
        XOR_PATH,
        {"inputs": {"features": XOR}},
        model="xor",
        answer={"outputs": Known("xor", ALL, "columns")},
    ),
    Case(
        "columns of two inputs",
        FLIGHTS_PATH,
        {"signature_name": "serving_default", "inputs": {"wide": WIDE, "deep": DEEP}},
        model="flights",
        answer={"outputs": Known("flights", (0, 1), "columns")},
    ),
    Case(
        "columns with one row",
        FLIGHTS_PATH,
        {"inputs": {"deep": DEEP[:1], "wide": WIDE[:1]}},
        model="flights",
        answer={"outputs": Known("flights", (0,), "columns")},
    ),
    Case(
        "a column more than the model has is ignored",
        FLIGHTS_PATH,
        {"inputs": {"wide": WIDE, "deep": DEEP, "high": [[1], [2]]}},
        model="flights",
        answer={"outputs": Known("flights", (0, 1), "columns")},
    ),
]
UPGRADE = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABk"}
BODIES = [
    rows("content type of a form, as curl sends it", BODY, **{"Content-Type": "application/x-www-form-urlencoded"}),
    rows("content type of JSON", BODY, **{"Content-Type": "application/json"}),
    rows("content type of JSON with a charset", BODY, **{"Content-Type": "application/json; charset=utf-8"}),
    rows("content type of plain text", BODY, **{"Content-Type": "text/plain"}),
    rows("content type of bytes", BODY, **{"Content-Type": "application/octet-stream"}),
    rows("content type that is none", BODY, **{"Content-Type": "nonsense"}),
    rows("body in gzip", gzip.compress(BODY), **{"Content-Encoding": "gzip"}),
    rows("body in gzip, spelt otherwise", gzip.compress(BODY), **{"content-encoding": "GZIP"}),
    rows("body in deflate", ZLIB, **{"Content-Encoding": "deflate"}),
    rows("an offer of HTTP/2, as Java's client makes it", BODY, **UPGRADE),
    rows("body in no encoding", BODY, **{"Content-Encoding": "identity"}),
    Case(
        "a body that is no gzip",
        XOR_PATH,
        BODY,
        headers={"Content-Encoding": "gzip"},
        model="xor",
        status=400,
    ),
    Case(
        "an encoding that nobody knows",
        XOR_PATH,
        BODY,
        headers={"Content-Encoding": "zstd"},
        model="xor",
        status=415,
        code="unsupported_media_type",
        head={"accept-encoding": "gzip, deflate"},
    ),
    Case(
        "the answer is JSON, and says which version gave it",
        XOR_PATH,
        BODY,
        model="xor",
        answer=FOUR,
        head={"content-type": "application/json", "x-model-version": "$XOR"},
    ),
    Case(
        "a request id comes back",
        XOR_PATH,
        BODY,
        headers={"X-Request-Id": "golden-17"},
        model="xor",
        answer=FOUR,
        head={"x-request-id": "golden-17"},
    ),
]
CASES = [*ROWS, *COLUMNS, *BODIES]
