"""TensorFlow Serving REST: classify and regress."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case
from tests.conformance.cases.rows import BAR, FLIGHT_RECORDS, FLIGHTS, XOR, XOR_RECORDS
from tests.conformance.expectation import NUMBER, Each, Known, Rule

CLASSIFY = "/v1/models/xor:classify"
REGRESS = "/v1/models/flights:regress"
PAIRS = Rule(
    "pairs of a label and a score", lambda row: all(type(p[0]) is str and p[1] >= 0 for p in row) and bool(row)
)
TWO = Rule(
    "the classes 0 and 1 whose scores are 1 together",
    lambda row: [p[0] for p in row] == ["0", "1"] and abs(sum(p[1] for p in row) - 1) < 1e-5,
)
DELAYS: dict[str, Any] = {"results": Known("flights", (0, 1), "flat:arrival_delay")}


def wrong(name: str, body: Any, error: str, path: str = CLASSIFY, status: int = 400) -> Case:
    """A call that is refused."""
    name = f"examples: {name}"
    return Case(
        name, path, body, model="" if "nobody" in path else path.split("/")[3].split(":")[0], status=status, error=error
    )


CALLS = [
    Case("classify records", CLASSIFY, {"examples": XOR_RECORDS}, model="xor", answer={"results": [TWO] * 4}),
    Case(
        "classify tensors",
        CLASSIFY,
        {"examples": [{"features": row} for row in XOR]},
        model="xor",
        answer={"results": [TWO] * 4},
    ),
    Case(
        "features as lists of one",
        CLASSIFY,
        {"examples": [{"young": [0], "high_income": [1]}]},
        model="xor",
        answer={"results": [TWO]},
    ),
    Case(
        "a context for all examples",
        CLASSIFY,
        {"context": {"young": 1}, "examples": [{"high_income": 0}, {"high_income": 1}]},
        model="xor",
        answer={"results": [TWO] * 2},
    ),
    Case(
        "classify with the signature's name",
        CLASSIFY,
        {"signature_name": "serving_default", "examples": XOR_RECORDS[:1]},
        model="xor",
        answer={"results": [TWO]},
    ),
    Case(
        "classify of a version",
        "/v1/models/xor/versions/$XOR:classify",
        {"examples": XOR_RECORDS},
        model="xor",
        answer={"results": [TWO] * 4},
    ),
    Case(
        "classify, path in capitals",
        "/V1/models/xor:CLASSIFY",
        {"examples": XOR_RECORDS},
        model="xor",
        answer={"results": [TWO] * 4},
    ),
    Case(
        "classify a picture",
        "/v1/models/mnist:classify",
        {"examples": [{"image": BAR}]},
        model="mnist",
        answer={"results": [PAIRS]},
    ),
    Case(
        "a picture as a flat list",
        "/v1/models/mnist:classify",
        {"examples": [{"image": [value for row in BAR for value in row]}]},
        model="mnist",
        answer={"results": [PAIRS]},
    ),
    Case("regress records", REGRESS, {"examples": FLIGHT_RECORDS}, model="flights", answer=DELAYS),
    Case("regress tensors", REGRESS, {"examples": FLIGHTS}, model="flights", answer=DELAYS),
    Case(
        "regress names its output",
        REGRESS,
        {"signature_name": "air_time", "examples": FLIGHT_RECORDS},
        model="flights",
        answer={"results": Known("flights", (0, 1), "flat:air_time")},
    ),
    Case(
        "regress of a version",
        "/v1/models/flights/versions/$FLIGHTS:regress",
        {"examples": FLIGHT_RECORDS},
        model="flights",
        answer={"results": Each(NUMBER)},
    ),
]
ERRORS = [
    wrong(
        "classify a model for regression",
        {"examples": FLIGHT_RECORDS},
        "tensorflow/serving/classify",
        "/v1/models/flights:classify",
    ),
    wrong(
        "regress a model for classification",
        {"examples": XOR_RECORDS},
        "tensorflow/serving/regress",
        "/v1/models/xor:regress",
    ),
    wrong("no examples", {"instances": XOR}, "key 'examples' is expected and was not found"),
    wrong("examples that are no list", {"examples": XOR_RECORDS[0]}, "list/array"),
    wrong("an empty list of examples", {"examples": []}, "empty array"),
    wrong("an example that is a list", {"examples": [[XOR_RECORDS[0]]]}, "Example must be JSON object"),
    wrong("a context that is a list", {"context": [XOR_RECORDS[0]], "examples": [{}]}, "Example must be JSON object"),
    wrong(
        "a signature that is no string",
        {"signature_name": ["a"], "examples": XOR_RECORDS},
        "'signature_name' key must be a string",
    ),
    wrong(
        "a signature that is not there",
        {"signature_name": "nope", "examples": XOR_RECORDS},
        'Serving signature name: "nope" not found in signature def',
    ),
    wrong("empty body", b"", "JSON Parse error: The document is empty"),
    wrong("a feature that the model does not have", {"examples": [{**XOR_RECORDS[0], "age": 3}]}, "age"),
    wrong("a feature that is null", {"examples": [{"young": None, "high_income": 1}]}, "young"),
    wrong(
        "unknown model",
        {"examples": [{}]},
        "Servable not found for request: Latest(nobody)",
        "/v1/models/nobody:classify",
        404,
    ),
    wrong(
        "unknown version",
        {"examples": [{}]},
        "Servable not found for request: Specific(xor, 999999)",
        "/v1/models/xor/versions/999999:classify",
        404,
    ),
]
CASES = [*CALLS, *ERRORS]
