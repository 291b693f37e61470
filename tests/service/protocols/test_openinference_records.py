"""Open Inference Protocol V2: infer with records, the human's form of rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.openinference import decode
from tests.toy_signatures import every_kind, interface, tensor, wide_deep

XOR, WIDE_DEEP = interface(), wide_deep()
RECORD: dict[str, Any] = {"size": 1, "count": 2, "start": "00:03", "day": "2013-04-05", "picture": [[7] * 4] * 3}


@pytest.mark.parametrize("rows", [1, 3])
def test_records_are_answered_as_tensors(rows: int) -> None:
    """Records become the model's inputs, and what is asked for beside them holds as for tensors."""
    wanted = [{"name": "y", "parameters": {"binary_data": True}}]
    request = decode(json.dumps({"id": "r", "records": [RECORD] * rows, "outputs": wanted}).encode(), every_kind())
    assert request.inputs["x"].tolist() == [[1, 2, 1, 3, 15800]] * rows
    assert request.inputs["picture"].tolist() == [RECORD["picture"]] * rows
    assert (request.rows, request.outputs, request.binary, request.id) == (rows, ("y",), {"y"}, "r")


def test_records_of_a_model_without_fields_are_tensors_by_name() -> None:
    """Such a record holds one row of every input."""
    sent = {"records": [{"wide": [1, 2], "deep": [3, 4]}, {"deep": [7, 8], "wide": [5, 6]}]}
    request = decode(json.dumps(sent).encode(), WIDE_DEEP)
    assert {name: array.tolist() for name, array in request.inputs.items()} == {
        "wide": [[1, 2], [5, 6]],
        "deep": [[3, 4], [7, 8]],
    }


HALF = interface(inputs=[tensor(dtype="FP16")])


@pytest.mark.parametrize(
    ("model", "sent", "code", "text"),
    [
        (XOR, {"records": [{"x": [1, 2]}], "inputs": []}, "malformed_request", "only one of 'inputs' and 'records'"),
        (XOR, {"records": {}}, "wrong_type", "Expected a list of records. Received an object at records."),
        (XOR, {"records": []}, "malformed_request", "Expected at least one record."),
        (XOR, {"records": [{"x": [1, 2]}] * 9}, "too_large", "inference request batch-size must be <= 8 for 'xor'"),
        (XOR, {"records": [{"x": [1, "a"]}]}, "wrong_type", "at records[0].x[1]"),
        (XOR, {"records": [{"x": [1, [2]]}]}, "ragged_rows", "at records[0].x"),
        (HALF, {"records": [{"x": [1, 2]}]}, "unsupported", "receiving FP16 data via JSON is not supported"),
        (every_kind(), {"records": [RECORD, {**RECORD, "colour": "pink"}]}, "unknown_category", "at records[1].colour"),
    ],
)
def test_a_faulty_record_is_named(model: Interface, sent: Any, code: str, text: str) -> None:
    """What is wrong with records is told as everywhere, with status 400."""
    with pytest.raises(ServiceError) as caught:
        decode(json.dumps(sent).encode(), model)
    fault = caught.value
    assert (fault.code, fault.status) == (code, 400)
    assert text in fault.sentence
