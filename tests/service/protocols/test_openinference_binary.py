"""Open Inference Protocol V2: tensors as raw bytes mean what they mean as JSON."""

from __future__ import annotations

import gc
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.errors import ServiceError
from service.interface import Interface
from service.protocols.openinference import decode
from service.protocols.openinference_binary import from_bytes, json_length
from service.signature import DTYPES
from tests.service.protocols.infer_bodies import LENGTH, blob, joined
from tests.toy_signatures import every_kind, interface, output, tensor, wide_deep

XOR, WIDE_DEEP, FIELDS = interface(), wide_deep(), every_kind()
BOOL = interface(inputs=[tensor("x", "BOOL", (2,))])
HALF = interface(inputs=[tensor("x", "FP16", (2,))])
ROW = np.float32([[1, 2]])
X, WIDE, DEEP = blob("x", ROW), blob("wide", ROW), blob("deep", ROW)
HALF_X, BOOL_X = blob("x", np.float16(ROW), "FP16"), blob("x", ROW > 0, "BOOL")
SHORT = "unexpected size for input '{}', expecting {} additional bytes for model '{}'"
LEFT_OVER = "unexpected additional input data for model '{}'"
MISMATCH = "input byte size mismatch for input 'x' for model 'xor'. Expected {}, got {}"
RANGE = "inference header size should be in range (0, {}), got: {}"
PARSE = "Unable to parse Inference-Header-Content-Length, got: {}"


def values_of(dtype: str, shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    """Arrays of a datatype that are finite."""
    numpy = DTYPES[dtype]
    finite = {"allow_nan": False, "allow_infinity": False} if numpy.kind == "f" else {}
    return arrays.arrays(numpy, shape, elements=arrays.from_dtype(numpy, **finite))


def refused(sent: bytes, headers: dict[bytes, bytes], model: Interface) -> ServiceError:
    """The fault of a request that is refused."""
    with pytest.raises(ServiceError) as caught:
        decode(sent, model, headers)
    return caught.value


@pytest.mark.parametrize("dtype", DTYPES)
@given(draw=st.data())
def test_bytes_are_the_same_as_json(dtype: str, draw: st.DataObject) -> None:
    """For every datatype, raw bytes give bit for bit what JSON gives, and FP16 what was sent; JSON of any length."""
    rows, shape = draw.draw(st.integers(1, 4)), draw.draw(st.sampled_from([(), (3,), (2, 2)]))
    model = interface(inputs=[tensor("x", dtype, shape)])
    values = draw.draw(values_of(dtype, (rows, *shape)))
    body, headers = joined(
        {"inputs": [blob("x", values, dtype)], "id": "i" * draw.draw(st.integers(0, 9))}, values.tobytes()
    )
    found = decode(body, model, headers)
    assert found.inputs["x"].dtype == DTYPES[dtype]
    assert found.inputs["x"].shape == values.shape
    assert found.inputs["x"].tobytes() == values.tobytes()
    assert (found.rows, found.binary, found.classes) == (rows, frozenset(), {})
    assert found.inputs["x"].flags.aligned
    assert found.inputs["x"].flags.c_contiguous
    if dtype != "FP16":
        entry = {"name": "x", "shape": list(values.shape), "datatype": dtype, "data": values.tolist()}
        by_json = decode(json.dumps({"inputs": [entry]}).encode(), model)
        assert by_json.inputs["x"].tobytes() == found.inputs["x"].tobytes()


@pytest.mark.parametrize("order", [("wide", "deep"), ("deep", "wide")])
@pytest.mark.parametrize("by_json", [set(), {"wide"}, {"deep"}, {"wide", "deep"}])
def test_inputs_are_mixed_in_any_order(order: tuple[str, str], by_json: set[str]) -> None:
    """Each binary input takes the next bytes in the order of the request, past those that come as JSON."""
    values = {"wide": np.float32([[1, 2], [3, 4]]), "deep": np.float32([[5, 6], [7, 8]])}
    entries: list[dict[str, Any]] = []
    for name in order:
        entry = blob(name, values[name])
        if name in by_json:
            entry = {**entry, "parameters": {}, "data": values[name].tolist()}
        entries.append(entry)
    body, headers = joined({"inputs": entries}, *(values[name].tobytes() for name in order if name not in by_json))
    found = decode(body, WIDE_DEEP, headers).inputs
    assert list(found) == ["wide", "deep"]
    for name, array in values.items():
        assert found[name].tobytes() == array.tobytes()


def test_the_arrays_outlive_the_body() -> None:
    """What is decoded keeps its numbers when nobody else holds the body any more."""
    body, headers = joined({"inputs": [X]}, ROW.tobytes())
    found = decode(bytes(body), XOR, headers).inputs["x"]
    del body
    gc.collect()
    assert found.tolist() == ROW.tolist()


FAULTS: list[tuple[Interface, tuple[bytes, dict[bytes, bytes]], str, str]] = [
    (XOR, joined({"inputs": [X]}, ROW.tobytes()[:3]), "wrong_shape", SHORT.format("x", 5, "xor")),
    (XOR, joined({"inputs": [X]}), "wrong_shape", SHORT.format("x", 8, "xor")),
    (XOR, (joined({"inputs": [X]})[0], {}), "wrong_shape", SHORT.format("x", 8, "xor")),
    (WIDE_DEEP, joined({"inputs": [WIDE, DEEP]}, bytes(15)), "wrong_shape", SHORT.format("deep", 1, "wide_deep")),
    (XOR, joined({"inputs": [X]}, ROW.tobytes(), b"1"), "malformed_request", LEFT_OVER.format("xor")),
    (XOR, joined({"records": [{"x": [1, 2]}]}, b"1"), "malformed_request", LEFT_OVER.format("xor")),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=4)]}, bytes(8)), "wrong_shape", MISMATCH.format(8, 4)),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=12)]}, bytes(12)), "wrong_shape", MISMATCH.format(8, 12)),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=0)]}), "wrong_shape", MISMATCH.format(8, 0)),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=2**64 - 1)]}), "wrong_shape", f"expecting {2**64 - 1}"),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=-8)]}, bytes(8)), "malformed_request", "Received -8."),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size="8")]}, bytes(8)), "malformed_request", 'the string "8"'),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=True)]}, bytes(8)), "malformed_request", "Received true."),
    (XOR, joined({"inputs": [blob("x", ROW, binary_data_size=8.0)]}, bytes(8)), "malformed_request", "Received 8.0."),
    (XOR, joined({"inputs": [{**X, "data": [1, 2]}]}, bytes(8)), "malformed_request", "for input 'x'. Received both."),
    (XOR, joined({"inputs": [X, X]}, bytes(16)), "malformed_request", "each input once. Received 'x' twice."),
    (XOR, joined({"inputs": [{**X, "datatype": "BYTES"}]}, bytes(8)), "wrong_type", "data-type is 'BYTES', but model"),
    (XOR, joined({"inputs": [X]}, bytes(8), length=9999), "malformed_request", RANGE.format(111, 9999)),
    (XOR, joined({"inputs": [X]}, bytes(8), length=-1), "malformed_request", RANGE.format(111, -1)),
    (XOR, joined({"inputs": [X]}, bytes(8), length=b"9" * 5000), "malformed_request", RANGE.format(111, "9" * 40)),
    (XOR, joined({"inputs": [X]}, bytes(8), length=b""), "malformed_request", PARSE.format("")),
    (XOR, joined({"inputs": [X]}, bytes(8), length=b"1e2"), "malformed_request", PARSE.format("1e2")),
    (XOR, joined({"inputs": [X]}, bytes(8), length="٣".encode()), "malformed_request", PARSE.format("٣")),
    (XOR, joined({"inputs": [X]}, bytes(8), length=104), "malformed_json", "JSON Parse error"),
    (XOR, joined({"inputs": [X]}, np.float32([1, np.nan]).tobytes()), "not_finite", "Received nan at inputs.x[0][1]."),
    (XOR, joined({"inputs": [X]}, np.float32([np.inf, 1]).tobytes()), "not_finite", "Received inf at inputs.x[0][0]."),
    (HALF, joined({"inputs": [HALF_X]}, b"\0\x7c\0\0"), "not_finite", "a finite FP16 number"),
    (BOOL, joined({"inputs": [BOOL_X]}, b"\1\2"), "wrong_type", "Expected a byte 0 or 1. Received 2 at inputs.x[0][1]"),
    (XOR, (bytes(7), {LENGTH: b"0"}), "wrong_shape", MISMATCH.format(8, 7)),
    (XOR, (bytes(16), {LENGTH: b"0"}), "wrong_shape", MISMATCH.format(8, 16)),
    (XOR, (b"", {LENGTH: b"0"}), "wrong_shape", MISMATCH.format(8, 0)),
    (XOR, (np.float32([np.nan, 1]).tobytes(), {LENGTH: b"00"}), "not_finite", "a finite FP32 number"),
    (WIDE_DEEP, (bytes(16), {LENGTH: b"0"}), "malformed_request", "1 input (found 1) to be deduced but got 2"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "sent", "code", "text"), FAULTS)
def test_a_fault_has_tritons_words(
    model: Interface, sent: tuple[bytes, dict[bytes, bytes]], code: str, text: str
) -> None:
    """What is wrong with the bytes or with the length of the JSON is told in words that clients match, with 400."""
    fault = refused(*sent, model)
    assert (fault.code, fault.status) == (code, 400)
    assert text in fault.sentence
    assert len(fault.sentence) < 500


@pytest.mark.parametrize(("value", "code"), [(2, ""), (3, "out_of_range"), (1.5, "wrong_type"), (-1, "out_of_range")])
def test_fields_hold_for_bytes_too(value: float, code: str) -> None:
    """A category outside its vocabulary is refused whatever form it comes in."""
    x, picture = np.float32([[0, 0, value, 0, 15800]]), np.zeros((1, 3, 4), np.uint8)
    body, headers = joined(
        {"inputs": [blob("x", x), blob("picture", picture, "UINT8")]}, x.tobytes(), picture.tobytes()
    )
    if code:
        fault = refused(body, headers, FIELDS)
        assert (fault.code, fault.place) == (code, "inputs.x[0][2]")
    else:
        assert decode(body, FIELDS, headers).inputs["x"].tolist() == x.tolist()


@pytest.mark.parametrize("extra", [b"", b" ", b"\n"])
def test_a_length_of_json_alone_changes_nothing(extra: bytes) -> None:
    """The header on a request without raw bytes is harmless."""
    body = json.dumps({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}).encode() + extra
    assert decode(body, XOR, {LENGTH: b"%d" % len(body)}).inputs["x"].tolist() == ROW.tolist()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_whole_body_is_the_one_row(dtype: str) -> None:
    """A request without JSON is one row of the one input, and all outputs are to come as bytes."""
    model = interface(inputs=[tensor("x", dtype, (2,))], outputs=[output("y"), output("z", (1,), "FP16")])
    row = np.array([[1, 0]], DTYPES[dtype])
    found = decode(row.tobytes(), model, {LENGTH: b"0"})
    assert found.inputs["x"].tobytes() == row.tobytes()
    assert found.inputs["x"].shape == row.shape
    assert (found.rows, found.outputs, found.binary) == (1, ("y", "z"), {"y", "z"})


def test_an_empty_body_with_json_of_no_length_is_no_row() -> None:
    """Without the header, an empty body is missing JSON, not a raw request."""
    assert refused(b"", {}, XOR).code == "malformed_json"


@given(st.integers(0, 2**70), st.integers(0, 2**20))
def test_a_length_is_taken_up_to_the_whole_body(length: int, size: int) -> None:
    """Exactly the numbers from 0 to the size are taken, with leading zeros or without."""
    for value in (b"%d" % length, b"000%d" % length):
        if length <= size:
            assert json_length(value, size) == length
        else:
            with pytest.raises(ServiceError):
                json_length(value, size)


@pytest.mark.parametrize("start", range(9))
def test_bytes_at_odd_places_become_whole_words(start: int) -> None:
    """Wherever the JSON ends, engines get arrays whose elements lie at multiples of their size."""
    model = interface(inputs=[tensor("x", "FP64", (2,))])
    row = np.float64([[1, 2]])
    found = from_bytes(bytes(start) + row.tobytes(), start, 16, model.inputs["x"], 1, model)
    assert found.flags.aligned
    assert found.tolist() == row.tolist()
