"""TensorFlow Serving REST: which path and method means what, and the pages of status and metadata."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import ABSENT, Case
from tests.conformance.cases.rows import XOR
from tests.conformance.expectation import TEXT, Has, Known, Rule

ONE: dict[str, Any] = {"instances": [XOR[1]]}
ANSWER: dict[str, Any] = {"predictions": Known("xor", (1,))}
AVAILABLE = {"version": "$XOR", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
HAS_AVAILABLE = Rule(
    "the serving version among them, its number a string",
    lambda versions: any(
        one["state"] == "AVAILABLE" and type(one["version"]) is str and one["status"]["error_code"] == "OK"
        for one in versions
    ),
)


def dims(*sizes: int) -> dict[str, Any]:
    """A shape as protobuf's JSON has it: 64-bit numbers are strings."""
    return {"dim": [{"size": str(size), "name": ""} for size in sizes], "unknown_rank": False}


SIGNATURE = {
    "inputs": {"features": {"dtype": "DT_FLOAT", "tensor_shape": dims(-1, 2), "name": TEXT}},
    "outputs": {"probability": {"dtype": "DT_FLOAT", "tensor_shape": dims(-1, 1), "name": TEXT}},
    "method_name": "tensorflow/serving/predict",
    "defaults": {},
}
METADATA: dict[str, Any] = {
    "model_spec": {"name": "xor", "signature_name": "", "version": "$XOR"},
    "metadata": {"signature_def": {"signature_def": {"serving_default": SIGNATURE}}},
}


def malformed(method: str, path: str) -> Case:
    """What TensorFlow Serving answers to everything that it does not know."""
    body = b"" if method in ("POST", "PUT", "PATCH") else ABSENT
    error = f"Malformed request: {method} {path}"
    return Case(f"{method} {path} is malformed", path, body, method=method, status=400, error=error)


PREDICTS = [
    Case("predict", "/v1/models/xor:predict", ONE, model="xor", answer=ANSWER),
    Case("predict of a version", "/v1/models/xor/versions/$XOR:predict", ONE, model="xor", answer=ANSWER),
    Case("a version with leading zeros", "/v1/models/xor/versions/00$XOR:predict", ONE, model="xor", answer=ANSWER),
    Case("path in capitals", "/V1/MODELS/xor:PREDICT", ONE, model="xor", answer=ANSWER),
    Case("versions in capitals", "/v1/Models/xor/Versions/$XOR:Predict", ONE, model="xor", answer=ANSWER),
    Case("model name percent-encoded", "/v1/models/%78or:predict", ONE, model="xor", answer=ANSWER),
    Case("colon percent-encoded", "/v1/models/xor%3Apredict", ONE, model="xor", answer=ANSWER),
    Case("query string is ignored", "/v1/models/xor:predict?trace=1", ONE, model="xor", answer=ANSWER),
    Case(
        "name in other case is another model",
        "/v1/models/XOR:predict",
        ONE,
        model="xor",
        status=404,
        error="Servable not found for request: Latest(XOR)",
    ),
    Case(
        "predict of an unknown model",
        "/v1/models/nobody:predict",
        {"instances": [1]},
        status=404,
        error="Servable not found for request: Latest(nobody)",
        code="not_found",
    ),
    Case(
        "unknown model with a version",
        "/v1/models/nobody/versions/50:predict",
        {"instances": [1]},
        status=404,
        error="Servable not found for request: Specific(nobody, 50)",
    ),
    Case(
        "predict of an unknown version",
        "/v1/models/xor/versions/999999:predict",
        ONE,
        model="xor",
        status=404,
        error="Servable not found for request: Specific(xor, 999999)",
    ),
    Case(
        "a version behind the name without a slash is another name",
        "/v1/models/xor99:predict",
        ONE,
        status=404,
        error="Servable not found for request: Latest(xor99)",
    ),
    Case(
        "predict of an unknown label",
        "/v1/models/xor/labels/nolabel:predict",
        ONE,
        model="xor",
        status=400,
        error="Unrecognized servable version label: nolabel",
    ),
    Case(
        "version beyond 64 bits",
        "/v1/models/xor/versions/18446744073709551615:predict",
        ONE,
        model="xor",
        status=400,
        error="Failed to convert version: 18446744073709551615 to numeric.",
    ),
]
MALFORMED = [
    malformed("GET", "/v1/elsewhere"),
    malformed("POST", "/v1/elsewhere"),
    malformed("POST", "/v1/models"),
    malformed("POST", "/v1/models/xor"),
    malformed("GET", "/v1/models/xor:predict"),
    malformed("PUT", "/v1/models/xor"),
    malformed("PATCH", "/v1/models/xor:predict"),
    malformed("DELETE", "/v1/models/xor"),
    malformed("POST", "/v1/models/xor:explain"),
    malformed("POST", "/v1/models/xor:predict/"),
    malformed("POST", "/v1/models/xor/version/1:predict"),
    malformed("GET", "/v1/models/xor/version/1:predict"),
    malformed("POST", "/v1/models/xor/versions/one:regress"),
    malformed("POST", "/v1/models/xor/versions/-1:predict"),
    malformed("GET", "/v1/models/xor/versions/one"),
    malformed("POST", "/v1/models/xor/versions/1/labels/stable:predict"),
    malformed("GET", "/v1/models/xor/metadata/signature"),
    malformed("POST", "/v1/models/xor/metadata"),
]
PAGES = [
    Case(
        "status",
        "/v1/models/xor",
        model="xor",
        answer=Has({"model_version_status": HAS_AVAILABLE}),
        head={"content-type": "application/json"},
    ),
    Case(
        "status of a version",
        "/v1/models/xor/versions/$XOR",
        model="xor",
        answer=Has({"model_version_status": [AVAILABLE]}),
    ),
    Case(
        "status, path in capitals", "/V1/MODELS/xor", model="xor", answer=Has({"model_version_status": HAS_AVAILABLE})
    ),
    Case("status by HEAD", "/v1/models/xor", method="HEAD", model="xor", head={"content-length": TEXT}),
    Case(
        "status of an unknown model",
        "/v1/models/nobody",
        status=404,
        error="Could not find any versions of model nobody",
    ),
    Case(
        "status of an unknown version",
        "/v1/models/xor/versions/999999",
        model="xor",
        status=404,
        error="Could not find version 999999 of model xor",
    ),
    Case(
        "status of a version beyond 64 bits",
        "/v1/models/xor/versions/9223372036854775808",
        model="xor",
        status=400,
        error="Failed to convert version: 9223372036854775808 to numeric.",
    ),
    Case(
        "status of an unknown label",
        "/v1/models/xor/labels/nolabel",
        model="xor",
        status=400,
        error="Unrecognized servable version label: nolabel",
    ),
    Case("metadata", "/v1/models/xor/metadata", model="xor", answer=METADATA),
    Case("metadata of a version", "/v1/models/xor/versions/$XOR/metadata", model="xor", answer=METADATA),
    Case("metadata, path in capitals", "/v1/models/xor/METADATA", model="xor", answer=METADATA),
    Case(
        "metadata of a model with two inputs",
        "/v1/models/flights/metadata",
        model="flights",
        answer=Has({"model_spec": {"name": "flights", "signature_name": "", "version": "$FLIGHTS"}}),
    ),
    Case(
        "metadata of an unknown model",
        "/v1/models/nobody/metadata",
        status=404,
        error="Servable not found for request: Latest(nobody)",
    ),
    Case(
        "metadata of an unknown version",
        "/v1/models/xor/versions/999999/metadata",
        model="xor",
        status=404,
        error="Servable not found for request: Specific(xor, 999999)",
    ),
    Case(
        "metrics where TensorFlow Serving has them",
        "/monitoring/prometheus/metrics",
        text="# TYPE ",
        head={"content-type": Rule("plain text", lambda value: str(value).startswith("text/plain"))},
    ),
]
CASES = [*PREDICTS, *MALFORMED, *PAGES]
