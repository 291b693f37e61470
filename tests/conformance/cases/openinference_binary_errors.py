"""Open Inference Protocol V2: binary requests that are wrong."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import ABSENT, Case
from tests.conformance.cases.openinference_binary import BLOB, WHOLE, WHOLE_HEADERS, XOR_INPUT
from tests.conformance.cases.openinference_infer import FLAT, XOR_PATH
from tests.conformance.cases.rows import binary, floats


def refused(name: str, error: str, request: Any, *blobs: bytes, path: str = XOR_PATH, length: str = "") -> Case:
    """A binary request that is wrong; ``length`` stands in the header instead of the true one."""
    body, headers = binary(request, *blobs)
    headers = {**headers, "Inference-Header-Content-Length": length} if length else headers
    return Case(name, path, body, headers=headers, model=path.split("/")[3], status=400, error=error)


HEADER = "inference header size should be in range (0, "
CASES = [
    refused(
        "bytes left over", "unexpected additional input data for model 'xor'", {"inputs": [XOR_INPUT]}, BLOB, b"\0"
    ),
    refused("bytes behind JSON tensors", "unexpected additional input data for model 'xor'", {"inputs": [FLAT]}, b"\0"),
    refused(
        "bytes missing",
        "unexpected size for input 'features', expecting 4 additional bytes for model 'xor'",
        {"inputs": [XOR_INPUT]},
        BLOB[:-4],
    ),
    refused("a header length beyond the body", HEADER, {"inputs": [XOR_INPUT]}, BLOB, length="9999"),
    refused("a header length below 0", HEADER, {"inputs": [XOR_INPUT]}, BLOB, length="-1"),
    refused(
        "a header length that is no number",
        "Unable to parse Inference-Header-Content-Length, got: many",
        {"inputs": [XOR_INPUT]},
        BLOB,
        length="many",
    ),
    refused("a header length inside the JSON", "", {"inputs": [XOR_INPUT]}, BLOB, length="20"),
    refused(
        "a size that the shape does not have",
        "input byte size mismatch for input 'features'",
        {"inputs": [{**XOR_INPUT, "shape": [3, 2]}]},
        BLOB,
    ),
    refused(
        "a size that is no number",
        "binary_data_size",
        {"inputs": [{**XOR_INPUT, "parameters": {"binary_data_size": "32"}}]},
        BLOB,
    ),
    refused(
        "a size below 0", "binary_data_size", {"inputs": [{**XOR_INPUT, "parameters": {"binary_data_size": -32}}]}, BLOB
    ),
    refused("NaN in a tensor", "finite", {"inputs": [XOR_INPUT]}, floats(0, 0, 0, 1, 1, 0, float("nan"), 1)),
    refused("infinity in a tensor", "finite", {"inputs": [XOR_INPUT]}, floats(0, 0, 0, 1, 1, 0, float("inf"), 1)),
    refused("a value outside the field", "from 0 to 1", {"inputs": [XOR_INPUT]}, floats(0, 0, 0, 1, 1, 0, 7, 1)),
    refused(
        "an output's wish that is no truth value",
        "binary_data",
        {"inputs": [XOR_INPUT], "outputs": [{"name": "probability", "parameters": {"binary_data": "yes"}}]},
        BLOB,
    ),
    Case(
        "an error of a binary request is JSON",
        XOR_PATH,
        WHOLE[:-1],
        headers=WHOLE_HEADERS,
        model="xor",
        status=400,
        head={"content-type": "application/json", "inference-header-content-length": ABSENT},
    ),
]
