"""CSV and JSON lines: a row a line, both ways; a bad line becomes an error line and the rest goes on."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.conformance.case import Case
from tests.conformance.cases.rows import FLIGHT_RECORDS, XOR_RECORDS
from tests.conformance.expectation import NUMBER, TEXT, Has, Known, Rule

PATH = "/v1/models/xor:predict"
CSV = {"Content-Type": "text/csv"}
LINES = {"Content-Type": "application/x-ndjson"}
TABLE = "young,high_income\n0,0\n0,1\n1,0\n1,1\n"
NDJSON = "".join(json.dumps(record) + "\n" for record in XOR_RECORDS)
ROWS = Known("xor", range(4), "records")
HEAD = ["loyal", "probability", "error"]
COMMA = Rule("CSV", lambda value: str(value).startswith("text/csv"))


def row(number: int) -> list[Any]:
    """A line of the answer, as CSV."""
    return [
        Rule("true or false", lambda cell: type(cell) is bool),
        Known("xor", (number,), "number:probability"),
        "",
    ]


FOUR = [HEAD, *map(row, range(4))]
FAULT = ["", "", TEXT]


def fault(line: int, code: str) -> Any:
    """A bad line's line."""
    return {"error": TEXT, "code": code, "line": line}


def table(name: str, body: Any, expected: Any = FOUR, **headers: str) -> Case:
    """A table that is answered by a table."""
    return Case(f"CSV: {name}", PATH, body, headers={**CSV, **headers}, model="xor", table=expected)


def lines(name: str, body: Any, expected: Any = ROWS, **headers: str) -> Case:
    """JSON lines that are answered by JSON lines."""
    return Case(f"JSON lines: {name}", PATH, body, headers={**LINES, **headers}, model="xor", lines=expected)


def known(*numbers: int) -> list[Any]:
    """Lines of the answer, as JSON."""
    return [Known("xor", (number,), "record") for number in numbers]


TABLES = [
    table("a table", TABLE),
    table("lines that end as on Windows", TABLE.replace("\n", "\r\n")),
    table("no line end behind the last line", TABLE.rstrip()),
    table("a byte order mark", "\ufeff" + TABLE),
    table("columns in another order", "high_income,young\n0,0\n1,0\n0,1\n1,1\n"),
    table("quoted cells", '"young","high_income"\n"0","0"\n0,"1"\n"1",0\n1,1\n'),
    table("a charset", TABLE, **{"Content-Type": "text/csv; charset=utf-8"}),
    table("in gzip", gzip.compress(TABLE.encode()), **{"Content-Encoding": "gzip"}),
    table("a header and nothing else", "young,high_income\n", [HEAD]),
    table("a bad line, and the rest goes on", "young,high_income\n0,0\n0,7\n1,0\n", [HEAD, row(0), FAULT, row(2)]),
    table("a line too short", "young,high_income\n0\n0,1\n", [HEAD, FAULT, row(1)]),
    table("a line too long", "young,high_income\n0,1,1\n0,1\n", [HEAD, FAULT, row(1)]),
    table("a word for a number", "young,high_income\nyes,1\n0,1\n", [HEAD, FAULT, row(1)]),
    Case(
        "CSV: answered as JSON lines if asked for",
        PATH,
        TABLE,
        headers={**CSV, "Accept": "application/x-ndjson"},
        model="xor",
        lines=ROWS,
        head={"content-type": "application/x-ndjson"},
    ),
    Case(
        "CSV: the answer says what it is",
        PATH,
        TABLE,
        headers=CSV,
        model="xor",
        table=FOUR,
        head={"content-type": COMMA, "x-model-version": "$XOR"},
    ),
    Case("CSV: of a version", "/v1/models/xor/versions/$XOR:predict", TABLE, headers=CSV, model="xor", table=FOUR),
    Case(
        "CSV: a column that the model does not have",
        PATH,
        "young,age\n0,1\n",
        headers=CSV,
        model="xor",
        status=400,
        error="age",
    ),
    Case("CSV: a column missing", PATH, "young\n0\n", headers=CSV, model="xor", status=400, error="high_income"),
    Case("CSV: a column twice", PATH, "young,young\n0,0\n", headers=CSV, model="xor", status=400, error="young"),
    Case("CSV: an empty body", PATH, b"", headers=CSV, model="xor", status=400),
    Case(
        "CSV: another charset",
        PATH,
        TABLE,
        headers={"Content-Type": "text/csv; charset=latin-1"},
        model="xor",
        status=415,
        code="unsupported_media_type",
    ),
    Case("CSV: an unknown model", "/v1/models/nobody:predict", TABLE, headers=CSV, status=404, error="Latest(nobody)"),
    Case(
        "CSV: flights",
        "/v1/models/flights:predict",
        "\n".join([",".join(FLIGHT_RECORDS[0]), *(",".join(map(str, one.values())) for one in FLIGHT_RECORDS)]),
        headers={**CSV, "Accept": "application/x-ndjson"},
        model="flights",
        lines=Known("flights", (0, 1), "records"),
    ),
    Case(
        "CSV: flights without the weather",
        "/v1/models/flights:predict",
        "\n".join([",".join(list(FLIGHT_RECORDS[0])[:8]), ",".join(map(str, list(FLIGHT_RECORDS[0].values())[:8]))]),
        headers={**CSV, "Accept": "application/x-ndjson"},
        model="flights",
        lines=[Has({"arrival_delay": NUMBER, "air_time": NUMBER})],
    ),
]
JSON_LINES = [
    lines("records", NDJSON),
    lines("no line end behind the last line", NDJSON.rstrip()),
    lines("lines that end as on Windows", NDJSON.replace("\n", "\r\n")),
    lines("blank lines are none", NDJSON.replace("\n", "\n\n")),
    lines("in gzip", gzip.compress(NDJSON.encode()), **{"Content-Encoding": "gzip"}),
    lines("another name of the type", NDJSON, **{"Content-Type": "application/jsonl"}),
    lines(
        "a line that is no JSON",
        '{"young": 0, "high_income": 1}\n{"young": \n{"young": 1, "high_income": 1}\n',
        [*known(1), fault(2, "malformed_json"), *known(3)],
    ),
    lines("a field missing", '{"young": 0}\n{"young": 0, "high_income": 1}\n', [fault(1, "missing_field"), *known(1)]),
    lines("a field too many", '{"young": 0, "high_income": 1, "age": 3}\n', [fault(1, "unknown_field")]),
    lines(
        "out of range",
        '{"young": 0, "high_income": 1}\n{"young": 0, "high_income": 7}\n',
        [*known(1), fault(2, "out_of_range")],
    ),
    lines("a value of another type", '{"young": "0", "high_income": 1}\n', [fault(1, "wrong_type")]),
    lines("a list for a record", "[0, 1]\n", [fault(1, "wrong_type")]),
    lines("NaN", '{"young": NaN, "high_income": 1}\n', [fault(1, "malformed_json")]),
    lines(
        "a line beyond the limit",
        '{"young": "' + "x" * 100_000 + '"}\n' + NDJSON.splitlines()[1] + "\n",
        [fault(1, "too_large"), *known(1)],
    ),
    lines("a thousand lines", NDJSON * 250, [*known(0, 1, 2, 3)] * 250),
    Case(
        "JSON lines: answered as CSV if asked for",
        PATH,
        NDJSON,
        headers={**LINES, "Accept": "text/csv"},
        model="xor",
        table=FOUR,
        head={"content-type": COMMA},
    ),
]
CASES = [*TABLES, *JSON_LINES]
