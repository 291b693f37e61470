"""Open Inference Protocol V2: infer with JSON tensors, and with our records."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.conformance.case import ABSENT, Case
from tests.conformance.cases.rows import DEEP, FLIGHT_RECORDS, IMAGES, WIDE, XOR, XOR_RECORDS
from tests.conformance.expectation import Has, Known, Rule

ALL = range(4)
XOR_PATH = "/v2/models/xor/infer"
FEATURES: dict[str, Any] = {"name": "features", "shape": [4, 2], "datatype": "FP32", "data": XOR}
FLAT = {**FEATURES, "data": [number for row in XOR for number in row]}
FLIGHTS: list[dict[str, Any]] = [
    {"name": "wide", "shape": [2, 7], "datatype": "FP32", "data": WIDE},
    {"name": "deep", "shape": [2, 15], "datatype": "FP32", "data": [number for row in DEEP for number in row]},
]


def answered(model: str, tensors: Any, **more: Any) -> dict[str, Any]:
    """The answer of an infer call."""
    return {"model_name": model, "model_version": f"${model.upper()}", "outputs": tensors, **more}


FOUR = answered("xor", Known("xor", ALL, "tensors"))
BODY = json.dumps({"inputs": [FEATURES]}).encode()
PROBABILITY = {
    "name": "probability",
    "datatype": "FP32",
    "shape": [4, 1],
    "data": Known("xor", ALL, "flat:probability"),
}


def infer(name: str, body: Any, answer: Any = FOUR, path: str = XOR_PATH, **headers: str) -> Case:
    """An infer call of ``xor``, or of the path's model."""
    return Case(name, path, body, headers=headers, model=path.split("/")[3], answer=answer)


INPUTS = [
    infer("nested data", {"inputs": [FEATURES]}),
    infer("flat data", {"inputs": [FLAT]}),
    infer("fractions for whole numbers", {"inputs": [{**FLAT, "data": [0.0, 0, 0, 1.0, 1, 0.0, 1e0, 1]}]}),
    infer("of a version", {"inputs": [FLAT]}, path="/v2/models/xor/versions/$XOR/infer"),
    infer("query string is ignored", {"inputs": [FLAT]}, path="/v2/models/xor/infer?sequence=1"),
    infer("unknown keys are ignored", {"model_name": "xor", "comment": {}, "inputs": [{**FLAT, "comment": 1}]}),
    infer(
        "one row",
        {"inputs": [{**FLAT, "shape": [1, 2], "data": [0, 1]}]},
        answered("xor", Known("xor", (1,), "tensors")),
    ),
    infer(
        "pictures",
        {"inputs": [{"name": "image", "shape": [2, 28, 28], "datatype": "UINT8", "data": IMAGES}]},
        answered("mnist", Known("mnist", (0, 1), "tensors")),
        "/v2/models/mnist/infer",
    ),
    infer(
        "two inputs, all outputs in the model's order",
        {"inputs": FLIGHTS},
        answered("flights", Known("flights", (0, 1), "tensors")),
        "/v2/models/flights/infer",
    ),
    infer(
        "inputs in any order",
        {"inputs": FLIGHTS[::-1]},
        answered("flights", Known("flights", (0, 1), "tensors")),
        "/v2/models/flights/infer",
    ),
    infer("records", {"records": XOR_RECORDS}),
    infer(
        "records of flights",
        {"records": FLIGHT_RECORDS},
        answered("flights", Known("flights", (0, 1), "tensors")),
        "/v2/models/flights/infer",
    ),
]
ASKED = [
    infer(
        "an id is echoed", {"id": "r-17", "inputs": [FLAT]}, answered("xor", Known("xor", ALL, "tensors"), id="r-17")
    ),
    infer("an empty id is none", {"id": "", "inputs": [FLAT]}),
    infer("an output by name", {"inputs": [FLAT], "outputs": [{"name": "probability"}]}),
    infer(
        "an output with empty parameters", {"inputs": [FLAT], "outputs": [{"name": "probability", "parameters": {}}]}
    ),
    infer("an empty list of outputs is all", {"inputs": [FLAT], "outputs": []}),
    infer(
        "outputs in the order of the request",
        {"inputs": FLIGHTS, "outputs": [{"name": "air_time"}, {"name": "arrival_delay"}]},
        answered(
            "flights",
            [
                {"name": name, "datatype": "FP32", "shape": [2, 1], "data": Known("flights", (0, 1), f"flat:{name}")}
                for name in ("air_time", "arrival_delay")
            ],
        ),
        "/v2/models/flights/infer",
    ),
    infer("JSON outputs by parameter", {"inputs": [FLAT], "parameters": {"binary_data_output": False}}),
    infer("a timeout in microseconds", {"inputs": [FLAT], "parameters": {"timeout": 4_000_000}}),
    infer("a priority", {"inputs": [FLAT], "parameters": {"priority": 1}}),
    infer("unknown parameters are ignored", {"inputs": [FLAT], "parameters": {"mine": "yes", "n": 1, "b": True}}),
    infer("a sequence that is none", {"inputs": [FLAT], "parameters": {"sequence_id": 0, "sequence_start": False}}),
    infer(
        "the best class of each row",
        {
            "inputs": [{"name": "image", "shape": [2, 28, 28], "datatype": "UINT8", "data": IMAGES}],
            "outputs": [{"name": "probabilities", "parameters": {"classification": 2}}],
        },
        answered(
            "mnist",
            [
                {
                    "name": "probabilities",
                    "datatype": "BYTES",
                    "shape": [2, 2],
                    "data": Rule(
                        "score:index:label, the best first",
                        lambda data: (
                            len(data) == 4
                            and all(len(text.split(":")) == 3 for text in data)
                            and float(data[0].split(":")[0]) >= float(data[1].split(":")[0])
                        ),
                    ),
                }
            ],
        ),
        "/v2/models/mnist/infer",
    ),
]
BODIES = [
    infer("no content type", BODY),
    infer("content type of JSON", BODY, **{"Content-Type": "application/json"}),
    infer("content type of a form", BODY, **{"Content-Type": "application/x-www-form-urlencoded"}),
    infer("body in gzip", gzip.compress(BODY), **{"Content-Encoding": "gzip"}),
    infer("body in deflate", zlib.compress(BODY), **{"Content-Encoding": "deflate"}),
    infer("a header length that is all of it", BODY, **{"Inference-Header-Content-Length": str(len(BODY))}),
    Case(
        "an encoding that nobody knows is 501",
        XOR_PATH,
        BODY,
        headers={"Content-Encoding": "br"},
        model="xor",
        status=501,
        head={"accept-encoding": "gzip, deflate"},
    ),
    Case(
        "JSON answers say so",
        XOR_PATH,
        BODY,
        model="xor",
        answer=FOUR,
        head={"content-type": "application/json", "inference-header-content-length": ABSENT, "x-model-version": "$XOR"},
    ),
    Case("data of the answer is flat", XOR_PATH, BODY, model="xor", answer=Has({"outputs": [PROBABILITY]})),
]
CASES = [*INPUTS, *ASKED, *BODIES]
