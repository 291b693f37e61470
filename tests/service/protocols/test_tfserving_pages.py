"""TensorFlow Serving's status and metadata."""

from __future__ import annotations

import orjson
import pytest

from service.protocols import tfserving_pages as pages
from service.signature import DTYPES
from tests.toy_signatures import interface, output, tensor, wide_deep

TF_TYPES = {
    "BOOL": "DT_BOOL",
    "UINT8": "DT_UINT8",
    "UINT16": "DT_UINT16",
    "UINT32": "DT_UINT32",
    "UINT64": "DT_UINT64",
    "INT8": "DT_INT8",
    "INT16": "DT_INT16",
    "INT32": "DT_INT32",
    "INT64": "DT_INT64",
    "FP16": "DT_HALF",
    "FP32": "DT_FLOAT",
    "FP64": "DT_DOUBLE",
}
OK = {"error_code": "OK", "error_message": ""}


def dims(*sizes: str) -> dict[str, object]:
    """A shape as TensorFlow Serving writes it."""
    return {"dim": [{"size": size, "name": ""} for size in sizes], "unknown_rank": False}


def test_a_status_is_that_of_both_dialects() -> None:
    """Versions are text, the highest first, each with its state; KServe's name and readiness stand beside."""
    assert orjson.loads(pages.status("xor", {1: "END", 10: "AVAILABLE", 9: "LOADING"}, True)) == {
        "name": "xor",
        "ready": True,
        "model_version_status": [
            {"version": "10", "state": "AVAILABLE", "status": OK},
            {"version": "9", "state": "LOADING", "status": OK},
            {"version": "1", "state": "END", "status": OK},
        ],
    }


def test_a_refused_version_is_a_fault_and_a_waiting_one_is_not() -> None:
    """What was refused has ended with a code that says so; what waits for somebody is in order, and says for what."""
    states = {4: "START", 3: "END", 2: "AVAILABLE", 1: "END"}
    reasons = {4: "Its interface differs.", 3: "manifest.json: a checksum differs.", 2: ""}
    found = orjson.loads(pages.status("xor", states, True, reasons))["model_version_status"]
    assert [version["status"] for version in found] == [
        {"error_code": "OK", "error_message": "Its interface differs."},
        {"error_code": "FAILED_PRECONDITION", "error_message": "manifest.json: a checksum differs."},
        OK,
        OK,
    ]
    assert [version["state"] for version in found] == ["START", "END", "AVAILABLE", "END"]


def test_a_list_of_models_is_kserves() -> None:
    """`GET /v1/models` lists names in the order given, also none."""
    assert orjson.loads(pages.model_list(["b", "a"])) == {"models": ["b", "a"]}
    assert orjson.loads(pages.model_list([])) == {"models": []}


def test_metadata_is_what_tensorflow_serving_writes() -> None:
    """The signature is nested twice, sizes and versions are text, and the batch axis is -1."""
    x = {"dtype": "DT_FLOAT", "tensor_shape": dims("-1", "2"), "name": "serving_default_x:0"}
    y = {"dtype": "DT_FLOAT", "tensor_shape": dims("-1", "1"), "name": "StatefulPartitionedCall:0"}
    definition = {"inputs": {"x": x}, "outputs": {"y": y}, "method_name": "tensorflow/serving/predict", "defaults": {}}
    assert orjson.loads(pages.metadata(interface(version=2))) == {
        "model_spec": {"name": "xor", "signature_name": "", "version": "2"},
        "metadata": {"signature_def": {"signature_def": {"serving_default": definition}}},
    }


def test_metadata_lists_only_what_predict_takes() -> None:
    """No client is led to send serialised examples: one signature, whatever the model's task, of the version asked."""
    for task in ("classification", "regression"):
        found = orjson.loads(pages.metadata(interface(version=7, task=task)))
        assert found["model_spec"]["version"] == "7"
        assert list(found["metadata"]["signature_def"]["signature_def"]) == ["serving_default"]


def test_every_tensor_is_listed_in_order() -> None:
    """Inputs and outputs stand in the signature's order, and each output has a place of its own."""
    found = orjson.loads(pages.metadata(wide_deep()))["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert list(found["inputs"]) == ["wide", "deep"]
    assert [found["outputs"][name]["name"] for name in ("main", "aux")] == [
        "StatefulPartitionedCall:0",
        "StatefulPartitionedCall:1",
    ]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_datatype_has_tensorflows_name(dtype: str) -> None:
    """The names are those of TensorFlow's `types.proto`, for scalars per row as for arrays."""
    model = interface(inputs=[tensor("x", dtype, ())], outputs=[output("y", (2, 3), dtype)])
    found = orjson.loads(pages.metadata(model))["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert (found["inputs"]["x"]["dtype"], found["inputs"]["x"]["tensor_shape"]) == (TF_TYPES[dtype], dims("-1"))
    assert found["outputs"]["y"]["dtype"] == TF_TYPES[dtype]
    assert found["outputs"]["y"]["tensor_shape"] == dims("-1", "2", "3")
