"""Open Inference Protocol V2: what Triton says of an infer call that is wrong, to the letter."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import ABSENT, Case
from tests.conformance.cases.openinference_infer import FEATURES, FLAT, FLIGHTS, XOR_PATH
from tests.conformance.cases.rows import DEEP, XOR_RECORDS

ONE: dict[str, Any] = {**FLAT, "shape": [1, 2], "data": [0, 1]}


def wrong(name: str, body: Any, error: str, code: str = "", path: str = XOR_PATH, status: int = 400) -> Case:
    """An infer call that is refused."""
    model = path.split("/")[3]
    return Case(
        f"refused: {name}", path, body, model="" if model == "nobody" else model, status=status, error=error, code=code
    )


def asked(**more: Any) -> dict[str, Any]:
    """A sound request, and what is wrong with it."""
    return {"inputs": [ONE], **more}


PLACES = [
    wrong(
        "unknown model",
        asked(),
        "Request for unknown model: 'nobody' is not found",
        path="/v2/models/nobody/infer",
        status=404,
    ),
    wrong(
        "unknown version",
        asked(),
        "Request for unknown model: 'xor' version 999999 is not found",
        path="/v2/models/xor/versions/999999/infer",
        status=404,
    ),
    wrong(
        "a version that is neither number nor label",
        asked(),
        "Request for unknown model: 'xor' version nolabel is not found",
        path="/v2/models/xor/versions/nolabel/infer",
        status=404,
    ),
    wrong("a path in capitals", asked(), "Not Found", path="/V2/models/xor/infer", status=404),
    Case("refused: infer by GET", XOR_PATH, ABSENT, status=405, error="Method Not Allowed", head={"allow": "POST"}),
    Case(
        "refused: infer by PUT",
        XOR_PATH,
        b"",
        method="PUT",
        status=405,
        error="Method Not Allowed",
        head={"allow": "POST"},
    ),
    Case("refused: a page by POST", "/v2/models/xor", b"", status=405, error="Method Not Allowed"),
    Case("refused: a path that is none", "/v2/nothing", status=404, error="Not Found", code="not_found"),
    Case("refused: a page of a model that is none", "/v2/models/xor/nothing", status=404, error="Not Found"),
]
TENSORS = [
    wrong(
        "wrong dtype",
        {"inputs": [{**ONE, "datatype": "FP64"}]},
        "inference input 'features' data-type is 'FP64', but model 'xor' expects 'FP32'",
        "wrong_type",
    ),
    wrong("a dtype that is none", {"inputs": [{**ONE, "datatype": "FLOAT"}]}, "data-type is 'FLOAT'", "wrong_type"),
    wrong(
        "FP16 for FP32",
        {"inputs": [{**ONE, "datatype": "FP16"}]},
        "inference input 'features' data-type is 'FP16', but model 'xor' expects 'FP32'",
    ),
    wrong(
        "wrong shape",
        {"inputs": [{**ONE, "shape": [1, 3], "data": [0, 1, 1]}]},
        "unexpected shape for input 'features' for model 'xor'. Expected [-1,2], got [1,3].",
        "wrong_shape",
    ),
    wrong(
        "no batch axis",
        {"inputs": [{**ONE, "shape": [2]}]},
        "unexpected shape for input 'features' for model 'xor'. Expected [-1,2], got [2].",
        "wrong_shape",
    ),
    wrong("an axis too many", {"inputs": [{**ONE, "shape": [1, 2, 1]}]}, "got [1,2,1].", "wrong_shape"),
    wrong("a batch of none", {"inputs": [{**ONE, "shape": [0, 2], "data": []}]}, "got [0,2].", "wrong_shape"),
    wrong("a negative batch", {"inputs": [{**ONE, "shape": [-1, 2]}]}, "got [-1,2].", "wrong_shape"),
    wrong(
        "a shape of fractions",
        {"inputs": [{**ONE, "shape": [1.0, 2.0]}]},
        "unexpected shape for input 'features'",
        "wrong_shape",
    ),
    wrong(
        "no shape",
        {"inputs": [{"name": "features", "datatype": "FP32", "data": [0, 1]}]},
        "unexpected shape for input 'features'",
        "wrong_shape",
    ),
    wrong(
        "fewer numbers than the shape says",
        {"inputs": [{**FLAT, "data": [0, 1]}]},
        "8 numbers as the shape says",
        "wrong_shape",
    ),
    wrong(
        "more numbers than the shape says",
        {"inputs": [{**ONE, "data": [0, 1, 1]}]},
        "2 numbers as the shape says",
        "wrong_shape",
    ),
    wrong(
        "fewer rows than the shape says",
        {"inputs": [{**FEATURES, "data": [[0, 1]]}]},
        "4 rows as the shape says",
        "wrong_shape",
    ),
    wrong(
        "ragged rows", {"inputs": [{**FEATURES, "data": [[0, 1], [1], [1, 1], [0, 1, 1]]}]}, "features", "ragged_rows"
    ),
    wrong("strings", {"inputs": [{**ONE, "data": ["a", "b"]}]}, "features", "wrong_type"),
    wrong("null", {"inputs": [{**ONE, "data": [0, None]}]}, "features", "wrong_type"),
    wrong("no data", {"inputs": [{"name": "features", "shape": [1, 2], "datatype": "FP32"}]}, "features"),
    wrong("data that is no list", {"inputs": [{**ONE, "data": 5}]}, "features"),
    wrong("a number beyond FP32", {"inputs": [{**ONE, "data": [1e300, 0]}]}, "finite", "not_finite"),
    wrong("a value outside the field", {"inputs": [{**ONE, "data": [0, 7]}]}, "from 0 to 1", "out_of_range"),
    wrong(
        "missing input",
        {"inputs": FLIGHTS[:1]},
        "expected 2 inputs but got 1 inputs for model 'flights'. Got input(s) ['wide'], but missing required "
        "input(s) ['deep']. Please provide all required input(s).",
        "missing_input",
        "/v2/models/flights/infer",
    ),
    wrong("no inputs", {"inputs": []}, "expected 1 inputs but got 0 inputs for model 'xor'", "missing_input"),
    wrong(
        "extra input",
        {"inputs": [ONE, {**ONE, "name": "z"}]},
        "unexpected inference input 'z' for model 'xor'",
        "unknown_input",
    ),
    wrong("an input twice", {"inputs": [ONE, ONE]}, "twice", "malformed_request"),
    wrong(
        "an input without a name",
        {"inputs": [{"shape": [1, 2], "datatype": "FP32", "data": [0, 1]}]},
        "name",
        "malformed_request",
    ),
    wrong(
        "inputs of different batch size",
        {"inputs": [FLIGHTS[0], {**FLIGHTS[1], "shape": [1, 15], "data": DEEP[0]}]},
        "batch size",
        path="/v2/models/flights/infer",
    ),
    wrong(
        "a batch too large",
        {"inputs": [{**FLAT, "shape": [1_000_000, 2]}]},
        "inference request batch-size must be <= ",
        "too_large",
    ),
]
REQUESTS = [
    wrong("empty body", b"", "The document is empty", "malformed_json"),
    wrong("no JSON", b"inputs", "Invalid value", "malformed_json"),
    wrong("a list at the top", [], "object", "malformed_request"),
    wrong("neither inputs nor records", {"id": "1"}, "inputs", "malformed_request"),
    wrong("inputs that are no list", {"inputs": ONE}, "inputs", "malformed_request"),
    wrong(
        "unknown output",
        asked(outputs=[{"name": "y"}]),
        "unexpected inference output 'y' for model 'xor'",
        "unknown_input",
    ),
    wrong("outputs that are no list", asked(outputs={"name": "probability"}), "outputs", "malformed_request"),
    wrong(
        "a reserved parameter",
        asked(parameters={"triton_enable_empty_final_response": True}),
        "triton_",
        "malformed_request",
    ),
    wrong("a timeout that is no number", asked(parameters={"timeout": "soon"}), "timeout", "malformed_request"),
    wrong("a wish that is no truth value", asked(parameters={"binary_data_output": 1}), "binary_data_output"),
    wrong(
        "a sequence",
        asked(parameters={"sequence_id": 5, "sequence_start": True}),
        "Sequences are not served",
        "unsupported",
        status=501,
    ),
    wrong(
        "shared memory",
        {
            "inputs": [
                {
                    "name": "features",
                    "shape": [1, 2],
                    "datatype": "FP32",
                    "parameters": {"shared_memory_region": "r", "shared_memory_byte_size": 8},
                }
            ]
        },
        "hared memory",
        "unsupported",
        status=501,
    ),
    wrong("records beside inputs", asked(records=XOR_RECORDS), "records", "malformed_request"),
    wrong("an empty list of records", {"records": []}, "record", "malformed_request"),
    wrong(
        "classes of a picture's bytes",
        asked(outputs=[{"name": "probability", "parameters": {"classification": "2"}}]),
        "classification",
    ),
]
CASES = [*PLACES, *TENSORS, *REQUESTS]
