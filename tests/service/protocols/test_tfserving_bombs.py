"""Bodies that are made to hurt TensorFlow Serving's decoders."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ClientFault, ServiceError
from service.interface import Interface
from service.protocols.tfserving import decode
from service.protocols.tfserving_examples import CLASSIFY
from tests.json_bombs import BROKEN, DEPTHS, HUGE, PARSED, nested
from tests.nested import JSON, NUMBERS_NESTED
from tests.toy_signatures import every_kind, interface, wide_deep

MODELS = {"one input": interface(max_rows=2000), "two inputs": wide_deep(), "fields": every_kind()}
XOR = MODELS["one input"]
FORMS = ["instances", "inputs", "records"]
keys = st.sampled_from([*FORMS, "signature_name", "x", "wide", "deep", "size"])
example_keys = st.sampled_from(["examples", "context", "signature_name"])
WORDS = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"instances"', b'"inputs"', b'"x"', b"1", b"1.5", b"null"]
)


def outcome(body: bytes, model: Interface) -> dict[str, np.ndarray] | ServiceError:
    """The inputs of a body, or its fault; anything else that is raised fails the test."""
    try:
        return decode(body, model).inputs
    except ServiceError as error:
        return error


@pytest.mark.parametrize("form", ["instances", "inputs"])
@pytest.mark.parametrize("text", [*PARSED.values(), *BROKEN.values(), *HUGE.values()], ids=[*PARSED, *BROKEN, *HUGE])
def test_a_bomb_is_refused(text: str, form: str) -> None:
    """No bomb is ever answered: each is 400, with one of the words for input that does not fit."""
    found = outcome(f'{{"{form}":{text}}}'.encode(), XOR)
    assert isinstance(found, ClientFault)
    assert found.status == 400
    assert len(found.sentence) < 1000


@pytest.mark.parametrize("form", ["instances", "inputs", "records"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_is_refused(depth: int, form: str) -> None:
    """However deep lists are nested, the body is refused with 400."""
    found = outcome(f'{{"{form}":{nested(depth)}}}'.encode(), XOR)
    assert isinstance(found, ClientFault)
    assert (found.status, found.code == "malformed_json") == (400, depth >= 1023)


def test_a_number_beyond_float32_is_refused() -> None:
    """1e39 is no FP32 number, and no answer is computed from an infinity."""
    for body in (b'{"instances":[[1e39,1]]}', b'{"inputs":[[1,-1e39]]}', b'{"records":[{"x":[1e39,1]}]}'):
        found = outcome(body, XOR)
        assert isinstance(found, ClientFault)
        assert found.code == "not_finite"
    record = {"size": 1, "count": 1e39, "start": "00:00", "day": "2013-01-01", "picture": [[0] * 4] * 3}
    found = outcome(json.dumps({"records": [record]}).encode(), MODELS["fields"])
    assert isinstance(found, ClientFault)


@pytest.mark.parametrize("at", [0, 1, 5001, 5999])
def test_nothing_hides_in_a_long_row(at: int) -> None:
    """A list in the place of a number is found in a row of any length."""
    model = interface(inputs=[{"name": "x", "dtype": "FP32", "shape": [6000], "description": ""}])
    row: list[Any] = [1] * 6000
    assert not isinstance(outcome(json.dumps({"instances": [row]}).encode(), model), ServiceError)
    row[at] = [1]
    found = outcome(json.dumps({"instances": [row]}).encode(), model)
    assert isinstance(found, ClientFault)
    assert found.code in ("wrong_type", "ragged_rows", "wrong_shape")


def test_many_rows_are_too_many_before_they_are_read() -> None:
    """`[],` repeated up to the limit of a body is one refusal."""
    found = outcome(b'{"instances":[' + b"[]," * 1_000_000 + b"[]]}", XOR)
    assert isinstance(found, ClientFault)
    assert (found.status, found.code) == (413, "too_large")


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(body=st.binary(max_size=80) | st.lists(WORDS, max_size=20).map(b"".join))
def test_any_bytes_are_decoded_or_refused(model: Interface, body: bytes) -> None:
    """Nothing but a `ServiceError` comes of arbitrary bytes."""
    found = outcome(body, model)
    assert isinstance(found, dict) or found.status // 100 == 4


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(max_examples=200)
@given(value=st.dictionaries(keys, JSON | NUMBERS_NESTED | st.dictionaries(keys, JSON) | st.lists(JSON)) | JSON)
def test_any_json_is_decoded_or_refused(model: Interface, value: Any) -> None:
    """Nothing but a client's fault comes of arbitrary JSON; what is decoded has the model's shapes and is finite."""
    found = outcome(json.dumps(value).encode(), model)
    if isinstance(found, ServiceError):
        assert isinstance(found, ClientFault)
        json.loads(found.body())
        return
    for name, one in model.inputs.items():
        assert found[name].dtype == one.numpy
        assert found[name].shape[1:] == one.shape
        assert np.isfinite(found[name]).all()


@given(st.lists(st.lists(st.integers(-3, 3) | st.lists(st.integers(-3, 3), max_size=2), max_size=3), max_size=4))
def test_only_rows_of_two_numbers_are_decoded(rows: list[Any]) -> None:
    """`instances` and `inputs` take exactly the same lists: those of pairs of numbers."""
    sound = bool(rows) and all(len(row) == 2 and all(isinstance(item, int) for item in row) for row in rows)
    for form in ("instances", "inputs"):
        found = outcome(json.dumps({form: rows}).encode(), XOR)
        assert isinstance(found, dict) == sound
        if isinstance(found, dict):
            assert found["x"].tolist() == rows


@pytest.mark.parametrize("text", [*PARSED.values(), *BROKEN.values(), *HUGE.values()], ids=[*PARSED, *BROKEN, *HUGE])
def test_a_bomb_among_examples_is_refused(text: str) -> None:
    """No bomb is ever classified, whether it stands for the examples, a feature, an element of one or the context."""
    sound = text == PARSED["flat"]  # as a feature
    values = ([] if sound else [f'[{{"x":{text}}}]']) + [text, f'[{{"x":[1,{text}]}}]']
    for value in [*values, f'[{{}}],"context":{{"x":[{text},2]}}']:
        with pytest.raises(ClientFault) as caught:
            CLASSIFY.decode(f'{{"examples":{value}}}'.encode(), XOR)
        assert caught.value.status == 400
        assert len(caught.value.sentence) < 1000


@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_among_examples_is_refused(depth: int) -> None:
    """However deep a feature is nested, the body is refused with 400."""
    for model in MODELS.values():
        with pytest.raises(ClientFault) as caught:
            CLASSIFY.decode(f'{{"examples":[{{"x":{nested(depth)}}}]}}'.encode(), model)
        assert caught.value.status == 400


def test_brackets_beside_the_rows_cost_no_search() -> None:
    """Text and unread keys full of brackets make nothing suspicious, and hide nothing."""
    surplus = '"[[[[", "more": [[[["["]]]]'
    assert not isinstance(outcome(f'{{"instances":[[1,2]],"text":{surplus}}}'.encode(), XOR), ServiceError)
    found = outcome(f'{{"instances":[[1,2],[3,[4]]],"text":{surplus}}}'.encode(), XOR)
    assert isinstance(found, ClientFault)
    assert found.place == "instances[1]"


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(body=st.dictionaries(example_keys, JSON | NUMBERS_NESTED | st.lists(st.dictionaries(keys, JSON), max_size=3)))
def test_any_examples_are_decoded_or_refused(model: Interface, body: Any) -> None:
    """Nothing but a client's fault comes of arbitrary examples; what is decoded has the model's shapes."""
    try:
        found = CLASSIFY.decode(json.dumps(body).encode(), model)
    except ClientFault as fault:
        json.loads(fault.body())
        return
    for name, one in model.inputs.items():
        assert found.inputs[name].dtype == one.numpy
        assert found.inputs[name].shape == (found.rows, *one.shape)
        assert np.isfinite(found.inputs[name]).all()
