"""Bodies that are made to hurt the decoder of V2."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ClientFault, ServiceError
from service.interface import Interface
from service.protocols.openinference import decode
from tests.json_bombs import BROKEN, DEPTHS, HUGE, PARSED, nested
from tests.nested import JSON, NUMBERS_NESTED
from tests.service.protocols.infer_bodies import LENGTH
from tests.toy_signatures import every_kind, interface, tensor, wide_deep

MODELS = {"one input": interface(), "two inputs": wide_deep(), "fields": every_kind()}
XOR = MODELS["one input"]
HEAD = '{"inputs":[{"name":"x","datatype":"FP32",'
PARTS = ["shape", "data", "parameters", "name", "datatype"]
BOMBS = PARSED | BROKEN | HUGE
WORDS = st.sampled_from([b"{", b"}", b"[", b"]", b",", b":", b'"inputs"', b'"name"', b'"x"', b'"data"', b"1", b"null"])

keys = st.sampled_from(["inputs", "records", "outputs", "parameters", "id", *PARTS])
wishes = st.sampled_from(
    ["binary_data", "binary_data_size", "binary_data_output", "classification", "timeout", "sequence_id", "triton_x"]
)
sizes = st.lists(st.integers(-1, 5), max_size=3)
data = st.lists(st.integers(0, 3), max_size=6) | st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=3)
entries = st.fixed_dictionaries(
    {"name": st.sampled_from(["x", "wide", "deep", "picture"]), "datatype": st.sampled_from(["FP32", "UINT8"])},
    optional={
        "shape": st.just([1, 2]) | sizes | JSON,
        "data": data | NUMBERS_NESTED | JSON,
        "parameters": st.dictionaries(keys, JSON) | st.dictionaries(wishes, JSON | st.integers(0, 12), max_size=3),
    },
)
wanted = st.fixed_dictionaries(
    {"name": st.sampled_from(["y", "main", "aux"])},
    optional={"parameters": st.dictionaries(wishes, JSON | st.integers(0, 3) | st.booleans(), max_size=3)},
)
requests = st.fixed_dictionaries(
    {"inputs": st.lists(entries, max_size=3) | JSON},
    optional={
        "outputs": JSON | st.lists(wanted, max_size=3),
        "parameters": JSON | st.dictionaries(wishes, JSON, max_size=3),
        "records": JSON,
        "id": JSON,
    },
)


def outcome(body: bytes, model: Interface, length: bytes | None = None) -> dict[str, np.ndarray] | ServiceError:
    """The inputs of a body, or its fault; anything else that is raised fails the test."""
    try:
        return decode(body, model, {} if length is None else {LENGTH: length}).inputs
    except ServiceError as error:
        return error


@pytest.mark.parametrize(
    "text", [text for name, text in BOMBS.items() if name != "flat"], ids=[name for name in BOMBS if name != "flat"]
)
def test_a_bomb_is_refused(text: str) -> None:
    """No bomb in the place of data is ever answered: each is 400."""
    found = outcome(f'{HEAD}"shape":[2,2],"data":{text}}}]}}'.encode(), XOR)
    assert isinstance(found, ClientFault)
    assert found.status == 400
    assert len(found.sentence) < 1000


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", ["shape", "data", "outputs", "id"])
def test_depth_is_refused(depth: int, place: str) -> None:
    """However deep lists are nested in whatever place, the body is refused, or the place does not matter."""
    parts = {"shape": "[1,2]", "data": "[1,2]", "outputs": "[]", "id": '""', place: nested(depth)}
    entry = f'{HEAD}"shape":{parts["shape"]},"data":{parts["data"]}}}]'
    found = outcome(f'{entry},"outputs":{parts["outputs"]},"id":{parts["id"]}}}'.encode(), XOR)
    if place == "id" and depth < 1023:
        assert isinstance(found, dict)
    else:
        assert isinstance(found, ClientFault)
        assert found.status == 400


@pytest.mark.parametrize("at", [1, 4095, 4096, 4097, 7839])
@pytest.mark.parametrize("dtype", ["UINT8", "FP32", "BOOL"])
@pytest.mark.parametrize("inside", [[1], [], [1, 2], [[1]]])
def test_nothing_hides_in_long_flat_data(at: int, dtype: str, inside: list[Any]) -> None:
    """A list in the place of a number is found behind any number of good ones."""
    model = interface(inputs=[tensor("x", dtype, (28, 28))], max_rows=10)
    good: Any = dtype == "BOOL" or 1
    values: list[Any] = [good] * 7840
    entry = {"name": "x", "datatype": dtype, "shape": [10, 28, 28], "data": values}
    assert isinstance(outcome(json.dumps({"inputs": [entry]}).encode(), model), dict)
    values[at] = inside
    found = outcome(json.dumps({"inputs": [entry]}).encode(), model)
    assert isinstance(found, ClientFault)
    assert found.place.startswith("inputs.x.data")


def test_a_shape_may_not_ask_for_more_than_came() -> None:
    """A vast shape over little data is refused before anything of that size is made."""
    model = interface(max_rows=2**62)
    found = outcome(f'{HEAD}"shape":[{2**61},2],"data":[1,2]}}]}}'.encode(), model)
    assert isinstance(found, ClientFault)
    assert found.code == "wrong_shape"


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(body=st.binary(max_size=80) | st.lists(WORDS, max_size=20).map(b"".join))
def test_any_bytes_are_decoded_or_refused(model: Interface, body: bytes) -> None:
    """Nothing but a `ServiceError` comes of arbitrary bytes."""
    assert isinstance(outcome(body, model), dict | ClientFault)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(max_examples=200)
@given(value=requests | st.dictionaries(keys, JSON) | JSON)
def test_any_json_is_decoded_or_refused(model: Interface, value: Any) -> None:
    """Nothing but a `ServiceError` comes of arbitrary JSON; what is decoded has the model's shapes and is finite."""
    found = outcome(json.dumps(value).encode(), model)
    if isinstance(found, ServiceError):
        assert found.status in (400, 501)
        json.loads(found.body())
        return
    for name, one in model.inputs.items():
        assert found[name].dtype == one.numpy
        assert found[name].shape[1:] == one.shape
        assert np.isfinite(found[name]).all()


@given(sizes, data)
def test_shape_and_data_must_agree(shape: list[int], values: Any) -> None:
    """Decoded are exactly the requests whose data, nested or flat, have the shape that they declare."""
    sound = len(shape) == 2 and shape[1] == 2 and shape[0] >= 1
    if sound and values and isinstance(values[0], list):
        sound = len(values) == shape[0] and all(len(row) == 2 for row in values)
    elif sound:
        sound = len(values) == 2 * shape[0]
    entry = {"name": "x", "datatype": "FP32", "shape": shape, "data": values}
    found = outcome(json.dumps({"inputs": [entry]}).encode(), XOR)
    assert isinstance(found, dict) == sound
    if isinstance(found, dict):
        assert found["x"].reshape(-1).tolist() == np.asarray(values).reshape(-1).tolist()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(
    head=st.dictionaries(keys, JSON) | requests,
    behind=st.binary(max_size=40),
    length=st.integers(-3, 3) | st.binary(max_size=4),
)
def test_any_bytes_behind_any_json_are_decoded_or_refused(
    model: Interface, head: Any, behind: bytes, length: int | bytes
) -> None:
    """Nothing but a `ServiceError` comes of arbitrary bytes, wherever the header says that the JSON ends."""
    text = json.dumps(head).encode()
    value = length if isinstance(length, bytes) else b"%d" % (len(text) + length)
    assert isinstance(outcome(text + behind, model, value), dict | ServiceError)


@given(rows=st.integers(0, 3), declared=st.integers(0, 25), sent=st.integers(0, 25), good=st.booleans())
def test_shape_size_and_bytes_must_agree(rows: int, declared: int, sent: int, good: bool) -> None:
    """Decoded are exactly the requests whose bytes are as many as they say and as their shape needs."""
    if good:
        declared = sent = 8 * rows
    entry = {"name": "x", "datatype": "FP32", "shape": [rows, 2], "parameters": {"binary_data_size": declared}}
    text = json.dumps({"inputs": [entry]}).encode()
    found = outcome(text + b"\1" * sent, XOR, b"%d" % len(text))
    assert isinstance(found, dict) == (8 * rows == declared == sent > 0)
    if isinstance(found, dict):
        assert found["x"].tobytes() == b"\1" * sent


def test_a_hundred_thousand_keys_are_read_once() -> None:
    """Neither the top nor a tensor nor its parameters are searched once a key: such a body is refused at once."""
    many = ",".join(f'"k{number}":1' for number in range(100_000))
    for text in (f'{{{many},"inputs":[]}}', f'{{"inputs":[{{{many}}}]}}', f'{{"inputs":[],"parameters":{{{many}}}}}'):
        assert isinstance(outcome(text.encode(), XOR), ClientFault)
