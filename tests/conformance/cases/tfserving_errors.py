"""TensorFlow Serving REST: what it says of a predict call that is wrong, and what is refused here besides."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case
from tests.conformance.cases.rows import DEEP, FLIGHTS, WIDE, XOR

TWO_LISTS = [[0, 1], [1, 0]]


def wrong(name: str, body: Any, error: str, code: str = "", model: str = "xor", status: int = 400) -> Case:
    """A predict call that is refused."""
    return Case(
        f"refused: {name}", f"/v1/models/{model}:predict", body, model=model, status=status, error=error, code=code
    )


JSON = [
    wrong("empty body", b"", "JSON Parse error: The document is empty", "malformed_json"),
    wrong("white space only", b" \n ", "JSON Parse error: The document is empty", "malformed_json"),
    wrong("no JSON", "instances = [1, 2]", "JSON Parse error: Invalid value", "malformed_json"),
    wrong("JSON that breaks off", '{"instances": [[0, 1]', "JSON Parse error: ", "malformed_json"),
    wrong("where the JSON breaks", '{"instances": [[0, x]]}', "at offset: 19", "malformed_json"),
    wrong("no UTF-8", b'{"instances": "\xff"}', "JSON Parse error: ", "malformed_json"),
    wrong("a list at the top", [1, 2], "JSON Value: [1,2] Is not object"),
    wrong("a string at the top", '"instances"', 'JSON Value: "instances" Is not object'),
    wrong("both forms", {"instances": XOR, "inputs": XOR}, "Not formatted correctly expecting only one of 'inputs' or"),
    wrong("neither form", {"examples": []}, "Missing 'inputs' or 'instances' key"),
    wrong("an empty object", {}, "Missing 'inputs' or 'instances' key"),
    wrong("a signature that is no string", {"signature_name": 5, "instances": XOR}, "must be a string value."),
    wrong(
        "a signature that is not there",
        {"signature_name": "nope", "instances": XOR},
        'Serving signature name: "nope" not found in signature def',
    ),
]
ROWS = [
    wrong("instances that are no list", {"instances": {"features": XOR}}, "Expecting 'instances' to be an list/array"),
    wrong("no instances", {"instances": []}, "No values in 'instances' array"),
    wrong("plain numbers for rows", {"instances": [0, 1]}, "Expecting tensor size: 2 but got: 1", "wrong_shape"),
    wrong("a row too long", {"instances": [[0, 1], [0, 1, 1]]}, "Expecting tensor size: 2 but got: 3"),
    wrong("a row too short", {"instances": [[0, 1], [1]]}, "Expecting tensor size: 2 but got: 1"),
    wrong("a row too deep", {"instances": [[0, 1], [[1, 0]]]}, "Expecting shape [2] but got: [1,2]"),
    wrong("a list in the place of a number", {"instances": [[0, [1]]]}, "Encountered list at unexpected size"),
    wrong(
        "strings", {"instances": [[0, 1], ["a", "b"]]}, 'JSON Value: "a" Type: String is not of expected type: float'
    ),
    wrong("null", {"instances": [[0, None]]}, "is not of expected type: float", "wrong_type"),
    wrong("true", {"instances": [[0, True]]}, "is not of expected type: float", "wrong_type"),
    wrong("an object for a number", {"instances": [[0, {"a": 1}]]}, "is not of expected type: float", "wrong_type"),
    wrong("base64 for numbers", {"instances": [{"b64": "AAAA"}]}, "is not of expected type: float"),
    wrong("a number beyond FP32", {"instances": [[1e300, 0]]}, "without loss of precision", "not_finite"),
    wrong(
        "the row is named",
        {"instances": [[0, 1], [0, 1], [0, "x"]]},
        "Failed to process element: 2 of 'instances' list.",
    ),
    wrong(
        "an object behind lists", {"instances": [[0, 1], {"features": [0, 1]}]}, "Expecting value/list but got object"
    ),
    wrong("a list behind objects", {"instances": [{"features": [0, 1]}, [0, 1]]}, "Expecting object but got list"),
    wrong("another key than the input's", {"instances": [{"other": [0, 1]}]}, "keys must be equal to: features"),
    wrong(
        "a key besides the input's", {"instances": [{"features": [0, 1], "x": 1}]}, "keys must be equal to: features"
    ),
    wrong(
        "lists for a model with two inputs",
        {"instances": DEEP},
        "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
        "tensorinfo_map",
        model="flights",
    ),
    wrong(
        "one input of two",
        {"instances": [FLIGHTS[0], {"wide": WIDE[0]}]},
        "keys must be equal to: deep,wide",
        "missing_input",
        model="flights",
    ),
    wrong(
        "rows of one input that differ",
        {"instances": [FLIGHTS[0], {"wide": WIDE[0][:6], "deep": DEEP[0]}]},
        "Failed to process element: 1 key: wide of 'instances' list. Error: ",
        model="flights",
    ),
    wrong(
        "the quoted value is cut",
        {"instances": [{"x" * 5000: 1}]},
        "keys must be equal to: features",
        "missing_input",
    ),
    wrong(
        "fractions for whole pixels",
        {"instances": [[[0.5] * 28] * 28]},
        "is not of expected type: uint8",
        model="mnist",
    ),
    wrong("1.0 for whole pixels", {"instances": [[[1.0] * 28] * 28]}, "is not of expected type: uint8", model="mnist"),
    wrong("pixels beyond 255", {"instances": [[[256] * 28] * 28]}, "uint8", "out_of_range", model="mnist"),
    wrong("pixels below 0", {"instances": [[[-1] * 28] * 28]}, "uint8", "out_of_range", model="mnist"),
]
COLUMNS = [
    wrong(
        "one column of two",
        {"inputs": {"wide": WIDE}},
        "Missing named input: deep in 'inputs' object.",
        model="flights",
    ),
    wrong(
        "a plain column for two inputs",
        {"inputs": WIDE},
        "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
        "tensorinfo_map",
        model="flights",
    ),
    wrong("ragged column", {"inputs": [[0, 1], [1]]}, "at inputs[1]"),
    wrong("a string in a column", {"inputs": [[0, "a"]]}, "is not of expected type: float", "wrong_type"),
]
DEVIATIONS = [
    wrong("NaN is refused", '{"instances": [[NaN, 0]]}', "JSON Parse error: Invalid value", "malformed_json"),
    wrong(
        "Infinity is refused", '{"instances": [[0, -Infinity]]}', "JSON Parse error: Invalid value", "malformed_json"
    ),
    wrong("a key twice is refused", '{"instances": [[0,0]], "instances": [[0,1]]}', "twice", "malformed_request"),
    wrong("bytes behind the JSON are refused", '{"instances": [[0,1]]} trailing', "JSON Parse error", "malformed_json"),
    wrong(
        "columns of unequal length are refused",
        {"inputs": {"wide": WIDE, "deep": DEEP[:1]}},
        "first dimension",
        model="flights",
    ),
    wrong("a value outside the field is refused", {"instances": [[0, 7]]}, "from 0 to 1", "out_of_range"),
    wrong("a fraction of a whole field is refused", {"instances": [[0, 0.5]]}, "a whole number", "wrong_type"),
    wrong("records beside instances", {"instances": XOR, "records": [{}]}, "only one of 'inputs' or 'instances'"),
    wrong(
        "a carrier that is none",
        {"instances": [{**FLIGHTS[0], "wide": [16, *WIDE[0][1:]]}]},
        "carrier",
        "out_of_range",
        "flights",
    ),
]
CASES = [*JSON, *ROWS, *COLUMNS, *DEVIATIONS]
