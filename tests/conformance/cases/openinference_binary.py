"""Open Inference Protocol V2: binary tensors, in, out and mixed, raw requests, and what is refused of them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from typing import Any

from tests.conformance.case import Case
from tests.conformance.cases.openinference_infer import FLAT, FLIGHTS, FOUR, XOR_PATH
from tests.conformance.cases.rows import BAR, DEEP, IMAGES, WIDE, XOR, binary, floats
from tests.conformance.expectation import TEXT, Has, Known

FLIGHTS_PATH = "/v2/models/flights/infer"
MNIST_PATH = "/v2/models/mnist/infer"
ALL = range(4)
BLOB = floats(*(number for row in XOR for number in row))
PIXELS = bytes(value for image in IMAGES for row in image for value in row)
XOR_INPUT: dict[str, Any] = {
    "name": "features",
    "shape": [4, 2],
    "datatype": "FP32",
    "parameters": {"binary_data_size": 32},
}
BINARY_OUTPUT: dict[str, Any] = {"name": "probability", "parameters": {"binary_data": True}}
ANSWERED: dict[str, Any] = {
    "model_name": "xor",
    "model_version": "$XOR",
    "outputs": [
        {"name": "probability", "datatype": "FP32", "shape": [4, 1], "parameters": {"binary_data_size": 16}},
    ],
}
TENSORS = {"probability": Known("xor", ALL, "flat:probability")}
OCTETS = {"content-type": "application/octet-stream", "inference-header-content-length": TEXT}
FLIGHT_INPUTS: list[dict[str, Any]] = [
    {"name": "wide", "shape": [2, 7], "datatype": "FP32", "parameters": {"binary_data_size": 56}},
    {"name": "deep", "shape": [2, 15], "datatype": "FP32", "parameters": {"binary_data_size": 120}},
]
WIDE_BLOB = floats(*(number for row in WIDE for number in row))
DEEP_BLOB = floats(*(number for row in DEEP for number in row))


def sent(name: str, request: Any, *blobs: bytes, path: str = XOR_PATH, **expected: Any) -> Case:
    """A request with binary inputs."""
    body, headers = binary(request, *blobs)
    return Case(name, path, body, headers=headers, model=path.split("/")[3], **expected)


def packed(name: str, encoding: str, body: bytes, headers: Mapping[str, str]) -> Case:
    """A compressed request; the header length is that of the JSON before it was compressed."""
    headers = {**headers, "Content-Encoding": encoding}
    return Case(name, XOR_PATH, body, headers=headers, model="xor", tensors=TENSORS, answer=ANSWERED)


WHOLE, WHOLE_HEADERS = binary({"inputs": [XOR_INPUT], "outputs": [BINARY_OUTPUT]}, BLOB)
BOTH = [
    sent("binary in, JSON out", {"inputs": [XOR_INPUT]}, BLOB, answer=FOUR, head={"content-type": "application/json"}),
    sent(
        "binary in and out",
        {"inputs": [XOR_INPUT], "outputs": [BINARY_OUTPUT]},
        BLOB,
        tensors=TENSORS,
        answer=ANSWERED,
        head=OCTETS,
    ),
    Case(
        "JSON in, binary out",
        XOR_PATH,
        {"inputs": [FLAT], "outputs": [BINARY_OUTPUT]},
        model="xor",
        tensors=TENSORS,
        answer=ANSWERED,
        head=OCTETS,
    ),
    Case(
        "binary out by the request's parameter",
        XOR_PATH,
        {"inputs": [FLAT], "parameters": {"binary_data_output": True}},
        model="xor",
        tensors=TENSORS,
        answer=ANSWERED,
    ),
    Case(
        "an output's own wish wins",
        XOR_PATH,
        {
            "inputs": [FLAT],
            "parameters": {"binary_data_output": True},
            "outputs": [{"name": "probability", "parameters": {"binary_data": False}}],
        },
        model="xor",
        answer=FOUR,
    ),
    sent(
        "the id is echoed",
        {"id": "b-1", "inputs": [XOR_INPUT], "outputs": [BINARY_OUTPUT]},
        BLOB,
        tensors=TENSORS,
        answer=Has({"id": "b-1"}),
    ),
    Case(
        "header in lower case, no content type",
        XOR_PATH,
        WHOLE,
        headers={"inference-header-content-length": WHOLE_HEADERS["Inference-Header-Content-Length"]},
        model="xor",
        tensors=TENSORS,
    ),
    sent(
        "bytes for pixels",
        {
            "inputs": [
                {"name": "image", "shape": [2, 28, 28], "datatype": "UINT8", "parameters": {"binary_data_size": 1568}}
            ],
            "parameters": {"binary_data_output": True},
        },
        PIXELS,
        path=MNIST_PATH,
        tensors={"probabilities": Known("mnist", (0, 1), "flat:probabilities")},
    ),
    sent(
        "two binary inputs",
        {"inputs": FLIGHT_INPUTS, "outputs": [{"name": "air_time", "parameters": {"binary_data": True}}]},
        WIDE_BLOB,
        DEEP_BLOB,
        path=FLIGHTS_PATH,
        tensors={"air_time": Known("flights", (0, 1), "flat:air_time")},
    ),
    sent(
        "blobs in the order of the inputs",
        {"inputs": FLIGHT_INPUTS[::-1], "outputs": [{"name": "air_time", "parameters": {"binary_data": True}}]},
        DEEP_BLOB,
        WIDE_BLOB,
        path=FLIGHTS_PATH,
        tensors={"air_time": Known("flights", (0, 1), "flat:air_time")},
    ),
    sent(
        "one input binary, one JSON",
        {"inputs": [FLIGHTS[0], FLIGHT_INPUTS[1]], "outputs": [{"name": "arrival_delay"}]},
        DEEP_BLOB,
        path=FLIGHTS_PATH,
        answer=Has(
            {
                "outputs": [
                    {
                        "name": "arrival_delay",
                        "datatype": "FP32",
                        "shape": [2, 1],
                        "data": Known("flights", (0, 1), "flat:arrival_delay"),
                    }
                ]
            }
        ),
    ),
    sent(
        "one output binary, one JSON",
        {
            "inputs": FLIGHT_INPUTS,
            "outputs": [{"name": "arrival_delay"}, {"name": "air_time", "parameters": {"binary_data": True}}],
        },
        WIDE_BLOB,
        DEEP_BLOB,
        path=FLIGHTS_PATH,
        tensors={"air_time": Known("flights", (0, 1), "flat:air_time")},
        answer=Has(
            {
                "outputs": [
                    {
                        "name": "arrival_delay",
                        "datatype": "FP32",
                        "shape": [2, 1],
                        "data": Known("flights", (0, 1), "flat:arrival_delay"),
                    },
                    {"name": "air_time", "datatype": "FP32", "shape": [2, 1], "parameters": {"binary_data_size": 8}},
                ]
            }
        ),
    ),
    packed("gzip over JSON and tensors", "gzip", gzip.compress(WHOLE), WHOLE_HEADERS),
    packed("deflate over JSON and tensors", "deflate", zlib.compress(WHOLE), WHOLE_HEADERS),
]
RAW = [
    Case(
        "nothing but one row of the one input",
        XOR_PATH,
        floats(0, 1),
        headers={"Inference-Header-Content-Length": "0"},
        model="xor",
        tensors={"probability": Known("xor", (1,), "flat:probability")},
        head=OCTETS,
    ),
    Case(
        "nothing but one picture",
        MNIST_PATH,
        bytes(value for row in BAR for value in row),
        headers={"Inference-Header-Content-Length": "0", "Content-Type": "application/octet-stream"},
        model="mnist",
        tensors={"probabilities": Known("mnist", (0,), "flat:probabilities")},
    ),
    Case(
        "raw bytes for two inputs",
        FLIGHTS_PATH,
        WIDE_BLOB,
        headers={"Inference-Header-Content-Length": "0"},
        model="flights",
        status=400,
        error="Raw request must only have 1 input",
    ),
    Case(
        "raw bytes of another size",
        XOR_PATH,
        floats(0, 1, 1),
        headers={"Inference-Header-Content-Length": "0"},
        model="xor",
        status=400,
        error="input byte size mismatch for input 'features'",
    ),
]
CASES = [*BOTH, *RAW]
